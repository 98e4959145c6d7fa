"""Work for the list: a unit with people, processos sent to it by another, tasks of a diagram of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from documents.dossier import operations as dossiers
from documents.signatures import blocks
from documents.texts import operations as texts
from people import units
from tests.webapp import scenario
from tests.workflow import diagrams
from workflow import clock, process
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.process import Field, Form, Lane

PROCESS = "conferencia_de_teste"


def house() -> None:
    """Tuesday 24/11/2026 at ten; the órgão, units with codes, the basic types; Ana and Bruno of the GRI, Carla of the DIR."""
    clock.configure(datetime(2026, 11, 24, 13, tzinfo=UTC) - clock.real_now())
    with transaction() as session:
        organ = units.create_organ(session, "ALMG", "0100", "Assembleia Legislativa", actor=SYSTEM)
        for number, sigla in enumerate(("GRI", "DIR", "CAC"), 1):
            units.create_unit(session, sigla, f"Unidade {sigla}", actor=SYSTEM, organ=organ.sigla, code=f"{number:02}")
        dossiers.install_types(session)
    for login, unit in (("ana", "GRI"), ("bruno", "GRI"), ("carla", "DIR")):
        scenario.staff("servidor", unit, login)


def sent(specification: str, to: str = "GRI", by: str = "carla") -> UUID:
    """A processo that Carla opened in the DIR and sent."""
    who = scenario.actor_of(by)
    with transaction() as session:
        made = dossiers.open_dossier(session, "administrativo_geral", actor=who, specification=specification)
        if to != who.unit:
            dossiers.send(session, made.id, [to], actor=who)
        return made.id


def offered_block(dossier_id: UUID, by: str = "carla", to: str = "GRI") -> None:
    """A block with a despacho of a processo of Carla's, offered to the unit."""
    who = scenario.actor_of(by)
    with transaction() as session:
        document = dossiers.add_document(session, dossier_id, "internal", "despacho", actor=who)
        texts.save(session, document.id, "<p>Autorizo.</p>", actor=who, based_on=0)
        block = blocks.create(session, "signature", actor=who)
        blocks.add(session, block.id, actor=who, document_ids=[document.id])
        blocks.offer(session, block.id, [to], actor=who)


@contextmanager
def flow(folder: Path) -> Iterator[None]:
    """A process with one task of the GRI's servidores, deployed."""
    form = Form("Conferir pedido", (Field("parecer", "Parecer", "textarea"),))
    body = diagrams.start() + diagrams.user("conferir") + diagrams.end() + diagrams.path("start", "conferir", "end")
    made = diagrams.declare(folder, PROCESS, body, lanes={"CAC": Lane("servidor", "GRI")}, forms={"conferir": form})
    process.register(made)
    with transaction() as session:
        engine.deploy(session)
    yield
    process.unregister(PROCESS)


def task(subject: str) -> UUID:
    """A running case; its open task."""
    with transaction() as session:
        case = engine.start_case(session, PROCESS, {}, actor=SYSTEM, subject=subject)
        return case.tasks[0].id
