"""What changes the gates: accept, let in at the desk, correct, enrol, erase. Each flushes and never commits."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from people.access import authorize
from people.persons import living_person
from processes.entrada import events
from processes.entrada.bridges import (
    Credentials,
    KnownBridge,
    SignedRequest,
    authenticate,
    disable_bridge,
    enrol_bridge,
    rotate_key,
)
from processes.entrada.intake import accept_events, record_heartbeat
from processes.entrada.jobs import open_case
from processes.entrada.models import Crop, Entry, EntryCorrection, GateEvent, Post, Presence
from processes.entrada.passage import add_to_counter, count_presence
from processes.entrada.posts import add_post, extend_hours, install_posts, opening_of, post_by_code
from processes.entrada.rules import Minor, admit_minor
from workflow import clock, history
from workflow import operations as workflow_operations
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "Credentials",
    "KnownBridge",
    "SignedRequest",
    "accept_events",
    "add_post",
    "admit_minor_at_desk",
    "authenticate",
    "correct_entry",
    "count_discarded_minor",
    "disable_bridge",
    "enrol_bridge",
    "enter_at_desk",
    "erase_for",
    "extend_hours",
    "install_posts",
    "opening_of",
    "post_by_code",
    "record_heartbeat",
    "rotate_key",
]


def enter_at_desk(
    session: Session, actor: Actor, post_id: UUID, person_id: UUID, *, accompanied_minors: int = 0
) -> GateEvent:
    """The attendant has identified somebody at the desk: an event of its own, which goes the way of every other."""
    authorize(actor, "desk.verify")
    living_person(session, person_id)
    if not 0 <= accompanied_minors <= 50:
        raise InvalidInput({"criancas": "Informe quantas crianças acompanham, de 0 a 50."})
    event = _desk_event(session, post_id, kind="visitante", person_id=person_id)
    open_case(session, event, actor=actor, criancas=accompanied_minors)
    return event


def admit_minor_at_desk(session: Session, actor: Actor, post_id: UUID, minor: Minor) -> GateEvent:
    """Somebody declared to be under 18: an anonymous event, nothing of the person is kept (R8, R9)."""
    authorize(actor, "desk.discard_minor")
    verdict = admit_minor(minor)
    if verdict is None:
        raise InvalidInput({"idade": "A partir de 18 anos, a pessoa é cadastrada como visitante."})
    if minor.age < 12 and minor.accompanied:
        raise InvalidInput({"idade": "A criança acompanhada é contada na entrada do adulto responsável."})
    event = _desk_event(session, post_id, kind="crianca" if minor.age < 12 else "adolescente")
    open_case(session, event, actor=actor, menor=verdict.ground.value)
    return event


def count_discarded_minor(session: Session, actor: Actor, event_id: UUID) -> None:
    """The face of a doubtful event is a minor's: crop and candidates go at once, a number stays (R10)."""
    authorize(actor, "desk.discard_minor")
    event = session.get(GateEvent, event_id, with_for_update=True)
    if event is None:
        raise NotFound("O evento da portaria não existe.")
    if event.person_id is not None:
        raise Conflict("A pessoa deste evento foi reconhecida; não é um menor sem cadastro.")
    session.execute(delete(Crop).where(Crop.event_id == event_id))
    event.candidates, event.candidate_ids, event.score = [], [], None
    add_to_counter(session, event, "descartado", 1)
    session.flush()


def correct_entry(
    session: Session, actor: Actor, entry_id: UUID, right_person: UUID | None, explanation: str
) -> Entry | None:
    """The entry belonged to somebody else (DE12): the wrong day is withdrawn, the right person's entry is recorded.

    `right_person` None: nobody knows who it was. The days that change reach the declarations as BPMN messages.
    """
    authorize(actor, "declaracao.cancel")
    words = " ".join(explanation.split())
    if not 3 <= len(words) <= 500:
        raise InvalidInput({"explanation": "Explique o engano, com 3 a 500 caracteres."})
    entry = _standing_entry(session, entry_id)
    if right_person == entry.person_id:
        raise InvalidInput({"right_person": "Escolha uma pessoa diferente da que está registrada."})
    entry.corrected_at = clock.now()
    session.add(
        EntryCorrection(entry_id=entry.id, explanation=words, corrected_by=actor.id, corrected_at=entry.corrected_at)
    )
    session.flush()
    corrected = None if right_person is None else _entry_of_right_person(session, entry, right_person, actor)
    data = {"entry": str(entry.id), "right_entry": None if corrected is None else str(corrected.id)}
    history.append(session, f"case:{entry.case_id}", events.CORRECTED, data, actor=actor)
    _tell_declarations(session, entry, corrected, actor)
    return corrected


