"""One installation as `carimbo start` makes it, for the tests to break: its processes, its database, its bridge."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import requests

from integrations.postgres import EmbeddedPostgres, PostgresError
from webapp import wiring
from webapp.cli.installation import ROOT
from webapp.cli.visit import Visit
from webapp.settings import Settings
from workflow import clock, database

T = TypeVar("T")
OPENED = "2026-11-24T10:00"
DAY = date(2026, 11, 24)
SECRET_PATH = "um-caminho-secreto-de-teste"  # noqa: S105 - of a bridge that lives for the tests


class House:
    """Start, break, ask, stop."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="carimbo-resilience-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "dados"
        self.mail_port = free_port()
        self._log = open(self.folder / "start.log", "wb")  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            [ROOT / ".venv" / "bin" / "carimbo", "start", "--data", self.data, "--at", OPENED, "--port", str(free_port())],
            env=self._environment(), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd="/",
        )  # fmt: skip
        self.wait("o início", lambda: "Ctrl+C encerra" in (self.folder / "start.log").read_text(), 90)
        kept = json.loads((self.data / "demonstracao.json").read_text())
        self.passwords: dict[str, str] = kept["passwords"]
        self.url: str = self.running()["url"]
        self.config = self.data / "ponte" / "ponte.toml"
        listen = next(line for line in self.config.read_text().splitlines() if line.startswith("listen"))
        self.keypad = "http://" + listen.split('"')[1]

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("CARIMBO_", "DATABASE_URL"))}
        return {**kept, "CARIMBO_MAIL_URL": f"smtp://127.0.0.1:{self.mail_port}"}

    def stop(self) -> None:
        """End everything, the supervisor first; nothing of it may be left running."""
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(60)
        finally:
            self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- processes ----------------------------------------------------------------------------------------------------

    def running(self) -> dict[str, Any]:
        """What `running.json` says."""
        found: dict[str, Any] = json.loads((self.data / "running.json").read_text())
        return found

    def pid(self, program: str) -> int:
        """The process id of one program."""
        return int(self.running()["pids"][program])

    def alive(self, program: str) -> bool:
        """Whether the process that `running.json` names is there, and is no zombie."""
        try:
            return Path(f"/proc/{self.pid(program)}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def kill(self, program: str) -> None:
        """kill -9."""
        os.kill(self.pid(program), signal.SIGKILL)

    @contextmanager
    def nobody_tends(self) -> Iterator[None]:
        """The supervisor sleeps: what dies stays dead."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def wait_up(self, seconds: float = 60) -> None:
        """Until every program answers again."""
        self.wait("o banco", lambda: self.answers_queries(), seconds)
        self.wait("o servidor", lambda: _answers(f"{self.url}/readyz"), seconds)
        self.wait("a ponte", lambda: _answers(f"{self.keypad}/healthz"), seconds)

    def log(self, program: str) -> str:
        """What a program has written so far."""
        return (self.data / "logs" / f"{program}.log").read_text(errors="replace")

    def audit(self) -> subprocess.CompletedProcess[str]:
        """`carimbo audit verify --json`, as a person runs it while the installation runs."""
        command = [ROOT / ".venv" / "bin" / "carimbo", "audit", "verify", "--json", "--data", self.data]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, timeout=120, cwd="/")

    # -- the database -------------------------------------------------------------------------------------------------

    @property
    def database_url(self) -> str:
        """The address of the database, read anew each time."""
        return EmbeddedPostgres(self.data).url()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query of the test's own."""
        with psycopg.connect(self.database_url, connect_timeout=5) as connection:
            return connection.execute(query.encode(), values or None).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        ((value,),) = self.rows(query, *values)
        return value

    def answers_queries(self) -> bool:
        """Whether the database is up."""
        try:
            return bool(self.one("SELECT true"))
        except (psycopg.Error, PostgresError):
            return False

    def dump(self) -> bytes:
        """Every table with its rows, as pg_dump writes them."""
        server = EmbeddedPostgres(self.data)
        return subprocess.run([server.binary("pg_dump"), server.url()], capture_output=True, check=True, cwd="/").stdout

    def files_with(self, needle: bytes) -> list[Path]:
        """The files of the data folder, but for the database's own pages, whose bytes hold the needle."""
        files = [
            path for path in self.data.rglob("*") if path.is_file() and (self.data / "postgres") not in path.parents
        ]
        return [path for path in files if "pginstall" not in str(path) and needle in path.read_bytes()]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The packages of this process wired to the installation, with its clock: for making what a test begins with."""
        wiring.wire(Settings.from_environment({
            "DATABASE_URL": self.database_url, "CARIMBO_DATA": str(self.data), "CARIMBO_PUBLIC_URL": self.url,
            "CARIMBO_CLOCK_OFFSET": str(self.offset().total_seconds()),
            "CARIMBO_MAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
        }))  # fmt: skip
        try:
            yield
        finally:
            database.dispose()
            clock.configure(timedelta(0))

    def offset(self) -> timedelta:
        """How far the installation's legal clock is shifted."""
        environment = Path(f"/proc/{self.pid('web')}/environ").read_bytes().split(b"\0")
        stated = next(item for item in environment if item.startswith(b"CARIMBO_CLOCK_OFFSET="))
        return timedelta(seconds=float(stated.partition(b"=")[2]))

    # -- people -------------------------------------------------------------------------------------------------------

    def staff(self, login: str) -> Visit:
        """A servant of the demonstration, signed in."""
        visit = Visit(self.url)
        visit.sign_in(login, self.passwords[login])
        return visit

    def install_terminal(self, users: dict[str, UUID]) -> None:
        """Give the bridge a Control iD terminal whose users are these people, and start it again."""
        people = ", ".join(f'"{user}" = "{person}"' for user, person in users.items())
        text = self.config.read_text().partition("# terminal")[0]
        self.config.write_text(f"""{text}# terminal
[[devices]]
name = "catraca-1"
kind = "controlid"
secret_path = "{SECRET_PATH}"
allow = ["127.0.0.0/8"]
people = {{ {people} }}
""")
        self.restart("bridge")

    def restart(self, program: str) -> None:
        """Kill a program and wait until its successor answers."""
        before = self.pid(program)
        self.kill(program)
        self.wait(f"o novo {program}", lambda: self.pid(program) != before, 40)
        self.wait_up()

    def wait(self, what: str, look: Callable[[], T | None], seconds: float = 30) -> T:
        """The first true value of `look`; a failure that says what did not happen, with the supervisor's last words."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        log = (self.folder / "start.log").read_text(errors="replace")[-2000:]
        raise AssertionError(f"{what}: não aconteceu em {seconds:.0f} s\n{log}")


def cpf(number: int) -> str:
    """A well-formed CPF made of a number."""
    digits = [int(digit) for digit in f"{number:09}"]
    for length in (9, 10):
        rest = sum(digit * weight for digit, weight in zip(digits, range(length + 1, 1, -1), strict=False)) * 10 % 11
        digits.append(0 if rest == 10 else rest)
    return "".join(map(str, digits))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=3).status_code == 200
    except requests.RequestException:
        return False
