"""The system packages that Carimbo and its tests need, on Debian and Ubuntu: which are missing, and apt for them."""

from __future__ import annotations

import contextlib
import glob
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import terminal

# Package → a file, as a pattern, whose presence shows that it is there.
LIBRARIES = {
    "libpango-1.0-0": "/usr/lib/*/libpango-1.0.so.0",
    "libpangoft2-1.0-0": "/usr/lib/*/libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "/usr/lib/*/libharfbuzz-subset.so.0",
    "fonts-crosextra-carlito": "/usr/share/fonts/truetype/crosextra/Carlito-Regular.ttf",
}
TEST_PROGRAMS = {
    "poppler-utils": "/usr/bin/pdftotext",
    "softhsm2": "/usr/lib/softhsm/libsofthsm2.so",
    "slapd": "/usr/sbin/slapd",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "libatomic1": "/usr/lib/*/libatomic.so.1",  # of the node that drives the browser
}
BROWSER = {"chromium": "/usr/bin/chromium"}
# Ubuntu's chromium is a snap, shut away from the tests' folders: Playwright brings its own, which needs these.
UBUNTU_BROWSER = {
    "fonts-liberation": "/usr/share/fonts/truetype/liberation*",
    "libasound2t64": "/usr/lib/*/libasound.so.2",
    "libatk-bridge2.0-0t64": "/usr/lib/*/libatk-bridge-2.0.so.0",
    "libatk1.0-0t64": "/usr/lib/*/libatk-1.0.so.0",
    "libatspi2.0-0t64": "/usr/lib/*/libatspi.so.0",
    "libcairo2": "/usr/lib/*/libcairo.so.2",
    "libcups2t64": "/usr/lib/*/libcups.so.2",
    "libdbus-1-3": "/usr/lib/*/libdbus-1.so.3",
    "libdrm2": "/usr/lib/*/libdrm.so.2",
    "libgbm1": "/usr/lib/*/libgbm.so.1",
    "libglib2.0-0t64": "/usr/lib/*/libglib-2.0.so.0",
    "libnspr4": "/usr/lib/*/libnspr4.so",
    "libnss3": "/usr/lib/*/libnss3.so",
    "libx11-6": "/usr/lib/*/libX11.so.6",
    "libxcb1": "/usr/lib/*/libxcb.so.1",
    "libxcomposite1": "/usr/lib/*/libXcomposite.so.1",
    "libxdamage1": "/usr/lib/*/libXdamage.so.1",
    "libxext6": "/usr/lib/*/libXext.so.6",
    "libxfixes3": "/usr/lib/*/libXfixes.so.3",
    "libxkbcommon0": "/usr/lib/*/libxkbcommon.so.0",
    "libxrandr2": "/usr/lib/*/libXrandr.so.2",
}
POLICY = Path("/usr/sbin/policy-rc.d")
OS_RELEASE = Path("/etc/os-release")
_OURS = "# Carimbo's set-up: no service starts while it installs packages."
_APT = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "NEEDRESTART_SUSPEND": "1"}
# apt tells its progress on descriptor 3, joined to what it says; it closes that descriptor to the packages' scripts.
_APT_GET = ["sh", "-c", 'exec apt-get "$@" 3>&1', "apt-get", "-qq", "-o", "APT::Status-Fd=3", "-o", "Dpkg::Use-Pty=0",
            "-o", "DPkg::Lock::Timeout=600"]  # fmt: skip


def provide(purpose: str) -> None:
    """Install what is missing for `purpose` (run or test) when root; otherwise say how it is installed."""
    wanted = missing(purpose)
    if not wanted:
        return
    if shutil.which("apt-get") is None:
        raise terminal.SetupError(
            f"Faltam pacotes do sistema, e não há apt-get para instalá-los. No Debian eles se chamam:\n\n  {' '.join(wanted)}"
        )
    if os.geteuid() != 0:
        raise terminal.SetupError(_advice(purpose, wanted))
    terminal.say(f"Faltam no sistema: {', '.join(wanted)}.")
    with terminal.Step("Pacotes do sistema") as step:
        _install(wanted, step)


