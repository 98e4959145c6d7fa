"""What the chains hold of exemplars, receipts and replies: digests of the columns that say who, when, what and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.oficio_camaras.correspondence.models import Receipt, Redirection, Reply, ReplyFile
from processes.oficio_camaras.models import Exemplar
from workflow import history

EXEMPLAR = (
    "id", "campaign_id", "ordinal", "ibge", "tracking", "version", "links_from", "state", "document_id", "merged", "email", "in_doubt",
    "generated_at", "queued_at", "sent_at", "delivered_at", "bounced_at", "bounce_code", "received_at", "answered_at",
    "late",
)  # fmt: skip
REDIRECTION = (
    "exemplar_id", "version", "earlier_state", "from_email", "to_email", "reason", "account_id", "created_at",
)  # fmt: skip
RECEIPT = (
    "id", "exemplar_id", "ibge", "year", "seq", "number", "received_at", "via", "received_by", "account_id", "created_at",
)  # fmt: skip
REPLY = (
    "id", "exemplar_id", "via", "sender", "subject", "text", "message_id", "account_id", "late", "arrived_at",
)  # fmt: skip
FILE = ("id", "reply_id", "name", "media_type", "size", "sha256", "document_id", "refusal")
"""`data` is proved with them, by its digest as the database computes it."""
UNPROVED = {
    ("oficio_exemplar", "attempts"): "contador de trabalho do envio; as tentativas têm tabela própria",
    ("oficio_exemplar", "next_attempt_at"): "quando o envio tenta de novo: não é fato do exemplar",
    ("oficio_exemplar", "message_id"): "resulta do id e da versão, que são provados",
}


def exemplar_digests(session: Session, rows: Sequence[Exemplar]) -> dict[UUID, str]:
    """The facts of each exemplar with its redirections, which only one of a second version has."""
    again = [row.id for row in rows if row.version > 1]
    moved: dict[UUID, list[str]] = {}
    query = select(Redirection).where(Redirection.exemplar_id.in_(again)).order_by(Redirection.version)
    for one in session.scalars(query) if again else ():
        moved.setdefault(one.exemplar_id, []).append(history.record_digest(one, REDIRECTION))
    return {row.id: history.digest([history.record_digest(row, EXEMPLAR), *moved.get(row.id, [])]) for row in rows}


def receipt_digest(row: Receipt) -> str:
    """The facts of a receipt. Its stamped copy comes later, and is proved by `stamped_key`."""
    return history.record_digest(row, RECEIPT)


def stamped_key(receipt_id: UUID) -> str:
    """The idempotency key of a receipt's stamped copy."""
    return f"oficio-recibo:{receipt_id}"


def reply_digests(session: Session, replies: Sequence[Reply]) -> dict[UUID, str]:
    """The facts of each reply with its files; one query, and no file's bytes leave the database."""
    columns = [getattr(ReplyFile, name) for name in FILE]
    data = func.encode(func.sha256(ReplyFile.data), "hex").label("data")
    query = select(*columns, data).where(ReplyFile.reply_id.in_([one.id for one in replies])).order_by(ReplyFile.id)
    files: dict[UUID, list[str]] = {}
    for row in session.execute(query):
        files.setdefault(row.reply_id, []).append(history.record_digest(row, (*FILE, "data")))
    return {one.id: history.digest([history.record_digest(one, REPLY), *files.get(one.id, [])]) for one in replies}
