"""Messages between the program and its recognition processes: JSON with the bytes beside it.

Not pickle: a recognition process opens strangers' pictures, and what it answers must not be able to run code here.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np

from integrations.faces.analysis import FaceSeen, PictureReport
from integrations.faces.detection import Face, Pose
from integrations.faces.quality import Look, QualityReport

MOST_BYTES: Final = 200 * 1024 * 1024
_HEAD: Final = struct.Struct("<II")
_TYPES: Final[dict[str, type[Any]]] = {
    kind.__name__: kind for kind in (PictureReport, FaceSeen, Face, Pose, Look, QualityReport)
}
_ARRAYS: Final = {"uint8", "float32"}


class WireBroken(Exception):
    """The other side is gone or speaks nonsense."""


def send(channel: socket.socket, value: Any) -> None:
    """One message; the socket's timeout holds for the whole of it."""
    blobs: list[bytes] = []
    text = json.dumps(_plain(value, blobs)).encode()
    sizes = json.dumps([len(blob) for blob in blobs]).encode()
    head = _HEAD.pack(len(sizes), len(text))
    try:
        channel.sendall(b"".join((head, sizes, text, *blobs)))
    except TimeoutError:
        raise
    except OSError as error:
        raise WireBroken(str(error)) from None


def receive(channel: socket.socket, seconds: float | None = None) -> Any:
    """The next message; TimeoutError after `seconds`, WireBroken at the end of the stream."""
    until = None if seconds is None else time.monotonic() + seconds
    first, second = _HEAD.unpack(_exactly(channel, _HEAD.size, until))
    try:
        sizes = json.loads(_exactly(channel, first, until))
        text = json.loads(_exactly(channel, second, until))
        if sum(sizes) > MOST_BYTES:
            raise WireBroken("too large")
        return _value(text, [_exactly(channel, int(size), until) for size in sizes])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise WireBroken(type(error).__name__) from None


def _plain(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, bytes):
        blobs.append(value)
        return {"!": "bytes", "n": len(blobs) - 1}
    if isinstance(value, np.ndarray):
        blobs.append(np.ascontiguousarray(value).tobytes())
        return {"!": "array", "n": len(blobs) - 1, "shape": value.shape, "dtype": value.dtype.name}
    if is_dataclass(value) and not isinstance(value, type):
        named = {field.name: _plain(getattr(value, field.name), blobs) for field in fields(value)}
        return {"!": type(value).__name__, "fields": named}
    if isinstance(value, list | tuple):
        return [_plain(item, blobs) for item in value]
    if isinstance(value, dict):
        return {"!": "dict", "fields": {str(key): _plain(item, blobs) for key, item in value.items()}}
    return value


def _value(plain: Any, blobs: list[bytes]) -> Any:
    if isinstance(plain, list):
        return tuple(_value(item, blobs) for item in plain)
    if not isinstance(plain, dict):
        return plain
    kind = plain["!"]
    if kind == "bytes":
        return blobs[plain["n"]]
    if kind == "array":
        if plain["dtype"] not in _ARRAYS:
            raise WireBroken("array type")
        return np.frombuffer(blobs[plain["n"]], dtype=plain["dtype"]).reshape(plain["shape"])
    named = {name: _value(item, blobs) for name, item in plain["fields"].items()}
    return named if kind == "dict" else _TYPES[kind](**named)


def _exactly(channel: socket.socket, size: int, until: float | None) -> bytes:
    if size > MOST_BYTES:
        raise WireBroken("too large")
    parts = bytearray()
    while len(parts) < size:
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            channel.settimeout(left)
        try:
            part = channel.recv(min(size - len(parts), 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise WireBroken(str(error)) from None
        if not part:
            raise WireBroken("closed")
        parts += part
    return bytes(parts)
