"""The version: whatever an inbox shows moves it, also a change that was made before the newest and commits after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from documents import inbox
from documents.dossier import operations as dossiers
from documents.inbox import acts
from documents.inbox.acts import Asked
from tests.documents.inbox import rows
from tests.webapp import controle_work as house
from tests.webapp import scenario
from workflow import operations as engine
from workflow.database import driver_url, transaction

pytestmark = pytest.mark.slow


def test_a_change_that_commits_late_is_seen(database_url: str) -> None:
    with transaction() as session:
        who = rows.actor(rows.account(session))
        case_id = rows.case(session)
    slow = create_engine(driver_url(database_url))
    with Session(slow) as late:
        rows.task(late, case_id, title="Chegou antes, gravada depois")
        with transaction() as session:
            rows.task(session, case_id, title="Chegou depois")
        with transaction() as session:
            before = inbox.work_version(session, who)
            assert len(inbox.work(session, who).items) == 1
        late.commit()
    slow.dispose()
    with transaction() as session:
        assert inbox.work_version(session, who) != before
        assert len(inbox.work(session, who).items) == 2


def test_every_act_moves_the_version_of_who_sees_it(database_url: str, tmp_path: Path) -> None:
    house.house()
    with house.flow(tmp_path):
        task, dossier = house.task("Pedido 7/2026"), house.sent("Aquisição de cadeiras")
        ana, bruno = scenario.actor_of("ana"), scenario.actor_of("bruno")
        with transaction() as session:
            marker = dossiers.create_marker(session, "Urgência", "roxo", actor=ana).id
        asked = [
            Asked("read"), Asked("unread"), Asked("claim"), Asked("priority", priority=2), Asked("note", text="Ver."),
            Asked("mark", marker=marker), Asked("unmark", marker=marker), Asked("watch"), Asked("unwatch"), Asked("release"),
        ]  # fmt: skip
        for kind, item in (("task", task), ("dossier", dossier)):
            for one in asked:
                with transaction() as session:
                    before = inbox.work_version(session, bruno)
                with transaction() as session:
                    acts.perform(session, kind, item, one, actor=ana)  # type: ignore[arg-type]
                with transaction() as session:
                    assert inbox.work_version(session, bruno) != before, (kind, one.act)
        for _ in range(40):
            house.task("Mais novo que o que se conclui")
        with transaction() as session:
            before = inbox.work_version(session, bruno)
        with transaction() as session:
            engine.complete_task(session, task, {"parecer": "De acordo."}, actor=ana)
        with transaction() as session:
            assert inbox.work_version(session, bruno) != before
