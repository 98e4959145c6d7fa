"""Sending mail: an SMTP client (RFC 5321) and, for demonstrations, a folder that receives `.eml` files.

Plain data in, a receipt out, or `MailError` saying whether trying again can help. One recipient a message (EM3).
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path
from typing import Literal, Protocol

Security = Literal["none", "starttls", "tls"]


class MailError(Exception):
    """The message did not leave. `permanent`: the same message will be refused again (5xx, impossible address).

    `in_doubt`: the connection broke after DATA and before the answer, so nobody knows whether the server took it.
    """

    def __init__(self, reason: str, *, permanent: bool, code: int | None = None, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.code = code
        self.in_doubt = in_doubt


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; `media_type` like application/pdf."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """One message to one recipient. `message_id` is kept through retries, so that a double can be recognised.

    `reply_to`: where answers go; `bounce_to`: the envelope's sender, where bounces go (RFC 5321, 3.6.3).
    """

    to: str
    subject: str
    text: str
    message_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    bounce_to: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What the server took: the Message-ID and its last answer."""

    message_id: str
    answer: str


@dataclass(frozen=True)
class SmtpSettings:
    """How to reach the server. `tls` is implicit TLS (465), `starttls` upgrades and refuses to go on without it."""

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = "nao-responda@localhost"
    sender_name: str = "Assembleia Legislativa de Minas Gerais"
    timeout_s: float = 20.0
    ca_file: str | None = None


class Mailbox(Protocol):
    """Where messages leave from."""

    def send(self, mail: Mail) -> Receipt:
        """Hand the message over; MailError when that failed."""
        ...

    def forget(self, address: str) -> int:
        """Delete the copies kept of messages to an address (LGPD); how many there were."""
        ...


class MailConnection(Protocol):
    """Many messages over one connection."""

    def send(self, mail: Mail, before_data: Callable[[], None] | None = None) -> Receipt:
        """Hand a message over. `before_data` runs when the server has taken the recipient and no byte has left yet."""
        ...

    def close(self) -> None:
        """Say goodbye; never raises."""
        ...


class Outbox(Protocol):
    """Where many messages leave from in a row."""

    def open(self) -> MailConnection:
        """A connection; MailError when there is none to be had."""
        ...


