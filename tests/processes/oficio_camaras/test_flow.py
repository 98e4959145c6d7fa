"""From the draft to the closing, run by the real engine; messages leave into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from processes.oficio_camaras.models import Exemplar
from processes.oficio_camaras.settings import OficioSettings
from tests.processes.oficio_camaras.conftest import run_jobs, signed
from workflow import queries
from workflow.database import transaction


@pytest.mark.slow
def test_an_oficio_goes_from_the_draft_to_the_queue(
    database_url: str, configured: OficioSettings, tmp_path: Path
) -> None:
    with transaction() as session:
        campaign = signed(session)
        assert campaign.number == "Of. 001/2018/GRPC/GRI"
    run_jobs(database_url)
    with transaction() as session:
        found = session.scalars(select(Exemplar).where(Exemplar.campaign_id == campaign.id)).all()
        assert [one.state for one in found] == ["ENVIADO"] * 6
        print(queries.incidents(session))
    assert len(list((tmp_path / "correio").glob("*.eml"))) == 6
