"""Rows of an inbox, straight into its tables: what the queries read, without the engine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierType, DossierUnit, LegalHypothesis
from people.models import Account
from workflow import clock
from workflow.actor import Actor
from workflow.models import Case, DiagramRow, Task

UNIT = "GRI"


def account(session: Session, name: str = "Ana Lima") -> UUID:
    """A staff account."""
    made = Account(kind="staff", login=uuid4().hex[:10], display_name=name, created_at=clock.now())
    session.add(made)
    session.flush()
    return made.id


def actor(account_id: UUID, *roles: str, unit: str | None = UNIT, **more: Any) -> Actor:
    """Somebody of the unit; a servidor unless told otherwise."""
    return Actor("account", account_id, roles=frozenset(roles or ("servidor",)), unit=unit, **more)


def case(session: Session, subject: str = "Assunto", key: str = "pedido_de_teste") -> UUID:
    """A running case."""
    diagram = session.scalar(select(DiagramRow.id).where(DiagramRow.key == key))
    if diagram is None:
        row = DiagramRow(key=key, version=1, sha256="0" * 64, files=b"", deployed_at=clock.now())
        session.add(row)
        session.flush()
        diagram = row.id
    made = Case(
        id=uuid4(), process_key=key, diagram_id=diagram, subject=subject, status="running", revision=1, state=b"",
        data=b"", created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


def task(session: Session, case_id: UUID, **values: Any) -> Task:
    """A task of the unit's servidores, open unless told otherwise."""
    default: dict[str, Any] = {
        "id": uuid4(), "case_id": case_id, "token": uuid4().int % 2**30, "process_key": "pedido_de_teste",
        "kind": "human", "node": "analisar", "scope": "", "title": "Analisar", "status": "open", "role": "servidor",
        "unit": UNIT, "priority": 0, "created_at": clock.now(),
    }  # fmt: skip
    made = Task(**(default | values))
    session.add(made)
    session.flush()
    return made


def dossier(session: Session, number: str, **values: Any) -> Dossier:
    """A dossier; `level` restrito or sigiloso brings its hypothesis."""
    if session.get(DossierType, "tipo_de_teste") is None:
        session.add(DossierType(key="tipo_de_teste", name="Tipo de teste"))
    level = values.get("level", "publico")
    hypothesis = None
    if level != "publico":
        made = LegalHypothesis(name=uuid4().hex, law="Lei 12.527/2011", level=level)
        session.add(made)
        session.flush()
        hypothesis = made.id
    default: dict[str, Any] = {
        "number": number, "type_key": "tipo_de_teste", "origin_unit": UNIT, "created_at": clock.now(),
        "effective_level": level, "hypothesis_id": hypothesis, "passed_units": [UNIT],
    }  # fmt: skip
    session.flush()
    found = Dossier(**(default | values))
    session.add(found)
    session.flush()
    return found


def in_unit(session: Session, dossier_id: UUID, **values: Any) -> DossierUnit:
    """Open in the unit, received, unread."""
    default: dict[str, Any] = {"unit": UNIT, "origin": "received", "arrived_at": clock.now()}
    made = DossierUnit(dossier_id=dossier_id, **(default | values))
    session.add(made)
    session.flush()
    return made


def days(number: float) -> datetime:
    """An instant so many days from now."""
    return clock.now() + timedelta(days=number)