class SmtpConnection:
    """One connection for many messages; each begins where the last ended (RFC 5321, 4.1.1.5). Broken, it stays so."""

    def __init__(self, smtp: smtplib.SMTP, settings: SmtpSettings) -> None:
        self._smtp = smtp
        self._settings = settings

    def send(self, mail: Mail, before_data: Callable[[], None] | None = None) -> Receipt:
        """Hand a message over and wait for the answer to its DATA."""
        message = compose(mail, self._settings.sender, self._settings.sender_name)
        data = message.as_bytes(policy=SMTP)
        try:
            self._smtp.ehlo_or_helo_if_needed()
            self._expect(self._smtp.mail(mail.bounce_to or self._settings.sender, [f"size={len(data)}"]))
            self._expect(self._smtp.rcpt(mail.to))
        except (smtplib.SMTPException, OSError) as error:
            raise MailError("the server went away", permanent=False) from error
        if before_data is not None:
            before_data()
        try:
            code, answer = self._smtp.data(data)
        except smtplib.SMTPDataError as error:  # refused before a byte of the message left
            self._reset()
            raise MailError("refused", permanent=error.smtp_code >= 500, code=error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError("the connection broke after DATA", permanent=False, in_doubt=True) from error
        if code != 250:
            raise MailError("refused", permanent=code >= 500, code=code)
        return Receipt(str(message["Message-ID"]), f"{code} {answer.decode(errors='replace')[:200]}")

    def close(self) -> None:
        """QUIT where the server still listens."""
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._smtp.quit()
        self._smtp.close()

    def _expect(self, answer: tuple[int, bytes]) -> None:
        code, _ = answer
        if code not in (250, 251):
            self._reset()
            raise MailError("refused", permanent=code >= 500, code=code)

    def _reset(self) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self._smtp.rset()


@dataclass(frozen=True)
class SmtpMailbox:
    """Sends each message over a connection of its own; `open` gives one for many."""

    settings: SmtpSettings

    def send(self, mail: Mail) -> Receipt:
        """Hand the message to the server and wait for its acceptance."""
        message = compose(mail, self.settings.sender, self.settings.sender_name)
        try:
            with self._connect() as connection:
                refused = connection.send_message(message)
                if refused:
                    raise smtplib.SMTPRecipientsRefused(refused)
                return Receipt(str(message["Message-ID"]), "250")
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise MailError("recipient refused", permanent=code >= 500, code=code) from error
        except smtplib.SMTPAuthenticationError as error:
            raise MailError("authentication refused", permanent=False, code=error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            raise MailError("refused", permanent=error.smtp_code >= 500, code=error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailError("the server does not offer what is required", permanent=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError("the server could not be reached", permanent=False) from error

    def open(self) -> SmtpConnection:
        """A connection for many messages."""
        try:
            return SmtpConnection(self._connect(), self.settings)
        except smtplib.SMTPAuthenticationError as error:
            raise MailError("authentication refused", permanent=False, code=error.smtp_code) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError("the server could not be reached", permanent=False) from error

    def forget(self, address: str) -> int:
        """Nothing is kept here; what the server keeps is the mail system's."""
        return 0

    def _connect(self) -> smtplib.SMTP:
        s = self.settings
        if s.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(s.host, s.port, timeout=s.timeout_s, context=self._tls())
        else:
            connection = smtplib.SMTP(s.host, s.port, timeout=s.timeout_s)
        try:
            if s.security == "starttls":
                connection.starttls(context=self._tls())
            if s.username is not None:
                connection.login(s.username, s.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.ca_file)


@dataclass(frozen=True)
class FolderMailbox:
    """Writes each message as an `.eml` file, for demonstrations without a mail server."""

    folder: Path
    sender: str = "nao-responda@localhost"
    sender_name: str = "Assembleia Legislativa de Minas Gerais"

    def open(self) -> FolderConnection:
        """The folder as a connection."""
        return FolderConnection(self)

    def send(self, mail: Mail) -> Receipt:
        """Write the message; the same Message-ID twice is one file."""
        message = compose(mail, self.sender, self.sender_name)
        message_id = str(message["Message-ID"])
        name = "".join(c for c in message_id.strip("<>") if c.isalnum() or c in "-_.@")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self.folder / f".{name}.part"
            partial.touch(mode=0o600)
            partial.write_bytes(message.as_bytes(policy=SMTP))
            partial.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise MailError("the folder could not be written", permanent=False) from error
        return Receipt(message_id, "file")

    def forget(self, address: str) -> int:
        """Delete the files addressed to `address`."""
        found = [path for path in self.folder.glob("*.eml") if _recipient(path) == address.casefold()]
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)


@dataclass(frozen=True)
class FolderConnection:
    """Many messages into the folder."""

    mailbox: FolderMailbox

    def send(self, mail: Mail, before_data: Callable[[], None] | None = None) -> Receipt:
        """Write the message."""
        if before_data is not None:
            before_data()
        return self.mailbox.send(mail)

    def close(self) -> None:
        """Nothing to say goodbye to."""


def compose(mail: Mail, sender: str, sender_name: str) -> EmailMessage:
    """The message as it travels. A permanent MailError when an address or subject cannot be a header."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = formataddr((sender_name, sender))
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = mail.message_id or make_msgid(domain=sender.rpartition("@")[2] or "localhost")
        message["Auto-Submitted"] = "auto-generated"
        if mail.reply_to is not None:
            message["Reply-To"] = mail.reply_to
        if len(message["To"].addresses) != 1 or not message["To"].addresses[0].domain:
            raise MailError("exactly one recipient is required", permanent=True)
        message.set_content(mail.text)
        for item in mail.attachments:
            main, _, sub = item.media_type.partition("/")
            message.add_attachment(item.data, maintype=main, subtype=sub, filename=item.name)
    except (ValueError, IndexError, MessageError) as error:
        raise MailError("the message cannot be composed", permanent=True) from error
    return message


def _recipient(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return str(BytesHeaderParser().parse(file)["To"] or "").casefold()
    except OSError:
        return ""
