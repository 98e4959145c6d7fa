"""Passwords: argon2id with OWASP's second profile (19 MiB, t=2, p=1), a few at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from people.errors import Busy

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = BoundedSemaphore(max(2, os.cpu_count() or 2))
_WAIT_S = 5.0


def hash_password(password: str) -> str:
    """The PHC string to keep."""
    with _turn():
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """True when the password is the stored one. Without a stored hash the same work is done, and the answer is no."""
    with _turn():
        try:
            return _hasher.verify(stored or _nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _hasher.hash("uma conta que não existe")


@contextmanager
def _turn() -> Iterator[None]:
    """Each check takes 19 MiB and a core: beyond a few at once people wait, and after a while are told so."""
    if not _turns.acquire(timeout=_WAIT_S):
        raise Busy
    try:
        yield
    finally:
        _turns.release()
