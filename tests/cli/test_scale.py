"""`carimbo demo --scale`: the seeded work is true work, with chains that the audit proves."""

from __future__ import annotations

import pytest

import processes
from documents import inbox
from documents.dossier.audit import verify_dossiers
from tests.webapp import controle_work as house
from tests.webapp import scenario
from webapp.cli.scale_work import fill_work
from workflow import history, queries
from workflow import operations as engine
from workflow.actor import SYSTEM
from workflow.database import transaction

pytestmark = pytest.mark.slow


def test_the_seeded_work_is_true_work(database_url: str) -> None:
    house.house()
    processes.discover()
    with transaction() as session:
        engine.deploy(session)
        made = fill_work(session, 500, 7)
    assert (made.tasks, made.open_here, made.dossiers) == (500, 100, 25)
    with transaction() as session:
        ana = scenario.actor_of("ana")
        counted = inbox.counts(session, ana)
        assert counted.everything == made.open_here + made.dossiers_here
        found = inbox.work(session, ana, limit=500).items
        free = next(item for item in found if item.kind == "task" and item.assignee is None)
        engine.claim_task(session, free.id, actor=ana)
        engine.cancel_case(session, queries.task_view(session, free.id).row.case_id, "Demonstração.", actor=SYSTEM)
    with transaction() as session:
        assert inbox.counts(session, ana).everything == counted.everything - 1
        report = history.verify(session)
        assert report.ok, report.problems[:3]
        assert verify_dossiers(session) == []
