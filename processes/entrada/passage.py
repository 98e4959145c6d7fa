"""The services of the process `entrada`: evaluate, record the entry, record that there was none.

They run inside the engine's step, so that a case and its entry exist together or not at all.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people.faces import mark_seen
from people.models import Person
from processes.entrada.errors import NobodyChosen, OutsideHours
from processes.entrada.events import ENTERED
from processes.entrada.models import Crop, Entry, GateEvent, MinorCounter, Post, Presence
from processes.entrada.posts import opening_of
from processes.entrada.rules import (
    PASSAGE_S,
    Confirmer,
    Ground,
    Opening,
    Result,
    Seen,
    Verdict,
    attendance_date,
    decide,
    may_confirm,
    same_passage,
)
from workflow import clock, history
from workflow.errors import NotFound
from workflow.process import ServiceContext

MINOR_RESULTS = {
    Ground.ADOLESCENTE: Result.LIBERADO,
    Ground.VERIFICACAO_PENDENTE: Result.PENDENTE_VERIFICACAO,
    Ground.ADOLESCENTE_SEM_DOCUMENTO: Result.ENCAMINHADO_GPOL,
    Ground.CRIANCA_DESACOMPANHADA: Result.ENCAMINHADO_GPOL,
}


def avaliar(context: ServiceContext) -> dict[str, Any]:
    """Calendar, hours, category and recognition decide; nobody is let in here."""
    session, event = context.session, _event(context)
    opening = opening_of(session, event.post_id, event.instant)
    minor = context.data.get("menor")
    known = minor is None and _alive(session, event.person_id)
    verdict = _verdict(event, opening, known=known, minor=minor)
    _settle(event, verdict)
    if verdict.result in (Result.LIBERADO, Result.NEGADO):
        _forget_face(session, event)
    person = event.person_id if known else None
    return {"decisao": verdict.result.value, "fundamento": verdict.ground.value, "pessoa_id": _text(person)}


def registrar_entrada(context: ServiceContext) -> dict[str, Any]:
    """Record the entry of whom the machine recognised or a person confirmed; the same passage twice is one."""
    session, event = context.session, _event(context)
    ground = _ground(context, event)
    person = _person(context) if event.kind == "visitante" else None
    day = attendance_date(event.instant)
    found = {"pessoa_id": _text(person), "dia": day, "entrada_id": None, "primeira_do_dia": False}
    _forget_face(session, event)
    if person is not None and _passed_already(session, event, person):
        _settle(event, Verdict(Result.LIBERADO, Ground.MESMA_PASSAGEM))
        return found
    entry = _entry(context, event, person)
    session.add(entry)
    _settle(event, Verdict(Result.LIBERADO, ground))
    session.flush()
    found["entrada_id"] = str(entry.id)
    _count_minors(session, entry)
    if person is not None:
        mark_seen(session, person, event.instant)
        found["primeira_do_dia"] = count_presence(session, entry) == 1
    data = {"entry": str(entry.id), "post": str(entry.post_id), "person": _text(person), "ground": ground.value}
    history.append(session, f"case:{context.case_id}", ENTERED, data, actor=context.actor)
    return found


def registrar_sem_entrada(context: ServiceContext) -> dict[str, Any]:
    """Record that a person answered, and nobody went in."""
    refused = "autorizada" in context.data
    ground = Ground.NAO_AUTORIZADA if refused else Ground.NAO_IDENTIFICADA
    event = _event(context)
    _forget_face(context.session, event)
    _settle(event, Verdict(Result.NEGADO, ground))
    return {"decisao": Result.NEGADO.value, "fundamento": ground.value}


def count_presence(session: Session, entry: Entry) -> int:
    """How many entries the person has on that day, this one included; concurrent ones wait for each other here."""
    statement = insert(Presence).values(person_id=entry.person_id, date=entry.date, entries=1)
    counted = statement.on_conflict_do_update(
        index_elements=["person_id", "date"], set_={"entries": Presence.entries + 1}
    ).returning(Presence.entries)
    return session.execute(counted).scalar_one()


def _event(context: ServiceContext) -> GateEvent:
    event = context.session.get(GateEvent, UUID(context.data["evento_id"]))
    if event is None:
        raise NotFound("O evento da portaria não existe.", event=context.data["evento_id"])
    return event


def _verdict(event: GateEvent, opening: Opening, *, known: bool, minor: str | None) -> Verdict:
    skew = math.inf if event.review else event.skew_s
    decision = event.decision if minor is None else "recognised"
    verdict = decide(opening, Seen(decision, person_known=known or minor is not None, skew_s=skew))  # type: ignore[arg-type]  # the column's check keeps it among the three words
    if minor is None or verdict.result is not Result.LIBERADO:
        return verdict
    ground = Ground(minor)
    return Verdict(MINOR_RESULTS[ground], ground)


def _ground(context: ServiceContext, event: GateEvent) -> Ground:
    """Why the entry is let in; refuses an answer by who may not give it at that hour (R2, R53, R56)."""
    if context.data["decisao"] == Result.LIBERADO.value:
        return Ground(context.data["fundamento"])
    confirmer: Confirmer = "gpol" if context.data.get("autorizada") else "identificacao"
    if not may_confirm(confirmer, opening_of(context.session, event.post_id, event.instant)):
        raise OutsideHours(
            None
            if confirmer == "identificacao"
            else "Em dia não útil ou antes da abertura, não há entrada de visitante."
        )
    return Ground.CONFIRMADA


def _person(context: ServiceContext) -> UUID:
    try:
        person = UUID(str(context.data.get("pessoa_id") or ""))
    except ValueError:
        raise NobodyChosen from None
    if not _alive(context.session, person):
        raise NobodyChosen
    return person


def _alive(session: Session, person: UUID | None) -> bool:
    if person is None:
        return False
    return session.scalar(select(Person.id).where(Person.id == person, Person.erased_at.is_(None))) is not None


def _passed_already(session: Session, event: GateEvent, person: UUID) -> bool:
    """Whether an entry of this passage exists; others of the same person at the same post wait until we have ours."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"passage:{person}:{event.post_id}", 2716)))
    )
    around = timedelta(seconds=PASSAGE_S)
    near = session.scalars(
        select(Entry.instant).where(
            Entry.post_id == event.post_id,
            Entry.person_id == person,
            Entry.corrected_at.is_(None),
            Entry.instant.between(event.instant - around, event.instant + around),
        )
    )
    return any(same_passage(instant, event.instant) for instant in near)


