"""A real SMTP server on loopback (aiosmtpd) that keeps what it accepts and refuses, delays or hangs up as told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from integrations.mail import SmtpMailbox, SmtpSettings


class Server:
    """`answers`: what DATA says, one for each message, then 250; `hang_up`: close instead of answering DATA."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.answers: list[str] = []
        self.rcpt: dict[str, str] = {}
        self.hang_up_at: int | None = None
        self.delay = 0.0
        self.connections = 0
        self.port = 0

    @property
    def mailbox(self) -> SmtpMailbox:
        """The client that talks to it."""
        return SmtpMailbox(SmtpSettings("127.0.0.1", self.port, "none", sender="portal@almg.example", timeout_s=5))

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, said: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = name
        return said

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.delay)
        if self.answers and not self.answers[0].startswith("250"):
            return self.answers.pop(0)
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if self.hang_up_at == len(self.messages):
            server.transport.abort()
        return "250 accepted"


class _Controller(Controller):
    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="127.0.0.1")


@contextmanager
def running() -> Iterator[Server]:
    """The server, until the end of the block."""
    server = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = int(probe.getsockname()[1])
    controller = _Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
