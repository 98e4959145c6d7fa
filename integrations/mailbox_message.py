"""Understanding a message of the mailbox: its text, its files, what it answers, what it reports (RFC 3464).

Untrusted bytes in, plain values out: nothing is ever executed or shown as HTML; parts, levels, lines and sizes are limited.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from typing import Any

MAX_MESSAGE = 25 * 1024 * 1024
MAX_TEXT = 100_000
MAX_FILES = 20
MAX_PARTS = 200
MAX_DEPTH = 12
MAX_LINES = 500_000
"""A file of 25 MB in base64 has 350,000; the parser's time grows with lines times depth."""
MAX_HEAD = 256 * 1024
MAX_HEADER = 4_000
"""Of a header's value: the parser's time grows with the square of it (RFC 5322 has lines of 998)."""
_IDS = re.compile(r"<[^<>\s]{1,240}>")


@dataclass(frozen=True)
class Bounce:
    """What a delivery status notification says (RFC 3464, 2.3): of which message, what became of it."""

    action: str
    """failed, delayed, delivered, relayed, expanded."""
    status: str
    """5.1.1, or empty."""


@dataclass(frozen=True)
class File:
    """An attachment as it was sent: its name without any folder."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Incoming:
    """A message, read. `about`: the Message-IDs that it says it answers or reports on."""

    message_id: str | None
    sender: str
    subject: str
    text: str
    recipients: tuple[str, ...]
    about: tuple[str, ...]
    files: tuple[File, ...]
    bounce: Bounce | None
    automatic: bool
    """An automatic answer (RFC 3834): an absence, not a reply."""
    problem: str = ""
    """Why a person must look at the message itself, in words: it was not read, or not all of it."""


class _Short(EmailPolicy):
    """The usual policy, over the beginning of each header."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:MAX_HEADER])


class _TooComplex(ValueError):
    """More parts, or deeper, than a message that somebody wrote."""


class _Part(EmailMessage):
    """A message or a part of one, that counts the parts below it while it is being parsed."""

    depth = 0
    parts = 0
    top: _Part | None = None

    def attach(self, payload: Any) -> None:
        """One more part; _TooComplex ends the parsing."""
        top = self.top or self
        top.parts += 1
        payload.depth, payload.top = self.depth + 1, top
        if payload.depth > MAX_DEPTH or top.parts > MAX_PARTS:
            raise _TooComplex
        super().attach(payload)


_POLICY = _Short(message_factory=_Part)


def read(raw: bytes) -> Incoming:
    """Understand a message. Never raises for what is in it: of one that cannot be understood the sender and the subject,
    where they can be read, and the problem."""
    try:
        if raw.count(b"\n") > MAX_LINES:
            raise _TooComplex
        return _understood(message_from_bytes(raw[:MAX_MESSAGE], policy=_POLICY))
    except _TooComplex:
        return _headers_only(raw, "Tem partes demais para ser lida: abra-a no próprio correio.")
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return _headers_only(raw, "Não pôde ser lida: abra-a no próprio correio.")


def _headers_only(raw: bytes, problem: str) -> Incoming:
    """From the beginning of a message whose parts are left alone."""
    sender = subject = ""
    with contextlib.suppress(MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError):
        head = BytesHeaderParser(policy=_POLICY).parsebytes(
            raw[:MAX_HEAD].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
        )
        sender, subject = _sender(head), _subject(head)
    return Incoming(None, sender, subject, problem, (), (), (), None, automatic=False, problem=problem)


def _understood(message: Message) -> Incoming:
    parts = list(_parts(message))
    bounce, original = _bounce(parts)
    return Incoming(
        message_id=_first_id(_header(message, "Message-ID")),
        sender=_sender(message),
        subject=_subject(message),
        text=_text(parts),
        recipients=_recipients(message),
        about=original if bounce else _ids(_header(message, "In-Reply-To") + " " + _header(message, "References")),
        files=tuple(_files(parts)),
        bounce=bounce,
        automatic=_automatic(message),
        problem=f"Tem mais de {MAX_FILES} anexos." if sum(map(_is_file, parts)) > MAX_FILES else "",
    )


def _sender(message: Message) -> str:
    return parseaddr(_header(message, "From"))[1][:254].lower()


