"""Debian's dovecot, started by the tests on loopback with folders and users of its own; never the system's."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from integrations.mailbox_reader import ImapSettings

BINARY = Path("/usr/sbin/dovecot")
USER, PASSWORD = "ceac", "senha da caixa de testes"
_COMMON = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = no
default_internal_user = {system}
default_login_user = {system}
default_internal_group = {group}
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""
_UP_TO_2_3 = """
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
"""
_FROM_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail
passdb passwd-file {{
  passwd_file_path = {folder}/users
  default_password_scheme = PLAIN
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}
  }}
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """A running mailbox."""

    folder: Path
    port: int

    @property
    def settings(self) -> ImapSettings:
        """How to read it."""
        return ImapSettings("127.0.0.1", self.port, "none", USER, PASSWORD, timeout_s=10)

    def deliver(self, message: bytes) -> None:
        """Put a message into the mailbox, as a delivery agent does (maildir: tmp, then new)."""
        name = f"{time.time_ns()}.{os.getpid()}.testes"
        path = self.folder / "mail" / "tmp" / name
        path.write_bytes(message)
        path.chmod(0o666)
        path.rename(self.folder / "mail" / "new" / name)


@contextmanager
def running() -> Iterator[ImapServer]:
    """Dovecot as a child; skipped with what to do where it is not installed."""
    if not BINARY.exists():
        pytest.skip("dovecot ausente: apt-get install dovecot-imapd")
    folder = Path(tempfile.mkdtemp(prefix="carimbo-dovecot-"))
    folder.chmod(0o755)
    for name in ("run", "state", "mail/new", "mail/cur", "mail/tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    port = _free_port()
    owner = pwd.getpwnam("dovecot") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())  # root may own no mail
    for path in (folder / "mail", *(folder / "mail").iterdir()):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    names = {"system": owner.pw_name, "group": grp.getgrgid(owner.pw_gid).gr_name}
    values = {"folder": folder, "port": port, "uid": owner.pw_uid, "gid": owner.pw_gid, **names}
    (folder / "dovecot.conf").write_text(_configuration().format(**values))
    process = subprocess.Popen([str(BINARY), "-F", "-c", str(folder / "dovecot.conf")])
    try:
        _wait(process, port, folder)
        yield ImapServer(folder, port)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _configuration() -> str:
    """Version 2.4 (Debian 13) reads another one than 2.3 (Debian 12, Ubuntu 24.04), its own version first."""
    version = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True, check=True).stdout
    newer = tuple(map(int, version.split()[0].split(".")[:2])) >= (2, 4)
    return _FROM_2_4 + _COMMON if newer else _COMMON + _UP_TO_2_3


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            if connection.recv(100).startswith(b"* OK"):
                return
        if process.poll() is not None:
            log = folder / "dovecot.log"
            raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")
        time.sleep(0.05)
    raise RuntimeError((folder / "dovecot.log").read_text())