def _entry(context: ServiceContext, event: GateEvent, person: UUID | None) -> Entry:
    post = context.session.get_one(Post, event.post_id)
    return Entry(
        event_id=event.id,
        case_id=context.case_id,
        post_id=post.id,
        building=post.building,
        instant=event.instant,
        date=attendance_date(event.instant),
        kind=event.kind,
        person_id=person,
        accompanied_minors=_accompanied(context),
        confirmed_by=context.actor.id if context.actor.kind == "account" else None,
        recorded_at=clock.now(),
    )


def _accompanied(context: ServiceContext) -> int:
    return max(0, min(50, int(context.data.get("criancas") or 0)))


def _count_minors(session: Session, entry: Entry) -> None:
    """Numbers by post and day, and nothing else (R8, R9)."""
    counts = {
        "crianca": entry.accompanied_minors + (entry.kind == "crianca"),
        "adolescente": int(entry.kind == "adolescente"),
    }
    for kind, number in counts.items():
        if number:
            add_to_counter(session, entry, kind, number)


def add_to_counter(session: Session, where: Entry | GateEvent, kind: str, number: int) -> None:
    """Add to the counter of minors of the post on the event's day."""
    day = attendance_date(where.instant)
    statement = insert(MinorCounter).values(post_id=where.post_id, day=day, kind=kind, counted=number)
    keys = ["post_id", "day", "kind"]
    session.execute(
        statement.on_conflict_do_update(index_elements=keys, set_={"counted": MinorCounter.counted + number})
    )


def _settle(event: GateEvent, verdict: Verdict) -> None:
    event.result, event.ground, event.decided_at = verdict.result.value, verdict.ground.value, clock.now()


def _forget_face(session: Session, event: GateEvent) -> None:
    """The question is answered: picture and likenesses go in the same transaction (P7). Recognised events have no picture."""
    event.candidates, event.candidate_ids = [], []
    if event.decision != "recognised":
        session.execute(delete(Crop).where(Crop.event_id == event.id))


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
