"""What ./test runs: lint, types, layers and tests, each named, each timed; ends with the first failure's status.

`./test` everything; `./test fast` the fast half (no browser, photographs or servers); `./test ARGS…` goes to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff": [str(BIN / "ruff"), "check", "-q", "."],
    "formato": [str(BIN / "ruff"), "format", "--check", "-q", "."],
    "tipos (mypy)": [str(BIN / "mypy")],
    "camadas (import-linter)": [str(BIN / "lint-imports"), "--no-cache"],
}
PYTEST = [sys.executable, "-m", "pytest", "-q"]
# A process a core, each with a database server of its own; a file's tests stay together, as its browser does.
APART = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered", "--durations=15"]


def run(name: str, command: list[str]) -> int:
    """Run one check and say how it ended; its output is shown when it fails, pytest's always."""
    start = time.monotonic()
    show = command[:3] == PYTEST[:3]
    done = subprocess.run(command, capture_output=not show, text=True, env={**os.environ, "PYTHONPATH": "."})
    if done.returncode != 0 and not show:
        print(done.stdout + done.stderr)
    print(f"{'✓' if done.returncode == 0 else '✗'} {name} ({time.monotonic() - start:.0f} s)", flush=True)
    return done.returncode


def main(arguments: list[str]) -> int:
    """The status of the first check that failed, else 0."""
    if arguments and arguments[0] != "fast":
        return run("pytest", [*PYTEST, *arguments])
    tests = [*PYTEST, *APART, "-m", "not slow", *arguments[1:]] if arguments else [*PYTEST, *APART, *COVERAGE]
    checks = {"ruff": CHECKS["ruff"]} if arguments else CHECKS
    results = [run(name, command) for name, command in checks.items()]
    results.append(run("pytest", tests))
    return next((status for status in results if status), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
