"""Opening a dossier, and what is said of it as a whole: specification and interested parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.orm import Session

from documents.dossier import access, events, levels, lines, rules
from documents.dossier.errors import WithoutUnit
from documents.dossier.models import (
    Dossier,
    DossierParty,
    DossierType,
    DossierUnit,
    LegalHypothesis,
)
from documents.numbering import operations as numbering
from documents.search.operations import index_dossier
from people.access import authorize
from people.rules import fold
from workflow import clock, process
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound
from workflow.operations import start_case

MAX_SPECIFICATION = 250
MAX_NAME = 200
MAX_PARTIES = 50


@dataclass(frozen=True, slots=True)
class Party:
    """An interested party: a name, and the person when we know them."""

    name: str
    person_id: UUID | None = None


def open_dossier(
    session: Session,
    type_key: str,
    *,
    actor: Actor,
    specification: str = "",
    parties: Sequence[Party | str] = (),
    level: str | None = None,
    hypothesis_id: UUID | None = None,
    number: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Dossier:
    """A new dossier, open in the actor's unit, numbered by its órgão's mask unless `number` is informed.

    Without a level it gets its type's. A type that carries a diagram starts its case with `{"dossier": id, **data}`.
    """
    if actor.kind != "system":
        authorize(actor, "dossier.open")
    if actor.unit is None:
        raise WithoutUnit()
    kind = session.get(DossierType, type_key)
    if kind is None or not kind.active:
        raise NotFound("Não encontramos este tipo de processo.", type=type_key)
    chosen, hypothesis = _level(session, kind, level, hypothesis_id)
    text, named = _specification(specification), _parties(parties)
    checked, own = _number(session, number, actor.unit)
    dossier = Dossier(
        id=uuid4(),
        number=checked,
        type_key=type_key,
        specification=text,
        level=chosen,
        effective_level=chosen,
        hypothesis_id=hypothesis,
        origin_unit=actor.unit,
        created_by=actor.id,
        created_at=clock.now(),
        passed_units=[actor.unit],
    )
    session.add(dossier)
    session.flush()
    _add_parties(session, dossier.id, named)
    _add_first_line(session, dossier)
    facts = {"number": checked, "type": type_key, "unit": actor.unit, "level": chosen, "informed": not own}
    facts |= {"record": record_digest(dossier), "specification": events.digest(dossier.id, text)}
    events.append(session, dossier.id, events.OPENED, facts, actor=actor)
    if dossier.effective_level == "sigiloso" and actor.id is not None:
        levels.give(session, dossier.id, actor.id, actor)
    index_dossier(session, dossier)
    _start_plan(session, dossier, kind, data or {}, actor)
    return dossier


def record_digest(dossier: Dossier) -> str:
    """Digest of what never changes of a dossier."""
    parts = (
        dossier.number,
        dossier.type_key,
        dossier.origin_unit,
        str(dossier.created_by),
        dossier.created_at.isoformat(),
    )
    return events.digest(dossier.id, *parts)


def set_specification(session: Session, dossier_id: UUID, text: str, *, actor: Actor) -> Dossier:
    """What the dossier is about, in a few words."""
    dossier = access.locked(session, actor, dossier_id)
    access.open_line(session, dossier, actor)
    dossier.specification = _specification(text)
    session.flush()
    lines.touch_all(session, dossier_id)
    index_dossier(session, dossier)
    digest = events.digest(dossier.id, dossier.specification)
    events.append(session, dossier_id, events.SPECIFICATION, {"specification": digest}, actor=actor)
    return dossier


def set_parties(session: Session, dossier_id: UUID, parties: Sequence[Party | str], *, actor: Actor) -> None:
    """The interested parties, all of them anew."""
    dossier = access.locked(session, actor, dossier_id)
    access.open_line(session, dossier, actor)
    named = _parties(parties)
    session.execute(delete(DossierParty).where(DossierParty.dossier_id == dossier_id))
    _add_parties(session, dossier_id, named)
    lines.touch_all(session, dossier_id)
    index_dossier(session, dossier)
    digest = events.digest(dossier.id, *(one.name for one in named))
    events.append(session, dossier_id, events.PARTIES, {"count": len(named), "parties": digest}, actor=actor)


def _level(
    session: Session, kind: DossierType, level: str | None, hypothesis_id: UUID | None
) -> tuple[str, UUID | None]:
    chosen = level or kind.level
    if hypothesis_id is None and chosen == kind.level:
        hypothesis_id = kind.hypothesis_id
    hypothesis = session.get(LegalHypothesis, hypothesis_id) if hypothesis_id else None
    rules.require_hypothesis(chosen, hypothesis)
    return chosen, hypothesis_id


def _number(session: Session, number: str | None, unit: str) -> tuple[str, bool]:
    """The number, and whether it is of our own sequence."""
    if number is None or not number.strip():
        return numbering.new_process_number(session, unit), True
    informed = " ".join(number.split())
    if len(informed) > 60:
        raise InvalidInput({"number": "O número tem no máximo 60 caracteres."})
    numbering.own_number(session, informed, unit)
    if session.query(Dossier.id).filter(Dossier.number == informed).first() is not None:
        raise Conflict("Já existe um processo com este número.", number=informed)
    return informed, False


def _specification(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) > MAX_SPECIFICATION:
        raise InvalidInput({"specification": f"Use no máximo {MAX_SPECIFICATION} caracteres."})
    return plain


def _parties(parties: Sequence[Party | str]) -> list[Party]:
    named = [Party(one) if isinstance(one, str) else one for one in parties]
    named = [Party(" ".join(one.name.split()), one.person_id) for one in named if one.name.strip()]
    if len(named) > MAX_PARTIES or any(len(one.name) > MAX_NAME for one in named):
        raise InvalidInput(
            {"parties": f"Informe até {MAX_PARTIES} interessados, cada um com até {MAX_NAME} caracteres."}
        )
    return list(dict.fromkeys(named))


def _add_parties(session: Session, dossier_id: UUID, named: Sequence[Party]) -> None:
    for one in named:
        folded = fold(one.name)[:MAX_NAME]
        session.add(DossierParty(dossier_id=dossier_id, name=one.name, name_folded=folded, person_id=one.person_id))
    session.flush()


def _add_first_line(session: Session, dossier: Dossier) -> None:
    line = DossierUnit(
        dossier_id=dossier.id,
        unit=dossier.origin_unit,
        origin="generated",
        arrived_at=dossier.created_at,
        opened_at=dossier.created_at,
        unread=False,
    )
    session.add(line)
    session.flush()


def _start_plan(session: Session, dossier: Dossier, kind: DossierType, data: Mapping[str, Any], actor: Actor) -> None:
    """The diagram of the type, when this program knows it."""
    if kind.process_key is None or kind.process_key not in {one.key for one in process.registered()}:
        return
    key = str(dossier.id)
    subject = f"{dossier.number} · {dossier.specification or kind.name}"[:200]
    case = start_case(
        session, kind.process_key, {"dossier": key, **data}, actor=actor, subject=subject, business_key=key
    )
    dossier.process_key, dossier.case_id = kind.process_key, case.id
    session.flush()