def missing(purpose: str) -> list[str]:
    """The packages whose files are not there, or that an interrupted apt left in the middle."""
    wanted = dict(LIBRARIES)
    if purpose == "test":
        wanted |= TEST_PROGRAMS | (UBUNTU_BROWSER if is_ubuntu() else BROWSER)
    halves = _half_installed([*wanted, "python3-venv"])
    names = [name for name, pattern in wanted.items() if name in halves or not glob.glob(pattern)]
    venv = subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True)
    return names if venv.returncode == 0 and "python3-venv" not in halves else [*names, "python3-venv"]


def _half_installed(names: list[str]) -> set[str]:
    """Those that dpkg has unpacked (U), half configured (F) or half installed (H)."""
    if shutil.which("dpkg-query") is None:
        return set()
    command = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *names]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {name for name, state in (line.split(" ", 1) for line in lines) if state[1:2] in "UFH"}


def is_ubuntu() -> bool:
    """True on Ubuntu and what is made from it."""
    with contextlib.suppress(OSError):
        lines = OS_RELEASE.read_text().splitlines()
        families = [line.partition("=")[2].strip("\"'") for line in lines if line.startswith(("ID=", "ID_LIKE="))]
        return "ubuntu" in " ".join(families).split()
    return False


def _advice(purpose: str, wanted: list[str]) -> str:
    script = shlex.quote(str(terminal.ROOT / "scripts" / "setup.py"))
    command = f"python3 -B {script} {purpose} --system"  # -B: root leaves no file here
    as_root = f"sudo {command}" if shutil.which("sudo") else f"su -l -c {shlex.quote(command)}"
    return (
        f"Faltam pacotes do sistema, que só o administrador instala:\n\n  {' '.join(wanted)}\n\n"
        f"Instale-os assim (só eles, pelo apt, sem pôr serviços no ar) e rode o comando de novo:\n\n  {as_root}"
    )


def _install(names: list[str], step: terminal.Step) -> None:
    with no_service_starts():
        # Ends what an interrupted apt left in the middle; says nothing when there is nothing.
        terminal.attempt(["dpkg", "--configure", "-a"], terminal.silent, step, _APT, apart=True)
        updated = _update(step)
        command = [*_APT_GET, "install", "-y", "--no-install-recommends", *names]
        status, said = terminal.attempt(command, _progress, step, _APT, apart=True)
    if status != 0:
        raise terminal.failure("apt-get", updated + said)


def _update(step: terminal.Step) -> str:
    """What apt-get update said. Its failure is not ours: the lists may do as they are, or another source be broken."""
    said = ""
    for _ in range(120):
        _, said = terminal.attempt([*_APT_GET, "update"], _progress, step, _APT, apart=True)
        if "Could not get lock" not in said:
            break
        step.show("outro programa usa o apt; esperando que termine")
        time.sleep(5)
    return said


def _progress(line: str) -> str | None:
    """`dlstatus:1:20.5:…` and `pmstatus:chromium:61.2:…` in words; other lines are apt's own."""
    kind, _, rest = line.partition(":")
    what, _, rest = rest.partition(":")
    percent = rest.partition(":")[0].partition(".")[0]
    if kind == "dlstatus" and percent.isdigit():
        return f"baixando {percent}%"
    if kind in ("pmstatus", "pmerror") and percent.isdigit():
        return f"instalando {percent}%" + (f" {what}" if what[:1].islower() and what != "dpkg-exec" else "")
    return None


@contextlib.contextmanager
def no_service_starts() -> Iterator[None]:
    """While apt installs, no service of a package is started (the tests start their servers themselves): Debian asks
    policy-rc.d, and 101 forbids. A machine that has its own policy keeps it; ours, left by a set-up that was killed,
    forbids nothing and is replaced."""
    with contextlib.suppress(FileNotFoundError):
        if _OURS in POLICY.read_text(errors="replace"):
            POLICY.unlink()
    try:
        with open(os.open(POLICY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755), "w") as script:
            script.write(f"#!/bin/sh\n{_OURS}\nkill -0 {os.getpid()} 2>/dev/null && exit 101\nexit 0\n")
    except FileExistsError:
        yield
        return
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
