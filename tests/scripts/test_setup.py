"""What ./run and ./test say and decide before anything is installed; the rest is seen on fresh machines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """scripts/system_packages.py, imported as scripts/setup.py does."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import system_packages

    yield system_packages
    for name in ("system_packages", "terminal"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("dlstatus:1:20.5:Retrieving file 1 of 5", "baixando 20%"),
        ("pmstatus:chromium:61.2:Unpacking chromium (amd64)", "instalando 61% chromium"),
        ("pmstatus:dpkg-exec:0:Running dpkg", "instalando 0%"),
        ("E: Unable to locate package x", None),
        ("Setting up libnss3:amd64 (2:3.87) ...", None),
    ],
)
def test_the_progress_of_apt_is_told_in_words(system: ModuleType, line: str, shown: str | None) -> None:
    assert system._progress(line) == shown


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("E: Failed to fetch http://x  Temporary failure resolving 'deb.debian.org'", "Sem rede"),
        ("npm error code EAI_AGAIN", "Sem rede"),
        ("Error: getaddrinfo ENOTFOUND cdn.playwright.dev", "Sem rede"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] x'))", "certificado do servidor"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "espaço em disco"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "O pip falhou"),
    ],
)
def test_a_failure_says_its_cause_and_the_commands_own_words(system: ModuleType, said: str, advice: str) -> None:
    told = str(system.terminal.failure("pip", said))
    assert advice in told
    assert said in told


@pytest.mark.parametrize(
    ("release", "ubuntu"),
    [
        ('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ('ID=debian\nHOME_URL="https://www.debian.org/ubuntu"\n', False),
    ],
)
def test_ubuntu_is_known_by_its_identity(
    system: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, ubuntu: bool
) -> None:
    (tmp_path / "os-release").write_text(release)
    monkeypatch.setattr(system, "OS_RELEASE", tmp_path / "os-release")
    assert system.is_ubuntu() is ubuntu


def test_ubuntus_browser_has_every_library_that_playwright_names(system: ModuleType) -> None:
    import playwright

    bundle = Path(playwright.__file__).parent / "driver" / "package" / "lib" / "coreBundle.js"
    _, found, rest = bundle.read_text().partition('"ubuntu24.04-x64": {')
    assert found
    names = set(rest.partition("chromium: [")[2].partition("]")[0].replace('"', "").replace(",", " ").split())
    assert "libnss3" in names
    assert names <= {**system.LIBRARIES, **system.UBUNTU_BROWSER}.keys()


def test_no_service_starts_while_packages_are_installed_and_only_then(
    system: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(system, "POLICY", policy)
    with system.no_service_starts():
        assert subprocess.run([policy]).returncode == 101
        left = policy.read_text()
    assert not policy.exists()
    over = subprocess.Popen([sys.executable, "-c", ""])
    over.wait()
    policy.write_text(
        left.replace(f"kill -0 {system.os.getpid()} ", f"kill -0 {over.pid} ")
    )  # of a set-up that was killed
    policy.chmod(0o755)
    assert subprocess.run([policy]).returncode == 0
    with system.no_service_starts():
        assert subprocess.run([policy]).returncode == 101
    assert not policy.exists()
    policy.write_text("#!/bin/sh\nexit 104\n")  # the machine's own
    with system.no_service_starts():
        assert "104" in policy.read_text()
    assert "104" in policy.read_text()


def test_who_is_not_root_is_told_one_line_to_copy(system: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "missing", lambda _: ["slapd", "chromium"])
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(system.terminal.SetupError) as told:
        system.provide("test")
    assert "\n  slapd chromium\n" in str(told.value)
    assert f"\n  sudo python3 -B {SCRIPTS / 'setup.py'} test --system" in str(told.value)
    monkeypatch.setattr(system.shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}")
    with pytest.raises(system.terminal.SetupError) as told:
        system.provide("run")
    assert f"\n  su -l -c 'python3 -B {SCRIPTS / 'setup.py'} run --system'" in str(told.value)
