"""The tagged codec of plain values: what goes into a case's stored bytes comes back equal and of the same type.

A JSON object with one key that starts with `$` is a tagged value; a dict whose own keys could be taken for a tag is
written as a list of pairs. What a person types can therefore never name a class (SpiffWorkflow's own registry builds an
object from any dict that holds a key `typename`).
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

WARN_BYTES = 100_000
REFUSE_BYTES = 1_000_000


class UnstorableValue(ValueError):
    """A value that case data can't hold: only plain values travel in a case."""


def _mapping(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str and not key.startswith("$") for key in value):
        return {key: encode(item) for key, item in value.items()}
    return {"$map": [[encode(key), encode(item)] for key, item in value.items()]}


def _float(value: float) -> Any:
    if not math.isfinite(value):
        raise UnstorableValue(f"{value!r} is not a number that a case can hold")
    return value


_ENCODERS: dict[type, Callable[[Any], Any]] = {
    str: lambda value: value,
    int: lambda value: value,
    bool: lambda value: value,
    type(None): lambda value: value,
    float: _float,
    dict: _mapping,
    list: lambda value: [encode(item) for item in value],
    tuple: lambda value: {"$tuple": [encode(item) for item in value]},
    set: lambda value: {"$set": sorted((encode(item) for item in value), key=repr)},
    frozenset: lambda value: {"$frozenset": sorted((encode(item) for item in value), key=repr)},
    Decimal: lambda value: {"$decimal": str(value)},
    datetime: lambda value: {"$datetime": value.isoformat()},
    date: lambda value: {"$date": value.isoformat()},
    time: lambda value: {"$time": value.isoformat()},
    timedelta: lambda value: {"$timedelta": [value.days, value.seconds, value.microseconds]},
    UUID: lambda value: {"$uuid": str(value)},
    bytes: lambda value: {"$bytes": base64.b64encode(value).decode()},
}

_DECODERS: dict[str, Callable[[Any], Any]] = {
    "$map": lambda pairs: {decode(key): decode(item) for key, item in pairs},
    "$tuple": lambda items: tuple(decode(item) for item in items),
    "$set": lambda items: {decode(item) for item in items},
    "$frozenset": lambda items: frozenset(decode(item) for item in items),
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$timedelta": lambda parts: timedelta(days=parts[0], seconds=parts[1], microseconds=parts[2]),
    "$uuid": UUID,
    "$bytes": base64.b64decode,
}


def encode(value: Any) -> Any:
    """`value` as what JSON can hold; UnstorableValue for anything that is not a plain value."""
    encoder = _ENCODERS.get(type(value))
    if encoder is None:
        raise UnstorableValue(f"a case can't hold a value of type {type(value).__name__}")
    return encoder(value)


def decode(value: Any) -> Any:
    """The value that `encode` was given."""
    kind = type(value)
    if kind is dict:
        if len(value) == 1:
            (tag,) = value
            decoder = _DECODERS.get(tag)
            if decoder is not None:
                return decoder(value[tag])
        return {key: decode(item) for key, item in value.items()}
    if kind is list:
        return [decode(item) for item in value]
    return value


def pack(encoded: Any) -> bytes:
    """What `encode` gave, as compressed bytes."""
    return compress(plain(encoded))


def plain(encoded: Any) -> bytes:
    """What `encode` gave, as JSON."""
    return json.dumps(encoded, separators=(",", ":"), ensure_ascii=False).encode()


def compress(content: bytes) -> bytes:
    """As it is stored."""
    return zlib.compress(content, 1)


def unpack(stored: bytes) -> Any:
    """The inverse of `pack`: still encoded."""
    return json.loads(zlib.decompress(stored))


def dump(value: Any) -> bytes:
    """A plain value as compressed bytes."""
    return pack(encode(value))


def load(stored: bytes) -> Any:
    """The value that `dump` was given."""
    return decode(unpack(stored))


def text(value: Any) -> str:
    """A plain value as one line of JSON (arguments of jobs)."""
    return json.dumps(encode(value), separators=(",", ":"), ensure_ascii=False)


def from_text(stored: str) -> Any:
    """The value that `text` was given."""
    return decode(json.loads(stored))
