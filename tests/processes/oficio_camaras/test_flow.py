"""From the draft to the closing, run by the real engine; messages leave into a folder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents import queries as documents
from documents.dossier import operations as dossiers
from documents.dossier.models import DossierDocument
from documents.texts import operations as texts
from processes.oficio_camaras import closing, drafting, generating, operations, queries
from processes.oficio_camaras.models import Camara, Campaign, Exemplar
from processes.oficio_camaras.settings import OficioSettings
from tests.processes.conftest import at, now_is
from tests.processes.oficio_camaras.conftest import (
    PASSWORD,
    SIX,
    TEXT,
    approved,
    do,
    drafted,
    run_jobs,
    signed,
    task_of,
    team_of,
)
from workflow import operations as engine
from workflow import queries as workflow
from workflow.database import transaction
from workflow.errors import Conflict, Forbidden, InvalidInput


def test_a_draft_that_is_not_whole_goes_nowhere(db: Session) -> None:
    team = team_of(db)
    with pytest.raises(InvalidInput) as unknown:
        drafted(db, body="<p>Prezado «camara.prefeito»</p>")
    assert "camara.prefeito" in unknown.value.fields["body"]
    campaign = drafted(db, body="<p>À presidência: «camara.presidente»</p>")
    with pytest.raises(InvalidInput) as unresolved, db.begin_nested():
        do(db, campaign, "redigir", team.writer)
    assert "camara.presidente" in unresolved.value.fields["body"]


def test_writer_is_not_approver_and_a_return_says_why(db: Session) -> None:
    campaign, team = drafted(db), team_of(db)
    do(db, campaign, "redigir", team.writer)
    with pytest.raises(InvalidInput), db.begin_nested():
        do(db, campaign, "revisar", team.chief, revisao="devolver", revisao_motivo="")
    do(db, campaign, "revisar", team.chief, revisao="devolver", revisao_motivo="Cite o anexo.")
    assert (campaign.state, campaign.returned_text) == ("draft", "Cite o anexo.")
    draft = operations.Draft("Assunto do ofício", TEXT, SIX)
    operations.save_draft(db, campaign.id, draft, actor=team.chief)
    do(db, campaign, "redigir", team.writer)
    with pytest.raises(Forbidden, match="Quem redige"), db.begin_nested():
        do(db, campaign, "revisar", team.chief, revisao="aprovar")


def test_one_recipient_needs_no_second_approval(db: Session) -> None:
    campaign = approved(db, SIX[:1])
    assert campaign.state == "signature"
    assert task_of(db, campaign, "assinar")


def test_OF3_drafts_have_no_number_and_nothing_goes_on_without_a_signature(db: Session) -> None:
    campaign, team = approved(db), team_of(db)
    assert campaign.number is None
    with pytest.raises(Conflict), db.begin_nested():
        do(db, campaign, "assinar", team.chief)
    with pytest.raises(Forbidden), db.begin_nested():
        operations.sign(db, task_of(db, campaign, "assinar"), password=PASSWORD, cargo="Servidora", actor=team.writer)
    assert campaign.number is None


def test_the_signed_content_never_changes_and_is_corrected_by_a_new_one(db: Session) -> None:
    first, team = signed(db), team_of(db)
    assert first.number == "Of. 001/2018/GRPC/GRI"
    with pytest.raises(Conflict):
        operations.save_draft(db, first.id, operations.Draft("Outro assunto", TEXT), actor=team.writer)
    second = signed(db, rectifies=first.id)
    assert second.number == "Of. 002/2018/GRPC/GRI"
    assert second.rectifies == first.id
    with pytest.raises(InvalidInput):
        drafted(db, rectifies=drafted(db).id)


def test_OF2_the_sequence_begins_anew_each_year(db: Session) -> None:
    signed(db, SIX[:1])
    now_is(at("10:00", "2019-01-02"))
    assert signed(db, SIX[:1]).number == "Of. 001/2019/GRPC/GRI"


def test_RE2_the_last_day_is_a_business_day(db: Session) -> None:
    now_is(at("10:00", "2018-12-14"))
    assert signed(db, deadline_days=9, deadline_kind="calendar").due_on == date(2018, 12, 24)  # the 23rd is a Sunday
    assert signed(db, deadline_days=3, deadline_kind="business").due_on == date(2018, 12, 19)


def test_at_the_deadline_a_person_closes_or_prolongs(database_url: str, configured: OficioSettings) -> None:
    with transaction() as session:
        campaign = signed(session, SIX[:2])
    run_jobs(database_url)
    with transaction() as session:
        due = session.get_one(Campaign, campaign.id).due_on
        assert due is not None
    now_is(at("00:30", str(date.fromordinal(due.toordinal() + 1))))
    assert engine.fire_due_timers() == 1
    with transaction() as session:
        one, team = session.get_one(Campaign, campaign.id), team_of(session)
        with pytest.raises(InvalidInput), session.begin_nested():
            do(session, one, "decidir", team.writer, decisao="prorrogar", novo_prazo=due)
        do(session, one, "decidir", team.writer, decisao="prorrogar", novo_prazo=date(2019, 3, 1))
        assert one.due_on == date(2019, 3, 1)
    now_is(at("00:30", "2019-03-02"))
    assert engine.fire_due_timers() == 1
    with transaction() as session:
        one, team = session.get_one(Campaign, campaign.id), team_of(session)
        do(session, one, "decidir", team.writer, decisao="encerrar")
        assert one.state == "closed"
        assert one.report is not None
        assert one.report["states"] == {"ENVIADO": 2}
        assert closing.closed_by(session, one) == "por Redatora Ferreira Lopes"
        assert workflow.case_view(session, one.case_id).status == "completed"


def test_a_field_is_filled_told_or_keeps_the_oficio_from_leaving(db: Session) -> None:
    text = "<p>À presidência de «camara.municipio»: «camara.presidente», «documento.numero», «data.extenso»</p>"
    betim, contagem = db.get_one(Camara, SIX[0]), db.get_one(Camara, SIX[2])
    betim.president = contagem.president = "Ana Prado"
    campaign = approved(db, (SIX[0], SIX[2]), body=text)
    contagem.president = None  # since the approval
    db.flush()
    with pytest.raises(InvalidInput) as refused, db.begin_nested():
        _sign(db, campaign)
    assert refused.value.fields["body"] == (
        "«camara.presidente» não tem valor para 1 câmara: Contagem. Complete o cadastro dela ou tire o campo do texto."
    )
    contagem.president = "Bia Prado"
    _sign(db, campaign)
    assert campaign.number in campaign.body
    assert "14 de dezembro de 2018" in campaign.body
    contagem.president = None  # since the signature
    db.flush()
    with pytest.raises(Conflict, match="Contagem"):
        generating._missing(db, campaign)
    unknown = drafting.open_fields(db, campaign, "<p>«camara.prefeito»</p>")
    assert [one.told[:45] for one in unknown] == ["«camara.prefeito» não é um campo conhecido. T"]


def _sign(session: Session, campaign: Campaign) -> None:
    task = task_of(session, campaign, "assinar")
    operations.sign(session, task, password=PASSWORD, cargo="Gerente", actor=team_of(session).chief)


@pytest.mark.slow
def test_OF3_OF5_OF6_a_dossier_carries_the_oficio(
    database_url: str, configured: OficioSettings, tmp_path: Path
) -> None:
    with transaction() as session:
        team = team_of(session)
        dossier = dossiers.open_dossier(session, "oficio_camaras", actor=team.writer, specification="Declaração")
        campaign = session.scalars(select(Campaign).where(Campaign.case_id == dossier.case_id)).one()
        draft = operations.Draft("Declaração de comparecimento", TEXT, None)
        operations.save_draft(session, campaign.id, draft, actor=team.writer)
        campaign.recipients = list(SIX)
        letter = session.get_one(DossierDocument, campaign.document_id)
        texts.save(session, letter.id, TEXT + "<p>Atenção.</p>", actor=team.writer, based_on=letter.version)
        do(session, campaign, "redigir", team.writer)
        assert "Atenção." in campaign.body
        do(session, campaign, "revisar", team.chief, revisao="aprovar")
        do(session, campaign, "aprovar", team.director, aprovacao="aprovar")
        with pytest.raises(Conflict, match="mudou depois de aprovado"), session.begin_nested():
            texts.save(session, letter.id, TEXT + "<p>Outra.</p>", actor=team.writer, based_on=letter.version)
            operations.sign(session, task_of(session, campaign, "assinar"), password=PASSWORD, cargo="Gerente", actor=team.chief)  # fmt: skip
        session.expire_all()
        operations.sign(session, task_of(session, campaign, "assinar"), password=PASSWORD, cargo="Gerente", actor=team.chief)  # fmt: skip
        assert campaign.number == letter.type_number == "Of. 001/2018/GRPC/GRI"
        assert campaign.content_sha256 is not None
        number = dossier.number
    run_jobs(database_url)
    with transaction() as session:
        found = session.scalars(
            select(Exemplar).where(Exemplar.campaign_id == campaign.id).order_by(Exemplar.ordinal)
        ).all()
        assert [one.state for one in found] == ["ENVIADO"] * 6
        assert [one.ordinal for one in found] == [1, 2, 3, 4, 5, 6]
        assert len({documents.get(session, one.document_id).code for one in found}) == 6
        assert len({one.tracking for one in found}) == 6
        view = queries.exemplar_view(session, found[0].id, team_of(session).writer)
        assert queries.letter_bytes(session, view).startswith(b"%PDF")
        assert number
    assert len(list((tmp_path / "correio").glob("*.eml"))) == 6


@pytest.mark.slow
def test_OF3_20_parallel_signatures_take_20_consecutive_numbers(database_url: str, configured: OficioSettings) -> None:
    with transaction() as session:
        waiting = [approved(session, SIX[:1]) for _ in range(20)]
        chosen = [task_of(session, campaign, "assinar") for campaign in waiting]
        chief = team_of(session).chief

    def sign(task: object) -> None:
        with transaction() as session:
            operations.sign(session, task, password=PASSWORD, cargo="Gerente", actor=chief)  # type: ignore[arg-type]  # a UUID

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(sign, chosen))
    with transaction() as session:
        numbers = sorted(session.scalars(select(Campaign.number)).all(), key=str)
        assert numbers == [f"Of. {number:03d}/2018/GRPC/GRI" for number in range(1, 21)]
        assert session.scalar(select(func.count(Campaign.number.distinct()))) == 20
