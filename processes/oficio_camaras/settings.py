"""What the wiring hands to the ofícios, once per process."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.mail import Outbox
from integrations.mailbox_reader import ImapSettings


@dataclass(frozen=True)
class OficioSettings:
    """Where the exemplars leave from and where the answers come to.

    `reply_to` is the mailbox that is read: replies and bounces of an exemplar come to its plus-address
    (`ceac+<tracking>@…`). `rate_per_minute` 0 sends without limit (EM4). `workers`: rendering processes, 0 for one a core.
    """

    outbox: Outbox
    public_url: str
    reply_to: str
    rate_per_minute: int = 60
    imap: ImapSettings | None = None
    workers: int = 0
    link_path: str = "/oficios/recebimento/{token}"

    def plus_address(self, tracking: str) -> str:
        """The address whose messages belong to one exemplar."""
        local, _, domain = self.reply_to.partition("@")
        return f"{local}+{tracking}@{domain}"


_settings: OficioSettings | None = None


def configure(value: OficioSettings) -> None:
    """Called once by the wiring, or by the tests."""
    global _settings
    _settings = value


def settings() -> OficioSettings:
    """What is in force."""
    if _settings is None:
        raise RuntimeError("processes.oficio_camaras.settings.configure was not called")
    return _settings
