"""A registration without document: the desk asks, the Gpol answers (Deliberação 2.716/2019, art. 3º, § 6º; R11).

The request lives in the draft and ends with it. Until it is made, the Gpol sees nothing of the draft.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from people import drafts
from people.access import authorize
from people.drafts import DraftView
from people.models import RegistrationDraft
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

ACTION = "gpol.register_without_document"


@dataclass(frozen=True)
class WaiverRequest:
    """A request that waits for the Gpol: by which account, since when, and the faces to look at."""

    draft_id: UUID
    full_name: str
    faces: tuple[UUID, ...]
    asked_by: UUID
    asked_at: datetime


def request_without_document(session: Session, draft_id: UUID, *, actor: Actor) -> DraftView:
    """The desk asks; asked again while it waits, it is the same request. After a refusal it is a new one."""
    authorize(actor, "desk.register")
    draft = drafts.open_draft(session, draft_id, actor)
    if drafts.waiver_of(draft) in ("none", "refused"):
        if not drafts.view(session, draft).faces:
            raise InvalidInput({"face": "Antes de pedir, tire ao menos uma foto boa do rosto: a Gpol precisa vê-lo."})
        draft.waiver_asked_at, draft.waiver_refused_at = clock.now(), None
        session.flush()
        history.record(session, "cadastro_sem_documento_pedido", {"draft": str(draft.id)}, actor=actor)
    return drafts.view(session, draft)


def waiver_requests(session: Session, *, actor: Actor) -> list[WaiverRequest]:
    """What waits for the Gpol, oldest first; a request is gone with its draft."""
    authorize(actor, ACTION)
    return [_request(session, draft) for draft in drafts.waiting_for_waiver(session)]


def waiver_picture(session: Session, draft_id: UUID, picture_id: UUID, *, actor: Actor) -> bytes:
    """A face of a draft whose request waits, for the officer who answers."""
    draft = _waiting(session, draft_id, actor)
    if picture_id not in _faces(drafts.view(session, draft)):
        raise NotFound("Não encontramos essa fotografia.")
    return drafts.jpeg_of(session, draft, picture_id)


def authorize_without_document(session: Session, draft_id: UUID, justification: str, *, actor: Actor) -> DraftView:
    """The Gpol, and only it, authorises the registration that the desk asked for, saying why."""
    draft = _waiting(session, draft_id, actor)
    text = " ".join(justification.split())
    if not 10 <= len(text) <= 500:
        raise InvalidInput(
            {"justification": "Explique, em até 500 caracteres, por que não há como apresentar documento."}
        )
    draft.waiver_officer_id, draft.waiver_at = actor.id, clock.now()
    drafts.set_details(session, draft, replace(drafts.details(draft), justification=text))
    history.record(session, "cadastro_sem_documento_autorizado", {"draft": str(draft.id)}, actor=actor)
    return drafts.view(session, draft)


def refuse_without_document(session: Session, draft_id: UUID, *, actor: Actor) -> DraftView:
    """The Gpol does not authorise it: the person shows a document, or is not registered."""
    draft = _waiting(session, draft_id, actor)
    draft.waiver_refused_at = clock.now()
    session.flush()
    history.record(session, "cadastro_sem_documento_negado", {"draft": str(draft.id)}, actor=actor)
    return drafts.view(session, draft)


def refuse_unasked(draft: RegistrationDraft) -> None:
    """Forbidden while nobody asked the Gpol about the draft."""
    if drafts.waiver_of(draft) == "none":
        raise Forbidden("O atendimento não pediu à Gpol autorização para este cadastro.")


def _waiting(session: Session, draft_id: UUID, actor: Actor) -> RegistrationDraft:
    authorize(actor, ACTION)
    draft = drafts.open_draft(session, draft_id, actor, others=True)
    refuse_unasked(draft)
    if drafts.waiver_of(draft) != "asked":
        raise Conflict("Este pedido já foi respondido.")
    return draft


def _request(session: Session, draft: RegistrationDraft) -> WaiverRequest:
    view = drafts.view(session, draft)
    asked_at = draft.waiver_asked_at or draft.created_at
    return WaiverRequest(draft.id, view.details.full_name, _faces(view), draft.account_id, asked_at)


def _faces(view: DraftView) -> tuple[UUID, ...]:
    return tuple(picture.id for picture in view.pictures if picture.kind == "face")
