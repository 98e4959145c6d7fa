"""``python -m gate_bridge --config FILE``: runs one bridge until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TextIO

import structlog

from gate_bridge.bridge import Bridge
from gate_bridge.errors import BridgeError
from gate_bridge.settings import load


def main(arguments: list[str] | None = None) -> int:
    """Run; prints one JSON line with the addresses when ready. Exit code 2: the settings are wrong."""
    parser = argparse.ArgumentParser(
        prog="gate_bridge", description="Ponte do portão: equipamentos, reconhecimento e envio."
    )
    parser.add_argument("--config", type=Path, help="arquivo TOML; cada valor também por CARIMBO_BRIDGE_*")
    options = parser.parse_args(arguments)
    _log_as_json()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        bridge = Bridge(load(options.config))
    except (BridgeError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    addresses = bridge.start()
    sys.stdout.write(json.dumps({"ready": True, "pid": os.getpid(), **addresses}) + "\n")
    sys.stdout.flush()
    stopping.wait()
    bridge.stop()
    return 0


class _Tolerant(io.StringIO):
    """Standard error that may be lost: the log often lies on the disk that is full, and no thread may die of that."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or leave it."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, or leave it."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(_Tolerant(sys.stderr)),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


if __name__ == "__main__":
    raise SystemExit(main())
