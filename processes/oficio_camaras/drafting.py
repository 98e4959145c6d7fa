"""From the draft to the approved letter (section 4, steps 1 to 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.dossier.models import DossierDocument
from documents.texts import versions
from documents.texts.sanitising import plain, sanitise
from people.access import authorize
from processes.oficio_camaras import events, letter
from processes.oficio_camaras.models import Camara, Campaign, CampaignState
from processes.oficio_camaras.rules import may_approve
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

MAX_BODY = 200_000
SAME_FORM = timedelta(seconds=30)


@dataclass(frozen=True)
class Draft:
    """What the writer decides: text, template, to whom, whether and until when a reply is due.

    `recipients`: IBGE codes, or None for all câmaras. `version`: the version of the text that the writer had before them.
    """

    subject: str
    body: str
    recipients: Sequence[str] | None = None
    template: str = "almg_seed"
    annex: bool = True
    requires_reply: bool = False
    deadline_days: int = 30
    deadline_kind: str = "calendar"
    rectifies: UUID | None = None
    version: int = field(default=0)


def save_draft(session: Session, campaign_id: UUID, draft: Draft, *, actor: Actor) -> Campaign:
    """Keep the draft; whoever saves it last is its writer and may not approve it."""
    authorize(actor, "oficio.work")
    campaign = locked(session, campaign_id)
    if campaign.state != CampaignState.DRAFT:
        raise Conflict("Este ofício não está mais em redação. Peça a devolução para alterar o texto.")
    problems = _problems(session, campaign, draft)
    if problems:
        raise InvalidInput(problems)
    campaign.subject = " ".join(draft.subject.split())
    campaign.body = sanitise(draft.body)
    campaign.template, campaign.annex = draft.template, draft.annex
    campaign.requires_reply = draft.requires_reply
    campaign.deadline_days, campaign.deadline_kind = draft.deadline_days, draft.deadline_kind
    campaign.rectifies = draft.rectifies
    campaign.recipients = _recipients(session, draft.recipients)
    campaign.written_by = actor.acting_for or actor.id
    _into_dossier(session, campaign, draft.version, actor)
    session.flush()
    return campaign


def begun_just_now(session: Session, subject: str, *, actor: Actor) -> UUID | None:
    """The ofício that this person began moments ago with the same subject and without câmaras: its form was sent twice.

    To be asked in the transaction that begins one; whoever begins one at this moment is waited for.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"oficio:{actor.id}", 2018))))
    begun = Campaign.state == CampaignState.DRAFT, Campaign.created_at > clock.now() - SAME_FORM
    writer = Campaign.written_by == (actor.acting_for or actor.id), Campaign.recipients == []
    query = select(Campaign.id).where(*begun, *writer, Campaign.subject == " ".join(subject.split()))
    return session.scalar(query.order_by(Campaign.created_at.desc()).limit(1))


def prepare(session: Session, campaign: Campaign, *, actor: Actor) -> int:
    """The draft is whole and goes to the review; to how many. InvalidInput says what is missing."""
    taken_from_dossier(session, campaign)
    problems = {}
    if not plain(campaign.body):
        problems["body"] = "Escreva o texto do ofício."
    if not campaign.subject:
        problems["subject"] = "Escreva o assunto."
    if not campaign.recipients:
        problems["recipients"] = "Escolha ao menos uma câmara."
    still = open_fields(session, campaign, campaign.body)
    if still:
        problems["body"] = " ".join(one.told for one in still)
    if problems:
        raise InvalidInput(problems)
    campaign.state = CampaignState.REVIEW
    campaign.written_by = campaign.written_by or actor.acting_for or actor.id
    campaign.reviewed_by = campaign.approved_by = None
    session.flush()
    return len(campaign.recipients)


@dataclass(frozen=True)
class OpenField:
    """A field of the text that would not be filled: in every exemplar, or in those of some câmaras."""

    name: str
    camaras: tuple[tuple[str, str], ...] = ()
    """IBGE code and name of those without a value; empty when nobody knows the field."""

    @property
    def told(self) -> str:
        """What is wrong and what to do."""
        if not self.camaras:
            return f"«{self.name}» não é um campo conhecido. Troque-o por um dos que o editor oferece em Variável."
        names = ", ".join(name for _, name in self.camaras[:5])
        more = f" e mais {len(self.camaras) - 5}" if len(self.camaras) > 5 else ""
        many = "1 câmara" if len(self.camaras) == 1 else f"{len(self.camaras)} câmaras"
        return (
            f"«{self.name}» não tem valor para {many}: {names}{more}. Complete o cadastro "
            f"{'dela' if len(self.camaras) == 1 else 'delas'} ou tire o campo do texto."
        )


