"""Reading a mailbox by IMAP (RFC 3501) and understanding bounces (RFC 3464). Untrusted bytes in, plain values out.

Messages are peeked at by UID and left as they are: how far the mailbox was read is the caller's to remember. Nothing of a
message is ever executed or shown as HTML: texts are plain, sizes limited.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from integrations.mailbox_message import MAX_MESSAGE, Bounce, File, Incoming, read

__all__ = [
    "MAX_MESSAGE",
    "Bounce",
    "Fetched",
    "File",
    "ImapSettings",
    "Incoming",
    "MailboxError",
    "mailbox",
    "newer",
    "read",
    "uid_validity",
]


class MailboxError(Exception):
    """The mailbox could not be read; trying again later may help."""


@dataclass(frozen=True)
class ImapSettings:
    """How to reach the mailbox. `tls` is implicit TLS (993), `starttls` upgrades and refuses to go on without it."""

    host: str
    port: int = 993
    security: Literal["none", "starttls", "tls"] = "tls"
    username: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    timeout_s: float = 20.0
    ca_file: str | None = None


@dataclass(frozen=True)
class Fetched:
    """One message of the mailbox; `raw` is None when it is larger than `MAX_MESSAGE`."""

    uid: int
    size: int
    raw: bytes | None


@contextlib.contextmanager
def mailbox(settings: ImapSettings) -> Iterator[BaseMailBox]:
    """The folder, open for reading only; MailboxError for whatever the server or the network does."""
    try:
        box = _connect(settings)
        try:
            box.login(settings.username, settings.password, initial_folder=None)
            box.folder.set(settings.folder, readonly=True)
            yield box
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                box.client.logout()
            with contextlib.suppress(OSError):
                box.client.shutdown()
    except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError) as error:
        raise MailboxError(f"{type(error).__name__}") from error


def uid_validity(box: BaseMailBox, folder: str) -> int:
    """While it stays the same, UIDs mean the same messages (RFC 3501, 2.3.1.1)."""
    return int(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])


def newer(box: BaseMailBox, last_uid: int, limit: int = 50) -> list[Fetched]:
    """The messages after `last_uid`, oldest first; one too large is told by its size and not brought."""
    found = sorted(int(uid) for uid in box.uids(f"UID {last_uid + 1}:*") if int(uid) > last_uid)[:limit]
    return [_fetch(box, uid) for uid in found]


def _connect(settings: ImapSettings) -> BaseMailBox:
    host, port, patience = settings.host, settings.port, settings.timeout_s
    if settings.security == "none":
        return MailBoxUnencrypted(host, port, timeout=patience)
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.security == "starttls":
        return MailBoxStartTls(host, port, timeout=patience, ssl_context=context)
    return MailBox(host, port, timeout=patience, ssl_context=context)


def _fetch(box: BaseMailBox, uid: int) -> Fetched:
    answer = box.client.uid("fetch", str(uid), "(RFC822.SIZE)")
    size = int((re.search(rb"RFC822\.SIZE (\d+)", _joined(answer)) or [b"", b"0"])[1])
    if size > MAX_MESSAGE:
        return Fetched(uid, size, None)
    whole = box.client.uid("fetch", str(uid), "(BODY.PEEK[])")
    return Fetched(uid, size, next((bytes(one[1]) for one in whole[1] if isinstance(one, tuple)), b""))


def _joined(answer: tuple[object, list[object]]) -> bytes:
    flat = (piece for one in answer[1] for piece in (one if isinstance(one, tuple) else (one,)))
    return b" ".join(piece for piece in flat if isinstance(piece, bytes))
