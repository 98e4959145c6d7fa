"""Exemplars, receipts and replies altered by hand: `carimbo audit verify` tells of each column that it proves."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from processes.oficio_camaras import audit, operations
from processes.oficio_camaras.correspondence import dispatch, incoming, receipts
from processes.oficio_camaras.models import Exemplar
from processes.oficio_camaras.records import UNPROVED
from tests.altering import silent_changes
from tests.processes.oficio_camaras.conftest import REPLY_TO, later, team_of
from tests.processes.oficio_camaras.test_correspondence import _reply, queued, smtp  # noqa: F401 - smtp is a fixture
from workflow.database import transaction

pytestmark = pytest.mark.slow
TABLES = ("oficio_exemplar", "camara_receipt", "oficio_reply", "oficio_reply_file", "oficio_redirection")
STAMP = "CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2"


@pytest.fixture
def correspondence(database_url: str, smtp: object) -> None:  # noqa: F811
    """Exemplars sent; one redirected, one received and stamped, one answered with two files."""
    queued(requires_reply=True)
    dispatch.send_due()
    later(days=60)
    local, _, domain = REPLY_TO.partition("@")
    with transaction() as session:
        one, two, three = session.scalars(select(Exemplar).order_by(Exemplar.ordinal).limit(3))
        team = team_of(session)
        address, reason = "outra@camara.example", "A câmara avisou por telefone."
        operations.redirect(session, three.id, address, reason, version=1, keep=False, actor=team.writer)
        receipt = operations.record_paper(session, one.id, STAMP, actor=team.writer)
        receipts.make_stamped_copy(session, receipt.id)
        assert incoming.receive(session, _reply(To=f"{local}+{two.tracking}@{domain}")) == "reply"


@pytest.mark.usefixtures("correspondence")
def test_every_column_altered_by_hand_is_told_or_its_exemption_has_a_reason() -> None:
    with transaction() as session:
        silent = {(table, name) for table in TABLES for name in silent_changes(session, table, audit.verify)}
        assert silent == set(UNPROVED)
        assert all(reason.strip() for reason in UNPROVED.values())
        assert audit.verify(session) == []
        session.rollback()


@pytest.mark.usefixtures("correspondence")
def test_rows_put_in_by_hand_are_told() -> None:
    """A confirmation or an answer that no câmara gave."""
    forged = (
        """INSERT INTO camara_receipt (id, exemplar_id, ibge, year, number, received_at, via, received_by, created_at)
           SELECT gen_random_uuid(), id, ibge, 2019, '7', now(), 'papel', 'Ninguém', now() FROM oficio_exemplar
           ORDER BY ordinal DESC LIMIT 1""",
        """INSERT INTO oficio_reply (id, exemplar_id, via, sender, subject, text, late, arrived_at)
           SELECT gen_random_uuid(), id, 'email', '', '', 'Forjada', false, now() FROM oficio_exemplar LIMIT 1""",
        """INSERT INTO oficio_reply_file (id, reply_id, name, media_type, size, sha256, data)
           SELECT gen_random_uuid(), id, 'a', 'b', 1, 'c', 'd' FROM oficio_reply LIMIT 1""",
    )
    for statement in forged:
        with transaction() as session:
            session.execute(text(statement))
            assert len(audit.verify(session)) == 1, statement
            session.rollback()
