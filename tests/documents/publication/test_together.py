"""Several workers at the same day's publications."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from documents.publication import jobs
from documents.publication.events import PUBLISHED
from documents.publication.models import Publication, PublicationEdition
from tests.documents.dossier.conftest import install, make_account
from tests.documents.publication.conftest import MONDAY, TUESDAY, at, opened, scheduled, signed
from workflow.database import transaction
from workflow.models import EventRow


@pytest.mark.slow
def test_several_workers_publish_each_once_in_one_edition(database_url: str) -> None:
    at(MONDAY)
    with transaction() as session:
        install(session)
        gri = make_account(session, "GRI", "servidor")
        for _ in range(2):
            dossier = opened(session, gri)
            for _ in range(3):
                scheduled(session, signed(session, dossier, gri), gri)
    at(TUESDAY)
    workers = [threading.Thread(target=jobs.publish_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    with transaction() as session:
        assert session.scalars(select(Publication.status)).all() == ["published"] * 6
        assert session.scalars(select(PublicationEdition.number)).all() == [1]
        told = select(func.count()).where(EventRow.kind.in_(PUBLISHED.values()))
        assert session.scalar(told) == 6
