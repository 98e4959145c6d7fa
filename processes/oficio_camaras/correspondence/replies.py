"""Replies of the câmaras, by e-mail (RE3) or in the web form, with files that pass the same checks as any upload."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.texts import operations as texts
from documents.texts.errors import FileRefused
from documents.texts.inspection import inspected
from integrations.mailbox_reader import File
from processes.oficio_camaras import events, records, states
from processes.oficio_camaras.correspondence import links, receipts
from processes.oficio_camaras.correspondence.models import Reply, ReplyFile
from processes.oficio_camaras.models import Campaign, Exemplar, ExemplarState
from processes.oficio_camaras.rules import is_late
from workflow import clock
from workflow.actor import PUBLIC, SYSTEM, Actor
from workflow.errors import Conflict, DomainError, InvalidInput

MAX_TEXT = 100_000
MAX_FILES = 20


def answer_by_link(session: Session, token: str, text: str, files: Sequence[File] = (), *, key: str = "") -> Reply:
    """The câmara answers in the web form behind its link. A refused file refuses the whole, and says why.

    The same form (`key`) sent twice is one reply.
    """
    opened = links.open_link(session, token)
    _require(text, files)
    exemplar_id = opened.exemplar.id
    return add_reply(
        session,
        exemplar_id,
        "formulario",
        text,
        files,
        actor=PUBLIC,
        message_id=_form_id(exemplar_id, key),
        strict=True,
    )


def answer_by_account(
    session: Session, exemplar_id: UUID, text: str, files: Sequence[File] = (), *, actor: Actor, key: str = ""
) -> Reply:
    """The same from the câmara's own account."""
    receipts.require_camara(session, exemplar_id, actor)
    _require(text, files)
    return add_reply(
        session, exemplar_id, "formulario", text, files, actor=actor, message_id=_form_id(exemplar_id, key), strict=True
    )


def add_reply(
    session: Session,
    exemplar_id: UUID,
    via: str,
    text: str,
    files: Sequence[File],
    *,
    actor: Actor,
    sender: str = "",
    subject: str = "",
    message_id: str | None = None,
    strict: bool = False,
) -> Reply:
    """Keep a reply; the exemplar is RESPONDIDO, late when its last day has passed (RE2). One Message-ID is one reply.

    `strict`: a file that is not accepted refuses the whole; otherwise (e-mail) it is named with the reason.
    """
    exemplar = states.locked(session, exemplar_id)
    earlier = session.scalar(select(Reply).where(Reply.message_id == message_id)) if message_id else None
    if earlier is not None and earlier.exemplar_id != exemplar.id:
        raise Conflict("Outra câmara já respondeu com esta mesma mensagem.", sent_as=message_id)
    if earlier is not None:
        return earlier
    campaign, now = session.get_one(Campaign, exemplar.campaign_id), clock.now()
    late = is_late(clock.local(now).date(), campaign.due_on)
    reply = Reply(
        exemplar_id=exemplar.id, via=via, sender=sender, subject=subject, text=text[:MAX_TEXT], message_id=message_id,
        account_id=actor.id, late=late, arrived_at=now,
    )  # fmt: skip
    session.add(reply)
    session.flush()
    for file in files[:MAX_FILES]:
        _keep_file(session, campaign, reply, file, strict)
    _answered(session, exemplar, late, now, actor)
    record = records.reply_digests(session, [reply])[reply.id]
    facts = {
        "exemplar": str(exemplar.id), "ibge": exemplar.ibge, "reply": str(reply.id), "late": late, "via": via,
        "record": record,
    }  # fmt: skip
    events.append(session, campaign, events.REPLIED, facts, actor=actor)
    return reply


def _answered(session: Session, exemplar: Exemplar, late: bool, now: datetime, actor: Actor) -> None:
    """Who answers has received it; a second reply changes nothing."""
    if exemplar.state == ExemplarState.RESPONDIDO:
        return
    if exemplar.state == ExemplarState.GERADO:
        states.become(session, exemplar, ExemplarState.VIA_POSTAL, actor=actor)
    exemplar.in_doubt, exemplar.late = False, late
    states.become(session, exemplar, ExemplarState.RESPONDIDO, now, actor=actor)


def _keep_file(session: Session, campaign: Campaign, reply: Reply, file: File, strict: bool) -> None:
    row = ReplyFile(
        reply_id=reply.id,
        name=file.name[:250],
        media_type=file.media_type[:100],
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
    )
    try:
        with session.begin_nested():
            if campaign.dossier_id is None:
                row.media_type = inspected(file.data, file.name).media_type
                row.data = file.data
            else:
                row.document_id = _into_dossier(session, campaign.dossier_id, file)
    except FileRefused as refused:
        if strict:
            raise
        row.document_id, row.data, row.refusal = None, None, refused.message[:300]
    except DomainError as refused:  # the dossier takes nothing in any more: the file is kept beside the reply
        if strict:
            raise
        row.document_id, row.data, row.refusal = None, file.data, refused.message[:300]
    session.add(row)
    session.flush()


def _into_dossier(session: Session, dossier_id: UUID, file: File) -> UUID:
    document = dossiers.add_document(
        session, dossier_id, "external", "anexo", actor=SYSTEM, title=f"Resposta: {file.name}"[:250]
    )
    texts.upload(session, document.id, file.data, file.name, actor=SYSTEM)
    return document.id


def _form_id(exemplar_id: UUID, key: str) -> str | None:
    """What stands for a Message-ID where there is no message; no message can have it, for want of an `@`."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"formulario.{exemplar_id.hex}.{digest}" if key else None


def _require(text: str, files: Sequence[File]) -> None:
    if not text.strip() and not files:
        raise InvalidInput({"texto": "Escreva a resposta ou anexe um documento."})
    if len(text) > MAX_TEXT:
        raise InvalidInput({"texto": f"Escreva no máximo {MAX_TEXT} caracteres."})
    if len(files) > MAX_FILES:
        raise InvalidInput({"arquivos": f"Anexe no máximo {MAX_FILES} arquivos."})
