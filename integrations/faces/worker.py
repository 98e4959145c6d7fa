"""A recognition process: `python -m integrations.faces.worker FD BYTES`, started by pool.py and by nobody else.

It limits its own memory, writes no file, holds no secret (its environment is empty but for paths), answers one message
at a time on the socket it was given, and ends when the socket closes.
"""

from __future__ import annotations

import resource
import socket
import sys
from typing import Any

OPERATIONS = ("analyse", "principal", "clean", "locate", "embed")


def main(descriptor: int, memory_bytes: int) -> None:
    """Serves until the other side closes."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    from integrations.faces import networks, wire  # after the limits

    with socket.socket(fileno=descriptor) as channel:
        try:
            networks.load_all()
        except (networks.ModelsMissing, RuntimeError, OSError) as error:
            wire.send(channel, {"error": "start", "message": str(error)})
            return
        wire.send(channel, {"ready": True})
        while True:
            try:
                request = wire.receive(channel)
            except wire.WireBroken:
                return
            wire.send(channel, _answer(request))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    from integrations.faces import analysis, embedding
    from integrations.faces.pictures import PictureError

    name = request["operation"]
    if name not in OPERATIONS:
        return {"error": "operation", "message": name}
    run = embedding.embed if name == "embed" else getattr(analysis, name)
    try:
        return {"value": run(*request["arguments"])}
    except PictureError as error:
        return {"error": "picture", "code": error.code, "message": error.message}
    except MemoryError:
        return {"error": "memory", "message": ""}
    except Exception as error:  # noqa: BLE001  (dlib and OpenCV raise their own; the process goes on, the caller is told)
        return {"error": "failed", "message": type(error).__name__}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
