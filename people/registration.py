"""The desk registers a visitor (Deliberação 2.716/2019, art. 3º; R4 to R6, R8 to R11).

A draft gathers name, CPF and pictures; `candidates` shows who is registered already and may be this person; `finish`
makes the person or takes the one chosen. Nobody is registered without the attendant having seen the likely candidates:
`finish` seeks them once more and refuses when one of them was not shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from integrations.faces.calibration import Calibration, load
from integrations.faces.decision import decide_one_to_one
from integrations.faces.embedding import average
from people import crypto, drafts, faces, persons, rules, waivers
from people.access import authorize
from people.candidates import Candidate, seek
from people.drafts import DraftView, Report, purge_drafts
from people.errors import AnotherFace, CandidatesNotSeen
from people.gallery import Vector
from people.models import DocumentWaiver, DraftPicture, FaceRecord, MinorDiscard, RegistrationDraft
from people.waivers import (
    WaiverRequest,
    authorize_without_document,
    refuse_without_document,
    request_without_document,
    waiver_picture,
    waiver_requests,
)
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "Candidate",
    "Registered",
    "WaiverRequest",
    "add_document",
    "add_face",
    "add_picture",
    "authorize_without_document",
    "candidates",
    "describe",
    "discard",
    "earlier_looks",
    "finish",
    "picture",
    "purge_drafts",
    "refuse_without_document",
    "remove_picture",
    "request_without_document",
    "start",
    "view",
    "waiver_picture",
    "waiver_requests",
]


@dataclass(frozen=True)
class Registered:
    """Outcome of `finish`: who it is, and whether the person was made now."""

    person_id: UUID
    created: bool


def start(session: Session, *, actor: Actor) -> DraftView:
    """A new, empty draft."""
    authorize(actor, "desk.register")
    return drafts.view(session, drafts.new(session, actor))


def view(session: Session, draft_id: UUID, *, actor: Actor) -> DraftView:
    """One's own draft as it is; the Gpol sees those for which it was asked to authorise the lack of a document (R11)."""
    authorize(actor, "desk.search")
    draft = drafts.open_draft(session, draft_id, actor, others=actor.has("gpol"))
    if draft.account_id != actor.id:
        waivers.refuse_unasked(draft)
    return drafts.view(session, draft)


def describe(session: Session, draft_id: UUID, *, full_name: str, cpf: str = "", actor: Actor) -> DraftView:
    """Name and CPF as the document says (R4: the CPF is asked for and not demanded)."""
    draft = _draft(session, draft_id, actor)
    details = replace(
        drafts.details(draft),
        full_name=rules.clean_name(full_name),
        cpf=rules.normalize_cpf(cpf) if cpf.strip() else "",
    )
    drafts.set_details(session, draft, details)
    return drafts.view(session, draft)


def add_picture(session: Session, draft_id: UUID, kind: drafts.Kind, report: Report, *, actor: Actor) -> DraftView:
    """Add an analysed picture. A face must be a good one; of a document only that it could be read is asked."""
    if kind == "document":
        if not report.jpeg:
            raise InvalidInput({"document": report.quality.message})
        return add_document(session, draft_id, report.jpeg, actor=actor)
    return add_face(session, draft_id, report, actor=actor)


def add_face(
    session: Session, draft_id: UUID, report: Report, *, actor: Actor, calibration: Calibration | None = None
) -> DraftView:
    """Add a good picture of the face; InvalidInput in words when it is not good or is of another person than the others.

    `calibration` holds the limits in force; without it, the ones shipped.
    """
    draft = _draft(session, draft_id, actor)
    if not report.quality.ok or report.vector is None:
        raise InvalidInput({"face": report.quality.message}, message=report.quality.message, code=report.quality.code)
    if drafts.view(session, draft).faces >= drafts.MOST_FACES:
        raise Conflict("Já há fotos bastantes do rosto. Remova uma antes de acrescentar outra.")
    _same_face(faces.unit(report.vector), drafts.measures(session, draft), calibration or load())
    drafts.put_picture(session, draft, "face", report.face_jpeg or report.jpeg, report)
    return drafts.view(session, draft)


def add_document(session: Session, draft_id: UUID, jpeg: bytes, *, actor: Actor) -> DraftView:
    """Add the picture of the document (R4), already decoded and written anew; a second one replaces the first."""
    draft = _draft(session, draft_id, actor)
    if not jpeg.startswith(b"\xff\xd8"):
        raise InvalidInput({"document": "A foto do documento não pôde ser lida. Tire outra."})
    drafts.put_picture(session, draft, "document", jpeg, None)
    return drafts.view(session, draft)


def remove_picture(session: Session, draft_id: UUID, picture_id: UUID, *, actor: Actor) -> DraftView:
    """Take a picture out of the draft."""
    draft = _draft(session, draft_id, actor)
    row = session.get(DraftPicture, picture_id)
    if row is None or row.draft_id != draft.id:
        raise NotFound("Não encontramos essa fotografia.")
    session.delete(row)
    session.flush()
    return drafts.view(session, draft)


def picture(session: Session, draft_id: UUID, picture_id: UUID, *, actor: Actor) -> bytes:
    """The JPEG of one picture of one's own draft."""
    return drafts.jpeg_of(session, _draft(session, draft_id, actor), picture_id)


def earlier_looks(session: Session, draft_id: UUID, *, actor: Actor) -> list[dict[str, object]]:
    """How the faces taken so far looked (`dataclasses.asdict` of each look), so that the same pose again is told."""
    return [dict(item.look) for item in drafts.measures(session, _draft(session, draft_id, actor))]