def erase_for(session: Session, person_id: UUID) -> None:
    """A person's data are erased (LGPD, art. 18, VI): crops and likenesses go; entries keep an id that says nothing."""
    named = select(GateEvent.id).where(
        (GateEvent.person_id == person_id) | GateEvent.candidate_ids.contains([person_id])
    )
    touched = list(session.scalars(named))
    session.execute(delete(Crop).where(Crop.event_id.in_(touched)))
    session.execute(
        update(GateEvent).where(GateEvent.id.in_(touched)).values(candidates=[], candidate_ids=[], score=None)
    )
    session.flush()


def _desk_event(session: Session, post_id: UUID, *, kind: str, person_id: UUID | None = None) -> GateEvent:
    post = session.get(Post, post_id)
    if post is None or not post.active:
        raise NotFound("Este posto não está em funcionamento. Escolha outro.")
    now = clock.now()
    event = GateEvent(
        id=uuid4(), bridge_id=None, post_id=post_id, sequence=0, device="mesa", device_kind="desk", device_time=None,
        bridge_time=now, instant=now, skew_s=0.0, review=False, replayed=False, way="desk", claim=None,
        decision="unknown" if person_id is None else "recognised", kind=kind, person_id=person_id, score=None,
        limit=None, candidates=[], candidate_ids=[], frames=0, calibration="", raw_sha256=None, accepted_at=now,
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event


def _standing_entry(session: Session, entry_id: UUID) -> Entry:
    entry = session.scalar(select(Entry).where(Entry.id == entry_id).with_for_update())
    if entry is None or entry.person_id is None:
        raise NotFound("Não encontramos essa entrada.")
    if entry.corrected_at is not None:
        raise Conflict("Esta entrada já foi corrigida.")
    return entry


def _entry_of_right_person(session: Session, wrong: Entry, person_id: UUID, actor: Actor) -> Entry:
    living_person(session, person_id)
    entry = Entry(
        event_id=wrong.event_id, case_id=wrong.case_id, post_id=wrong.post_id, building=wrong.building,
        instant=wrong.instant, date=wrong.date, kind=wrong.kind, person_id=person_id,
        accompanied_minors=wrong.accompanied_minors, confirmed_by=actor.id, recorded_at=clock.now(), corrects_id=wrong.id,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def _tell_declarations(session: Session, wrong: Entry, right: Entry | None, actor: Actor) -> None:
    """The wrong person's day ends when no other entry holds it; the right person's begins when it is the first."""
    left = session.execute(
        update(Presence)
        .where(Presence.person_id == wrong.person_id, Presence.date == wrong.date)
        .values(entries=func.greatest(Presence.entries - 1, 0))
        .returning(Presence.entries)
    ).scalar_one()
    if right is not None and count_presence(session, right) == 1:
        _deliver(session, "comparecimento_registrado", right, actor)
    if left == 0:
        right_person = None if right is None else str(right.person_id)
        _deliver(session, "comparecimento_corrigido", wrong, actor, pessoa_certa_id=right_person)


def _deliver(session: Session, name: str, entry: Entry, actor: Actor, **more: str | None) -> None:
    payload = {"pessoa_id": str(entry.person_id), "dia": entry.date, "entrada_id": str(entry.id), **more}
    key = f"{entry.person_id}:{entry.date}:{entry.id}"
    workflow_operations.deliver_message(session, name, key, payload, message_id=f"{name}:{entry.id}", actor=actor)
