"""Receipts: confirmed by link or account, or read from a paper stamp; the stamped copy (ST1 to ST5)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import operations as documents
from documents.numbering.operations import next_number
from people.access import Resource, authorize
from processes.oficio_camaras import events, generating, letter, records, stamp, states
from processes.oficio_camaras.correspondence import links
from processes.oficio_camaras.correspondence.models import CamaraAccount, Receipt
from processes.oficio_camaras.models import Campaign, Exemplar, ExemplarState
from processes.oficio_camaras.rules import after_receipt
from workflow import clock, jobs
from workflow.actor import PUBLIC, SYSTEM, Actor
from workflow.errors import Conflict, InvalidInput, NotFound

STAMP = "oficios.stamp"


def confirm_by_link(session: Session, token: str, name: str) -> Receipt:
    """The câmara confirms from the e-mailed link; a link confirms once, and again gives the same receipt (EM7)."""
    opened = links.open_link(session, token, lock=True)
    earlier = receipt_of(session, opened.exemplar.id)
    if earlier is not None:
        return earlier
    who = _name(name)
    opened.link.used_at = clock.now()
    return _receive(session, opened.exemplar.id, "link", who, None, PUBLIC)


def confirm_by_account(session: Session, exemplar_id: UUID, name: str, *, actor: Actor) -> Receipt:
    """The câmara confirms from its own account."""
    require_camara(session, exemplar_id, actor)
    earlier = receipt_of(session, exemplar_id)
    return earlier or _receive(session, exemplar_id, "conta", _name(name), actor.id, actor)


def record_paper(session: Session, exemplar_id: UUID, text: str, *, actor: Actor) -> Receipt:
    """A paper stamp that came back, as it is written (ST1, ST2, ST4)."""
    authorize(actor, "oficio.work")
    read = stamp.parse(text)
    exemplar = states.locked(session, exemplar_id)
    if receipt_of(session, exemplar_id) is not None:
        raise Conflict("O recebimento deste exemplar já está registrado.")
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    assert campaign.signed_at is not None
    stamp.check_not_before(read.day, campaign.signed_at)
    at = stamp.instant_of(read)
    if at > clock.now():
        raise InvalidInput({"carimbo": "A data do carimbo ainda não chegou. Confira e corrija."})
    receipt = Receipt(
        exemplar_id=exemplar.id, ibge=exemplar.ibge, year=read.day.year, number=read.number, received_at=at,
        via="papel", received_by=read.entity[:120], account_id=actor.id, created_at=clock.now(),
    )  # fmt: skip
    return _kept(session, exemplar, campaign, receipt, actor)


def receipt_of(session: Session, exemplar_id: UUID) -> Receipt | None:
    """The receipt of an exemplar, if it was received."""
    return session.scalar(select(Receipt).where(Receipt.exemplar_id == exemplar_id))


def require_camara(session: Session, exemplar_id: UUID, actor: Actor) -> Exemplar:
    """The exemplar, when the external user's câmara is its addressee; to any other it does not exist."""
    authorize(actor, "camara.answer", Resource(id=exemplar_id))
    query = select(Exemplar).join(CamaraAccount, CamaraAccount.ibge == Exemplar.ibge)
    found = session.scalar(query.where(Exemplar.id == exemplar_id, CamaraAccount.account_id == actor.id))
    if found is None:
        raise NotFound("Não encontramos esse ofício entre os da sua câmara.")
    return found


def make_stamped_copy(session: Session, receipt_id: UUID) -> UUID:
    """The letter again with the stamp on every sheet (ST3), a document of its own; the exemplar's bytes stay untouched."""
    receipt = session.get_one(Receipt, receipt_id, with_for_update=True, populate_existing=True)
    if receipt.document_id is not None:
        return receipt.document_id
    exemplar = session.get_one(Exemplar, receipt.exemplar_id)
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    one = stamp.stamps(exemplar.merged["camara.municipio"], receipt.received_at, receipt.number, 1)[0]
    printed = {
        "stamp": one.written().rpartition(" ")[0],
        "stamp_entity": one.entity,
        "stamp_instant": f"{one.day:%d/%m/%Y} {one.time}",
        "stamp_number": one.number,
    }
    own = letter.own(campaign, exemplar.merged, exemplar.ordinal, len(campaign.recipients))
    document = documents.issue(
        session,
        letter.STAMPED[campaign.template],
        {**generating.fields_of(session, campaign), **own, **printed},
        case_id=campaign.case_id,
        owner_person_id=None,
        actor=SYSTEM,
        idempotency_key=records.stamped_key(receipt.id),
    )
    receipt.document_id = document.id
    session.flush()
    return document.id


def _receive(
    session: Session, exemplar_id: UUID, via: Literal["link", "conta"], who: str, account: UUID | None, actor: Actor
) -> Receipt:
    exemplar = states.locked(session, exemplar_id)
    earlier = receipt_of(session, exemplar_id)
    if earlier is not None:
        return earlier
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    now = clock.now()
    year = clock.local(now).year
    sequence = next_number(session, f"recebimento:{exemplar.ibge}", year)
    receipt = Receipt(
        exemplar_id=exemplar.id, ibge=exemplar.ibge, year=year, seq=sequence, number=stamp.number_text(sequence),
        received_at=now, via=via, received_by=who, account_id=account, created_at=now,
    )  # fmt: skip
    return _kept(session, exemplar, campaign, receipt, actor)


def _kept(session: Session, exemplar: Exemplar, campaign: Campaign, receipt: Receipt, actor: Actor) -> Receipt:
    session.add(receipt)
    session.flush()
    arrived(session, exemplar, campaign, receipt.received_at, actor)
    facts = {
        "exemplar": str(exemplar.id), "ibge": exemplar.ibge, "number": receipt.number, "via": receipt.via,
        "receipt": str(receipt.id), "record": records.receipt_digest(receipt),
    }  # fmt: skip
    events.append(session, campaign, events.RECEIVED, facts, actor=actor)
    jobs.defer(session, STAMP, queue="documents", receipt_id=str(receipt.id))
    return receipt


def arrived(session: Session, exemplar: Exemplar, campaign: Campaign, at: datetime, actor: Actor) -> None:
    """RECEBIDO and, where no reply is due, DISPENSADA_RESPOSTA (RE1). One that was answered stays answered."""
    if ExemplarState(exemplar.state) in (ExemplarState.RESPONDIDO, ExemplarState.SEM_RESPOSTA):
        exemplar.received_at = exemplar.received_at or at
        events.of_exemplar(session, exemplar, actor=actor)
        return
    if exemplar.state == ExemplarState.GERADO:
        states.become(session, exemplar, ExemplarState.VIA_POSTAL, actor=actor)
    exemplar.in_doubt = False
    states.become(session, exemplar, ExemplarState.RECEBIDO, at, actor=actor)
    closed = after_receipt(campaign.requires_reply)
    if closed is not None:
        states.become(session, exemplar, closed, actor=actor)


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 2 <= len(name) <= 120:
        raise InvalidInput({"nome": "Escreva o nome de quem recebe, com até 120 caracteres."})
    return name
