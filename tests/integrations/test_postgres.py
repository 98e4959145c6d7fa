"""The embedded server: started, joined, refused, recovered."""

import os
import signal
import socket
import time
from pathlib import Path

import psycopg
import pytest

from integrations.postgres import EmbeddedPostgres, PostgresError

FAST = {"fsync": "off"}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose parents the system user may pass."""
    path = tmp_path_factory.mktemp("pg")
    for parent in (path, *path.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    return path / "data"


@pytest.mark.slow
def test_the_password_is_needed_and_only_loopback_listens(folder: Path) -> None:
    with EmbeddedPostgres(folder, FAST) as server:
        url = server.ensure_database()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("carimbo",)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://carimbo:wrong@127.0.0.1:{port}/carimbo")
        assert (folder / "postgres.password").stat().st_mode & 0o077 == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
def test_a_running_server_is_joined_and_left_running(folder: Path) -> None:
    with EmbeddedPostgres(folder, FAST) as owner:
        joined = EmbeddedPostgres(folder)
        joined.start()
        assert joined.pid is None
        assert joined.url() == owner.url()
        joined.stop()
        assert owner.answers()


@pytest.mark.slow
def test_after_a_kill_it_comes_back_on_the_same_port_with_its_data(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        url = server.ensure_database()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        while server.alive():
            time.sleep(0.01)
        server.start()
        assert server.url() == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


@pytest.mark.skipif(os.geteuid() != 0, reason="só root pode criar a pasta de outra pessoa e um caminho fechado")
def test_what_belongs_to_somebody_else_or_is_out_of_reach_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    with pytest.raises(PostgresError, match="pertence a nobody"):
        EmbeddedPostgres(folder).start()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match="não alcança"):
        EmbeddedPostgres(closed / "data").start()
    assert closed.stat().st_mode & 0o777 == 0o700
