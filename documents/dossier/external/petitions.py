"""What an external user sends to a dossier: documents added, a receipt, and the dossier unread in the unit's inbox."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import events, lines
from documents.dossier.external.grants import PETITION, authorize
from documents.dossier.external.models import ExternalGrant, Petition
from documents.dossier.models import Dossier, DossierStatus, DossierUnit
from documents.dossier.tree import append_document
from documents.numbering.operations import next_number
from people import notices
from people.models import Account
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

MAX_FILES = 20
SAME_FORM = timedelta(minutes=5)
"""The same files again within this time are the same sending."""
RECEIVED = "external_petition"
events.register({RECEIVED: "Documentos incluídos por usuário externo, recibo {receipt}."}, "resumido")


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file as the user sends it. `type_key`: a type of external document; `title`: what the user says that it is."""

    source: BinaryIO | Path | bytes
    file_name: str
    title: str = ""
    type_key: str = "anexo"


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """A document in a receipt."""

    document_id: UUID
    number: int
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The proof of a petition: number, instant (legal clock), the dossier and the SHA-256 of each file as it came."""

    id: UUID
    number: str
    dossier_id: UUID
    dossier_number: str
    unit: str
    instant: datetime
    items: tuple[ReceiptItem, ...]


def petition(session: Session, dossier_id: UUID, files: Sequence[ReceivedFile], *, actor: Actor) -> Receipt:
    """Add the files as documents of the dossier; all of them or none. The receipt goes to the user's e-mail too."""
    from documents.texts import uploads  # here, since documents.texts and documents.signatures read the grants

    if not 1 <= len(files) <= MAX_FILES:
        raise InvalidInput({"files": f"Envie de 1 a {MAX_FILES} arquivos de cada vez."})
    authorize(session, actor, dossier_id, PETITION)
    dossier = session.scalars(
        select(Dossier)
        .where(Dossier.id == dossier_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    allowed = authorize(session, actor, dossier_id, PETITION)[0]  # once more: who held the lock may have closed it
    if dossier.status == DossierStatus.ATTACHED:
        raise Conflict("Este processo foi anexado a outro e não recebe documentos. Fale com a unidade responsável.")
    items = []
    for one in files:
        document = append_document(
            session, dossier, "external", one.type_key, allowed.unit, actor, one.title, while_suspended=True
        )
        kept = uploads.upload(session, document.id, one.source, one.file_name, actor=actor)
        items.append({"document": str(kept.id), "number": kept.number, "name": kept.file_name})
        items[-1] |= {"size": kept.size, "sha256": kept.sha256}
    row = _record(session, dossier, allowed, items, actor)
    _arrive(session, dossier, allowed.unit)
    made = _shown(row, dossier.number)
    _send_receipt(session, made, actor)
    return made


def sent_just_now(session: Session, dossier_id: UUID, digests: Sequence[str], *, actor: Actor) -> Receipt | None:
    """The receipt of the same files (by SHA-256), sent to the same processo minutes ago: a form sent twice.

    Whoever sends at this moment is waited for.
    """
    authorize(session, actor, dossier_id, PETITION)
    dossier = session.get_one(Dossier, dossier_id, with_for_update={"key_share": True}, populate_existing=True)
    recent = Petition.created_at > clock.now() - SAME_FORM
    query = select(Petition).where(Petition.account_id == actor.id, Petition.dossier_id == dossier_id, recent)
    for row in session.scalars(query.order_by(Petition.created_at.desc())):
        if [one["sha256"] for one in row.items] == list(digests):
            return _shown(row, dossier.number)
    return None


def receipt(session: Session, petition_id: UUID, actor: Actor) -> Receipt:
    """A receipt of the external user's own."""
    row = session.get(Petition, petition_id)
    if row is None or actor.id is None or row.account_id != actor.id:
        raise NotFound("Não encontramos este recibo.")
    return _shown(row, session.get_one(Dossier, row.dossier_id).number)


def receipts_of(session: Session, actor: Actor) -> tuple[Receipt, ...]:
    """The external user's receipts, latest first; they stay when the access has ended."""
    query = select(Petition, Dossier.number).join(Dossier, Dossier.id == Petition.dossier_id)
    rows = session.execute(query.where(Petition.account_id == actor.id).order_by(Petition.created_at.desc()))
    return tuple(_shown(row, number) for row, number in rows)


def _record(
    session: Session, dossier: Dossier, allowed: ExternalGrant, items: list[dict[str, object]], actor: Actor
) -> Petition:
    assert actor.id is not None
    year = clock.today().year
    row = Petition(id=uuid4(), dossier_id=dossier.id, grant_id=allowed.id, account_id=actor.id, unit=allowed.unit)
    row.items, row.created_at = items, clock.now()
    row.number = f"{next_number(session, 'recibo', year):06d}/{year}"
    session.add(row)
    session.flush()
    facts = {"petition": str(row.id), "receipt": row.number, "unit": row.unit, "items": digest(row)}
    events.append(session, dossier.id, RECEIVED, facts, actor=actor)
    return row


def digest(row: Petition) -> str:
    """Of what the receipt says."""
    return hashlib.sha256(json.dumps([str(row.id), row.number, row.items], sort_keys=True).encode()).hexdigest()


def _arrive(session: Session, dossier: Dossier, unit: str) -> None:
    """Unread in the inbox of the unit that gave the access, open again when it was concluded there."""
    line = session.get(DossierUnit, (dossier.id, unit), populate_existing=True)
    if line is None:
        line = DossierUnit(dossier_id=dossier.id, unit=unit, origin="received", arrived_at=clock.now())
        session.add(line)
    if line.status != "open":
        line.status, line.closed_at, line.reopen_on, line.arrived_at = "open", None, None, clock.now()
    line.unread = True
    lines.touch(session, line)


def _send_receipt(session: Session, made: Receipt, actor: Actor) -> None:
    account = session.get(Account, actor.id)
    if account is None:
        return
    listed = "\n".join(f"- {one.name} (documento {one.number:07d})\n  SHA-256 {one.sha256}" for one in made.items)
    text = (
        f"Olá!\n\nRecebemos os seus documentos em {clock.local(made.instant):%d/%m/%Y, às %H:%M:%S} "
        f"(horário de Brasília), no processo {made.dossier_number}.\n\nRecibo {made.number}\n\n{listed}"
    )
    notices.send(session, account, notices.Notice(f"Recibo {made.number} de documentos enviados", text))


def _shown(row: Petition, dossier_number: str) -> Receipt:
    items = tuple(
        ReceiptItem(UUID(one["document"]), one["number"], one["name"], one["size"], one["sha256"]) for one in row.items
    )
    return Receipt(row.id, row.number, row.dossier_id, dossier_number, row.unit, row.created_at, items)
