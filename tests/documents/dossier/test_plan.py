"""A type that carries a diagram: its case, its tasks as the plan of work, and what is missing in one sentence."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from documents.dossier import operations, plan, queries
from documents.dossier.models import DossierType
from tests.workflow.conftest import Declare, declare
from tests.workflow.diagrams import end, path, start, user
from workflow import operations as engine
from workflow import queries as cases
from workflow.actor import Actor
from workflow.process import Form, Lane

__all__ = ["declare"]

BODY = start() + user("aprovar") + user("expedir") + end() + path("start", "aprovar", "expedir", "end")


@pytest.fixture
def planned(session: Session, declare: Declare, gri: Actor) -> DossierType:  # noqa: F811 - the fixture of that name
    lanes = {"CAC": Lane("chefia", unit="GRI")}
    forms = {"aprovar": Form("Aprovar a minuta"), "expedir": Form("Expedição")}
    declare("minuta", BODY, session, lanes=lanes, forms=forms, starts_with=("dossier", "tema"))
    kind = DossierType(key="minuta", name="Minuta de ofício", process_key="minuta")
    session.add(kind)
    session.flush()
    return kind


def test_what_is_missing_in_one_sentence(session: Session, planned: DossierType, gri: Actor) -> None:
    dossier = operations.open_dossier(session, "minuta", actor=gri, data={"tema": "visita"})
    assert dossier.case_id is not None
    case = cases.case_view(session, dossier.case_id)
    assert (case.data, case.business_key) == ({"dossier": str(dossier.id), "tema": "visita"}, str(dossier.id))
    view = queries.dossier_view(session, dossier.id, gri)
    assert view.missing == "Falta a chefia da GRI aprovar a minuta."
    chefia = Actor("account", gri.id, None, frozenset({"chefia"}), "GRI")
    engine.complete_task(session, view.tasks[0].id, {}, actor=chefia)
    assert queries.dossier_view(session, dossier.id, gri).missing == "Falta a chefia da GRI concluir “Expedição”."
    engine.complete_task(session, queries.dossier_view(session, dossier.id, gri).tasks[0].id, {}, actor=chefia)
    view = queries.dossier_view(session, dossier.id, gri)
    assert (view.tasks, view.missing) == ((), "Nada falta: o plano de trabalho foi concluído.")


def test_free_routing_stays_beside_the_diagram_unless_the_type_says_no(
    session: Session, planned: DossierType, gri: Actor
) -> None:
    dossier = operations.open_dossier(session, "minuta", actor=gri, data={"tema": "visita"})
    operations.send(session, dossier.id, ["GTI"], actor=gri)
    assert queries.dossier_view(session, dossier.id, gri).missing.startswith("Falta a chefia")


def test_a_type_whose_process_this_program_does_not_know_has_no_plan(session: Session, gri: Actor) -> None:
    session.add(DossierType(key="antigo", name="Tipo antigo", process_key="processo_que_saiu"))
    session.flush()
    dossier = operations.open_dossier(session, "antigo", actor=gri)
    assert (dossier.case_id, plan.missing(session, dossier, ())) == (None, "")
