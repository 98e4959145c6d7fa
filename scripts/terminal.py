"""How the set-up talks: one line a step, alive while it works; a failure in one sentence with what to do.

Standard error only: standard output belongs to the program. Standard library only, also for Pythons that are too old.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Reading = Callable[[str], "str | None"]

# What apt, pip, npm and Playwright say, in small letters → what to do. The first that is found counts.
_CAUSES = (
    (("certificate_verify_failed", "self_signed_cert", "self-signed certificate", "unable_to_get_issuer_cert",
      "certificate verification failed"),
     "O certificado do servidor não foi reconhecido. Se a rede passa por um proxy que usa certificado próprio, aponte\n"
     "SSL_CERT_FILE, PIP_CERT e NODE_EXTRA_CA_CERTS para o arquivo desse certificado e rode o comando de novo."),
    (("temporary failure resolving", "could not resolve", "name or service not known", "name resolution", "enotfound",
      "eai_again", "network is unreachable", "enetunreach", "no route to host", "failed to establish a new connection",
      "could not connect", "unable to connect", "cannot initiate the connection", "econnrefused", "etimedout",
      "timed out", "cannot connect to proxy", "proxyerror"),
     "Sem rede: não foi possível baixar o que falta. Confira a conexão (e o proxy, se houver) e rode o comando de novo;\n"
     "o que já foi feito não se repete."),
    (("no space left on device", "enospc", "not enough free space", "don't have enough free space"),
     "Não há espaço em disco. Libere cerca de 3 GB e rode o comando de novo."),
)  # fmt: skip


class SetupError(Exception):
    """The set-up can't go on; the message, in Portuguese, says what to do."""


def say(text: str) -> None:
    """A line for the person."""
    print(text, file=sys.stderr, flush=True)


class Step:
    """A long step. A terminal sees one line, with its detail and its seconds, until it ends; a log sees start and end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._detail = ""
        self._ended = threading.Event()
        self._screen = sys.stderr.isatty()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Step:
        self._start = time.monotonic()
        if self._screen:
            self._clock.start()
        else:
            say(f"… {self.name}")
        return self

    def show(self, detail: str) -> None:
        """Where the step is."""
        self._detail = detail

    def _tick(self) -> None:
        while True:
            seconds = time.monotonic() - self._start
            line = f"… {self.name}{f': {self._detail}' if self._detail else ''}"
            room = shutil.get_terminal_size().columns - 10
            self._write(f"{line[:room]}{f' ({seconds:.0f} s)' if seconds >= 3 else ''}")
            if self._ended.wait(0.25):
                return

    @staticmethod
    def _write(line: str) -> None:
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()

    def __exit__(self, failed: object, *_: object) -> None:
        self._ended.set()
        if self._screen:
            self._clock.join()
            self._write("")
        say(f"✗ {self.name}" if failed else f"✓ {self.name} ({time.monotonic() - self._start:.0f} s)")


def attempt(
    command: Sequence[str],
    reading: Reading,
    step: Step,
    environment: Mapping[str, str] | None = None,
    *,
    apart: bool = False,
) -> tuple[int, str]:
    """Run a command; `reading` makes of each line what the step shows. Its status and the end of what it said.

    `apart`: Ctrl+C is not sent to the command by the terminal, but by us and to it alone, and it is waited for.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**os.environ, **(environment or {})}, cwd=ROOT, start_new_session=apart,
    )  # fmt: skip
    last: deque[str] = deque(maxlen=60)
    try:
        _follow(process, reading, step, last)
    except BaseException:
        if apart:
            step.show("interrompendo; o que está no meio termina antes")
        process.send_signal(signal.SIGINT)
        process.communicate()
        raise
    return process.wait(), "".join(last)


def _follow(process: subprocess.Popen[str], reading: Reading, step: Step, last: deque[str]) -> None:
    for line in process.stdout or ():
        shown = reading(line)
        if shown is None:
            last.append(line)
        else:
            step.show(shown)


def run(
    name: str, command: Sequence[str], reading: Reading, step: Step, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command that has to succeed; `name` is how a failure calls it."""
    status, said = attempt(command, reading, step, environment)
    if status != 0:
        raise failure(name, said)


def failure(name: str, said: str) -> SetupError:
    """What to tell of a command that failed: the cause where it is known, and its last words."""
    lines = said.strip().splitlines()
    for signs, advice in _CAUSES:
        telling = [line for line in lines if any(sign in line.lower() for sign in signs)]
        if telling:
            return SetupError(f"{advice}\n\nO que o {name} disse: {telling[0].strip()[:300]}")
    last = "\n".join(f"  {line}" for line in lines[-25:])
    return SetupError(f"O {name} falhou. Suas últimas palavras:\n\n{last}")


def silent(line: str) -> str | None:
    """The reading of a command that tells nothing of its progress."""
    return None if line.strip() else ""
