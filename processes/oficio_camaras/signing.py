"""The signature of an ofício: the number is given here, and from here on the content never changes (section 4, step 4)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier.models import DossierDocument
from documents.numbering import operations as numbering
from documents.signatures import operations as signatures
from documents.signatures import proof, signing
from documents.texts import merge, versions
from people.access import authorize
from people.models import Account, Person
from processes.oficio_camaras import events, letter
from processes.oficio_camaras.drafting import locked, open_fields
from processes.oficio_camaras.models import Campaign, CampaignState
from workflow import calendar, clock, queries
from workflow import operations as workflow
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound


def sign(session: Session, task_id: UUID, *, password: str, cargo: str, actor: Actor, address: str = "") -> Campaign:
    """Sign the ofício whose task “Assinar” this is, give it its number (OF3) and complete the task.

    With a dossier, the letter is signed as a document of its tree; what was approved is what is signed.
    """
    authorize(actor, "oficio.work")
    campaign = locked(session, campaign_of_task(session, task_id))
    if campaign.state != CampaignState.SIGNATURE:
        raise Conflict("Este ofício não está à espera de assinatura.")
    still = open_fields(session, campaign, campaign.body)
    if still:
        raise InvalidInput({"body": " ".join(one.told for one in still)})
    if campaign.document_id is None:
        _sign_alone(session, campaign, password, cargo, actor, address)
    else:
        _sign_document(session, campaign, password, cargo, actor, address)
    campaign.signed_by = actor.id
    campaign.due_on = due_date(session, clock.local(campaign.signed_at or clock.now()).date(), campaign)
    campaign.state = CampaignState.GENERATING
    session.flush()
    facts = {"number": campaign.number, "sha256": campaign.content_sha256, "recipients": len(campaign.recipients)}
    events.append(session, campaign, events.SIGNED, facts, actor=actor)
    workflow.complete_task(session, task_id, {}, actor=actor)
    return campaign


def campaign_of_task(session: Session, task_id: UUID) -> UUID:
    """The campaign of a task of this process."""
    chosen = queries.task_view(session, task_id).data.get("campanha")
    if chosen is None:
        raise NotFound("Esta tarefa não é de um ofício.", task=str(task_id))
    return UUID(chosen)


def due_date(session: Session, start: date, campaign: Campaign) -> date:
    """RE2: the start is excluded; an end on a day without business goes to the next business day (Lei 14.184/2002)."""
    if campaign.deadline_kind == "business":
        return calendar.add_business_days(session, start, campaign.deadline_days)
    return calendar.next_business_day(session, start + timedelta(days=campaign.deadline_days))


def signature_of(session: Session, campaign: Campaign) -> letter.Signature:
    """Who signed, by name."""
    account = session.get(Account, campaign.signed_by) if campaign.signed_by else None
    person = session.get(Person, account.person_id) if account and account.person_id else None
    name = (person.full_name if person else None) or (account.display_name or account.login if account else None)
    return letter.Signature(name or "servidor da Assembleia", campaign.signer_cargo or "")


def _sign_document(session: Session, campaign: Campaign, password: str, cargo: str, actor: Actor, address: str) -> None:
    assert campaign.document_id is not None
    document = session.get_one(DossierDocument, campaign.document_id)
    version = versions.current(session, document)
    if version is None or version.html != campaign.body:
        raise Conflict("O texto mudou depois de aprovado. Devolva o ofício para nova revisão.")
    signed = signatures.sign(session, [document.id], password=password, cargo=cargo, actor=actor, address=address)[0]
    final = versions.current(session, document)
    campaign.body = final.html if final is not None else campaign.body
    campaign.number, campaign.signed_at = document.type_number, signed.signed_at
    campaign.content_sha256, campaign.signer_cargo = signed.content_sha256, signed.cargo


def _sign_alone(session: Session, campaign: Campaign, password: str, cargo: str, actor: Actor, address: str) -> None:
    """Without a dossier the signature is the ofício's own: password, number and digest of what was signed."""
    signer = signing.signer_of(session, actor, cargo)
    proof.require(session, signer.account_id, password, address)
    campaign.number = numbering.new_type_number(session, letter.DOCUMENT_TYPE, campaign.unit)
    campaign.signed_at, campaign.signer_cargo = clock.now(), signer.cargo
    at_signature = merge.values_at_signature(campaign.number, clock.local(campaign.signed_at).date())
    campaign.body = merge.fill(campaign.body, at_signature).html
    content = [campaign.number, campaign.template, campaign.subject, campaign.body, campaign.recipients]
    campaign.content_sha256 = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