def open_fields(session: Session, campaign: Campaign, body: str) -> tuple[OpenField, ...]:
    """The fields of `body` that some recipient has no value for (section 4, step 1: then it cannot be sent)."""
    unknown = tuple(OpenField(name) for name in letter.unresolved(body, campaign.template))
    if "camara.presidente" not in letter.fields_of(body):
        return unknown
    query = select(Camara.ibge, Camara.name).where(Camara.ibge.in_(campaign.recipients), Camara.president.is_(None))
    without = tuple((row[0], row[1]) for row in session.execute(query.order_by(Camara.name_folded)))
    return (*unknown, OpenField("camara.presidente", without)) if without else unknown


def decide(session: Session, campaign: Campaign, step: CampaignState, decision: str, text: str, actor: Actor) -> None:
    """A review (GRI) or an approval (GRPC): approve, or return with a text. Writer ≠ approver."""
    if not may_approve(actor.id, actor.acting_for, campaign.written_by):
        raise Forbidden("Quem redige o ofício não o aprova: outra chefia precisa decidir.")
    words = text.strip()[:2000]
    if decision == "devolver":
        if len(words) < 3:
            raise InvalidInput({"motivo": "Escreva o que precisa ser corrigido."})
        campaign.state, campaign.returned_text = CampaignState.DRAFT, words
        events.append(session, campaign, events.RETURNED, {}, actor=actor)
    elif step is CampaignState.REVIEW:
        campaign.reviewed_by, campaign.returned_text = actor.id, None
        many = len(campaign.recipients) > 1
        campaign.state = CampaignState.APPROVAL if many else CampaignState.SIGNATURE
        events.append(session, campaign, events.REVIEWED, {}, actor=actor)
    else:
        campaign.approved_by, campaign.returned_text = actor.id, None
        campaign.state = CampaignState.SIGNATURE
        events.append(session, campaign, events.APPROVED, {}, actor=actor)
    session.flush()


def locked(session: Session, campaign_id: UUID) -> Campaign:
    """The campaign, locked for a change; NotFound when there is none."""
    campaign = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None:
        raise NotFound("Não encontramos esse ofício.", campaign=str(campaign_id))
    return campaign


def taken_from_dossier(session: Session, campaign: Campaign) -> None:
    """The text as it now stands in the dossier's tree, where people may have gone on writing it."""
    if campaign.document_id is None:
        return
    version = versions.current(session, session.get_one(DossierDocument, campaign.document_id))
    if version is not None and version.html != campaign.body:
        campaign.body, campaign.written_by = version.html, version.author


def _into_dossier(session: Session, campaign: Campaign, version: int, actor: Actor) -> None:
    """The letter is a document of the dossier's tree, when there is a dossier."""
    if campaign.dossier_id is None:
        return
    if campaign.document_id is None:
        document = dossiers.add_document(
            session, campaign.dossier_id, "internal", letter.DOCUMENT_TYPE, actor=actor, title=campaign.subject
        )
        campaign.document_id = document.id
    current = versions.current(session, session.get_one(DossierDocument, campaign.document_id))
    if current is None or current.html != campaign.body:
        versions.save(session, campaign.document_id, campaign.body, actor=actor, based_on=version)


def _problems(session: Session, campaign: Campaign, draft: Draft) -> dict[str, str]:
    problems = {}
    if not 3 <= len(" ".join(draft.subject.split())) <= 200:
        problems["subject"] = "Escreva o assunto, com 3 a 200 caracteres."
    if not plain(sanitise(draft.body)) or len(draft.body) > MAX_BODY:
        problems["body"] = "Escreva o texto do ofício."
    unknown = letter.unresolved(sanitise(draft.body), draft.template)
    if unknown:
        problems["body"] = f"Campo desconhecido no texto: «{unknown[0]}». Use só os campos oferecidos."
    if draft.template not in letter.KINDS:
        problems["template"] = "Escolha um dos modelos."
    if draft.deadline_kind not in ("business", "calendar") or not 1 <= draft.deadline_days <= 365:
        problems["deadline_days"] = "O prazo vai de 1 a 365 dias."
    if draft.rectifies is not None:
        earlier = session.get(Campaign, draft.rectifies)
        if earlier is None or earlier.signed_at is None or earlier.id == campaign.id:
            problems["rectifies"] = "Só um ofício já assinado pode ser retificado."
    if draft.recipients is not None and len(_known(session, draft.recipients)) != len(set(draft.recipients)):
        problems["recipients"] = "Uma das câmaras escolhidas não está no cadastro."
    return problems


def _recipients(session: Session, chosen: Sequence[str] | None) -> list[str]:
    """In the order of the names, which is the order of the exemplars."""
    query = select(Camara.ibge).order_by(Camara.name_folded, Camara.ibge)
    return list(session.scalars(query if chosen is None else query.where(Camara.ibge.in_(set(chosen)))))


def _known(session: Session, chosen: Sequence[str]) -> set[str]:
    return set(session.scalars(select(Camara.ibge).where(Camara.ibge.in_(set(chosen)))))