def _subject(message: Message) -> str:
    return " ".join(_header(message, "Subject").split())[:250]


def _header(message: Message, name: str) -> str:
    try:
        return str(message.get(name, "") or "").replace("\x00", "")
    except (MessageError, ValueError, IndexError, AttributeError, TypeError, RecursionError):
        return ""


def _ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_IDS.findall(text)))[:50]


def _first_id(text: str) -> str | None:
    found = _ids(text)
    return found[0] if found else None


def _recipients(message: Message) -> tuple[str, ...]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    typed = [_header(message, name) for name in names]
    return tuple(dict.fromkeys(address.lower() for _, address in getaddresses(typed) if "@" in address))[:50]


def _automatic(message: Message) -> bool:
    said = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return said not in ("", "no") or _header(message, "Precedence").strip().lower() in ("bulk", "auto_reply", "junk")


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, as far as sense goes; a message inside a message is not walked into."""
    waiting, seen = [message], 0
    while waiting and seen < MAX_PARTS:
        part = waiting.pop(0)
        seen += 1
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting[0:0] = [one for one in part.get_payload() if isinstance(one, Message)]
        else:
            yield part


def _bounce(parts: Sequence[Message]) -> tuple[Bounce | None, tuple[str, ...]]:
    """RFC 3464: the status of the recipient, and the Message-ID of the message that it is about."""
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        return None, ()
    blocks = [block for block in _blocks(status) if _header(block, "Action")]
    action = _header(blocks[0], "Action").strip().lower()[:20] if blocks else "failed"
    code = re.match(r"\d\.\d{1,3}\.\d{1,3}", _header(blocks[0], "Status").strip()) if blocks else None
    return Bounce(action, code.group() if code else ""), _reported(parts)


def _blocks(status: Message) -> list[Message]:
    payload = status.get_payload()
    if isinstance(payload, list):
        return [one for one in payload if isinstance(one, Message)]
    return [message_from_bytes(block.encode(), policy=_POLICY) for block in str(payload).split("\n\n", 50)[:50]]


def _reported(parts: Sequence[Message]) -> tuple[str, ...]:
    """The Message-ID of the message (or of the headers) that the report brings along."""
    for part in parts:
        kind = part.get_content_type()
        if kind not in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
            continue
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return _ids(_header(inner[0], "Message-ID"))
        return _ids(_header(message_from_bytes(_bytes(part), policy=_POLICY), "Message-ID"))
    return ()


def _bytes(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return found if isinstance(found, bytes) else b""


def _is_file(part: Message) -> bool:
    kind = part.get_content_type()
    if kind in ("message/delivery-status", "text/rfc822-headers"):
        return False
    return bool(_filename(part)) or part.get_content_maintype() not in ("text", "message")


def _filename(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (MessageError, ValueError, TypeError, LookupError):
        return "anexo"
    last = str(name).replace("\\", "/").rpartition("/")[2]
    return " ".join("".join(c for c in last if c.isprintable()).split())[:200]


def _text(parts: Sequence[Message]) -> str:
    """The first plain text; failing that the words of the first HTML."""
    texts = [part for part in parts if part.get_content_maintype() == "text" and not _is_file(part)]
    plain = next((part for part in texts if part.get_content_type() == "text/plain"), None)
    if plain is not None:
        return _words(_decoded(plain))
    html = next((part for part in texts if part.get_content_type() == "text/html"), None)
    if html is None:
        return ""
    reader = _Words()
    reader.feed(_decoded(html))
    return _words("".join(reader.pieces))


def _decoded(part: Message) -> str:
    raw = _bytes(part)[: MAX_TEXT * 4]
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _words(text: str) -> str:
    clean = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable())
    return clean.strip()[:MAX_TEXT]


def _files(parts: Sequence[Message]) -> Iterator[File]:
    kept = 0
    for part in parts:
        if not _is_file(part) or kept >= MAX_FILES:
            continue
        data = part.as_bytes() if part.get_content_maintype() == "message" else _bytes(part)
        kept += 1
        yield File(_filename(part) or f"anexo-{kept}", part.get_content_type(), data)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style", "title")
        if tag in ("p", "br", "div", "li", "tr", "h1", "h2", "h3"):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title") and self._hidden:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
