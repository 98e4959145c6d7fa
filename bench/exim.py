"""A real exim4 on loopback, with a configuration and a spool of its own: the system's is never touched."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

BINARY = Path("/usr/sbin/exim4")
_CONFIGURATION = """
primary_hostname = servidor.example
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
exim_user = {user}
exim_group = {group}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
host_lookup =
rfc1413_query_timeout = 0s
queue_only = true
smtp_accept_max = 20
smtp_accept_max_per_connection = 100000
smtp_accept_queue_per_connection = 0
message_size_limit = 30M
acl_smtp_rcpt = aceita
begin acl
aceita:
  accept
"""


class EximMissing(RuntimeError):
    """exim4 is not installed; the message says how to install it."""


class Exim:
    """An exim4 that accepts everything and queues it; what it accepted is counted in its own log."""

    def __init__(self, folder: Path) -> None:
        if not BINARY.exists():
            raise EximMissing("Falta o exim4. Instale-o: apt-get install exim4-daemon-light")
        self.folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Exim:
        user = _user()
        for name in ("spool", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        text = _CONFIGURATION.format(folder=self.folder, port=self.port, user=user.pw_name, group=user.pw_gid)
        configuration = self.folder / "exim.conf"
        configuration.write_text(text)
        configuration.chmod(0o644)
        command = [str(BINARY), "-C", str(configuration), "-bdf"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        shutil.rmtree(self.folder / "spool", ignore_errors=True)

    def accepted(self) -> Counter[str]:
        """Message-ID → how often the server accepted it."""
        with suppress(FileNotFoundError):
            log = (self.folder / "log" / "mainlog").read_text(errors="replace")
            return Counter(re.findall(r" <= .* id=(\S+)", log))
        return Counter()

    def _wait(self) -> None:
        assert self._process is not None
        for _ in range(200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.recv(100)
                return
            if self._process.poll() is not None:
                said = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
                raise RuntimeError(f"exim4 did not start: {said}")
            time.sleep(0.05)
        raise RuntimeError("exim4 did not answer")


def _user() -> pwd.struct_passwd:
    """Started by root, exim runs as Debian's user for it; otherwise as whoever starts it."""
    return pwd.getpwnam("Debian-exim") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
