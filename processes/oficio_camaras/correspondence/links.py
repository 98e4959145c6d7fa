"""The link “Confirmar recebimento”: signed, for one exemplar, 90 days, one use for confirming (EM7)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from people.settings import settings as people_settings
from processes.oficio_camaras.correspondence.models import ReceiptLink
from processes.oficio_camaras.models import Exemplar
from processes.oficio_camaras.rules import LINK_LIFETIME
from processes.oficio_camaras.settings import settings
from workflow import clock
from workflow.errors import NotFound

_MAC = 16
_UNKNOWN = "Este endereço não vale: confira se foi copiado inteiro da mensagem, ou fale com o Ceac: (31) 2108-7303."
_REPLACED = (
    "Este endereço foi substituído: o ofício foi enviado de novo a outro e-mail da câmara, a pedido dela. "
    "Use a mensagem mais nova ou fale com o Ceac: (31) 2108-7303."
)
_EXPIRED = "Este endereço venceu. Peça outro ao Ceac: (31) 2108-7303."


@dataclass(frozen=True)
class Opened:
    """A link that holds: of which exemplar, and whether it has already confirmed a receipt."""

    link: ReceiptLink
    exemplar: Exemplar

    @property
    def used(self) -> bool:
        """It was already used for confirming; reading, forwarding and answering go on."""
        return self.link.used_at is not None


@dataclass(frozen=True)
class NewLink:
    """A link on its way into a message: its row is written with the attempt to send it."""

    id: UUID
    exemplar_id: UUID
    version: int
    created_at: datetime

    @property
    def address(self) -> str:
        """What the message says."""
        return settings().public_url + settings().link_path.format(token=_token(self.id))

    def row(self) -> ReceiptLink:
        """The row."""
        return ReceiptLink(
            id=self.id,
            exemplar_id=self.exemplar_id,
            version=self.version,
            created_at=self.created_at,
            expires_at=self.created_at + LINK_LIFETIME,
        )


def new_link(exemplar: Exemplar) -> NewLink:
    """A fresh link for an exemplar as it now is; it falls when the exemplar is redirected, even if that happens meanwhile."""
    return NewLink(uuid4(), exemplar.id, exemplar.version, clock.now())


def open_link(session: Session, token: str, *, lock: bool = False) -> Opened:
    """The exemplar behind a link; NotFound, with what to do, when it is not ours, fell or has expired."""
    link_id = _read(token)
    link = session.get(ReceiptLink, link_id, with_for_update=lock, populate_existing=True) if link_id else None
    if link is None:
        raise NotFound(_UNKNOWN)
    if link.expires_at <= clock.now():
        raise NotFound(_EXPIRED)
    exemplar = session.get_one(Exemplar, link.exemplar_id)
    if link.version < exemplar.links_from:
        raise NotFound(_REPLACED)
    return Opened(link, exemplar)


def _token(link_id: UUID) -> str:
    return base64.urlsafe_b64encode(link_id.bytes + _mac(link_id)).decode().rstrip("=")


def _mac(link_id: UUID) -> bytes:
    return people_settings().keyring.digest("oficio-link", link_id.hex)[:_MAC]


def _read(token: str) -> UUID | None:
    if len(token) != 43:
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    link_id = UUID(bytes=raw[:16])
    return link_id if hmac.compare_digest(raw[16:], _mac(link_id)) else None