def candidates(session: Session, draft_id: UUID, *, actor: Actor) -> list[Candidate]:
    """Who may be this person, by CPF, name and face (R5, I10); that they were shown is kept in the draft."""
    draft = _draft(session, draft_id, actor)
    found = seek(session, draft)
    before = set(draft.shown or ())
    draft.shown = sorted(before | {str(candidate.person_id) for candidate in found})
    session.flush()
    return found


def finish(session: Session, draft_id: UUID, *, actor: Actor, link_to: UUID | None = None) -> Registered:
    """Register the person, or take the candidate `link_to` (R4 to R6, R11). The draft is gone afterwards.

    Conflict in words when a likely candidate was not shown, or when another attendant registered the CPF meanwhile.
    """
    draft = _draft(session, draft_id, actor)
    seen = set(draft.shown or ())
    unseen = {str(candidate.person_id) for candidate in seek(session, draft)} - seen
    if draft.shown is None or unseen or (link_to is not None and str(link_to) not in seen):
        raise CandidatesNotSeen
    outcome = _link(session, draft, link_to) if link_to is not None else _create(session, draft)
    kind = "pessoa_cadastrada" if outcome.created else "cadastro_conferido"
    data = {
        "person": str(outcome.person_id),
        "shown": len(seen),
        "without_document": draft.waiver_officer_id is not None,
    }
    history.record(session, kind, data, actor=actor)
    drafts.remove(session, draft)
    return outcome


def discard(session: Session, draft_id: UUID, *, minor: bool = False, actor: Actor) -> None:
    """Throw the draft away. A declared minor leaves a number and nothing else (R8 to R10)."""
    authorize(actor, "desk.discard_minor")
    draft = drafts.open_draft(session, draft_id, actor, others=actor.has("gpol"))
    drafts.remove(session, draft)
    if minor:
        row = insert(MinorDiscard).values(day=clock.today(), discarded=1)
        session.execute(
            row.on_conflict_do_update(index_elements=["day"], set_={"discarded": MinorDiscard.discarded + 1})
        )
        history.record(session, "menor_descartado", {}, actor=actor)


def _draft(session: Session, draft_id: UUID, actor: Actor) -> RegistrationDraft:
    authorize(actor, "desk.register")
    return drafts.open_draft(session, draft_id, actor)


def _same_face(vector: Vector, taken: list[drafts.Measured], calibration: Calibration) -> None:
    """One registration, one face: an average of two people would open the gate to both, or to neither."""
    if not taken:
        return
    known = average([item.vector for item in taken])
    decision = decide_one_to_one(calibration, person="", enrolled=known, pictures=len(taken), face=vector, frames=1)
    if decision.result == "unknown":
        raise AnotherFace


def _create(session: Session, draft: RegistrationDraft) -> Registered:
    details, state = drafts.details(draft), drafts.view(session, draft)
    waived = draft.waiver_officer_id is not None
    _complete(details, state, waived)
    # R11: a CPF said aloud is not verified, and is not kept.
    cpf = details.cpf if details.cpf and not waived else None
    person = persons.create_person(session, details.full_name, cpf, verified=True, without_document=waived)
    _enrol(session, draft, state, person.id)
    if waived:
        session.add(
            DocumentWaiver(
                person_id=person.id,
                officer_id=draft.waiver_officer_id,
                authorized_at=draft.waiver_at,
                justification=crypto.encrypt_for(session, person.id, details.justification.encode(), "document-waiver"),
            )
        )
        session.flush()
    return Registered(person.id, True)


def _link(session: Session, draft: RegistrationDraft, person_id: UUID) -> Registered:
    """The person is known (R5): no new person, no second document picture; the face moves the average."""
    details, state = drafts.details(draft), drafts.view(session, draft)
    person = persons.living_person(session, person_id, lock=True)
    if details.cpf and draft.waiver_officer_id is None and (person.cpf or state.has_document):
        persons.set_cpf(session, person, details.cpf)
    taken = drafts.measures(session, draft)
    if session.get(FaceRecord, person.id) is None:
        if taken:
            _enrol(session, draft, state, person.id)
    elif taken:
        for item in taken:
            faces.update(session, person.id, item.vector)
        faces.mark_seen(session, person.id, clock.now())
    return Registered(person.id, False)


def _complete(details: drafts.Details, state: DraftView, waived: bool) -> None:
    missing = {}
    if not details.full_name:
        missing["full_name"] = "Escreva o nome completo, como está no documento."
    if not state.faces:
        missing["face"] = "Tire ao menos uma foto boa do rosto."
    if not state.has_document and not waived:
        missing["document"] = (
            "Fotografe o documento com foto. Se for impossível apresentá-lo, só a Gpol pode autorizar o cadastro."
        )
    if missing:
        raise InvalidInput(missing)


def _enrol(session: Session, draft: RegistrationDraft, state: DraftView, person_id: UUID) -> None:
    """Of the burst the sharpest picture rests, the others end in the average (R6)."""
    taken = drafts.measures(session, draft)
    best = max(taken, key=lambda item: item.sharpness)
    documents = [item.id for item in state.pictures if item.kind == "document"]
    faces.enrol(
        session,
        person_id,
        vectors=[item.vector for item in taken],
        face_jpeg=drafts.jpeg_of(session, draft, best.picture_id),
        document_jpeg=drafts.jpeg_of(session, draft, documents[0]) if documents else None,
    )
