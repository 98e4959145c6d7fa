"""Sending against a real SMTP server, reading a real IMAP mailbox, receipts, replies and pendências."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import operations as documents
from integrations.mail import MailError
from integrations.mailbox_reader import File
from people.models import Account
from processes.oficio_camaras import closing, generating, operations, pending, queries, settings, steps
from processes.oficio_camaras.correspondence import dispatch, incoming, links, notices, receipts
from processes.oficio_camaras.correspondence.models import DispatchAttempt, Forward, Receipt, ReceiptLink, TriageMessage
from processes.oficio_camaras.models import Camara, Campaign, Exemplar
from processes.oficio_camaras.settings import OficioSettings
from tests import imap_server
from tests.documents.test_declaracao_text import text_of
from tests.integrations import smtp_server
from tests.integrations.test_imap import DSN
from tests.processes.conftest import at, now_is
from tests.processes.oficio_camaras.conftest import SIX, later, run_jobs, signed, team_of
from workflow import clock
from workflow import models as workflow_models
from workflow import operations as engine
from workflow.actor import PUBLIC, SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

BETIM, BH, CONTAGEM = SIX[:3]


@pytest.fixture
def smtp(configured: OficioSettings) -> Iterator[smtp_server.Server]:
    with smtp_server.running() as server:
        settings.configure(replace(configured, outbox=server.mailbox))
        yield server


def queued(**changes: Any) -> Campaign:
    """An ofício to six câmaras whose exemplars are generated and in the queue; nothing was sent yet."""
    with transaction() as session:
        for ibge in changes.pop("without_email", ()):
            session.get_one(Camara, ibge).email_valid = False
        campaign = signed(session, **changes)
    generating.generate(campaign.id)
    with transaction() as session:
        task = session.scalars(
            select(workflow_models.Task).where(
                workflow_models.Task.case_id == campaign.case_id, workflow_models.Task.node == "gerar"
            )
        ).one()
        engine.finish_service_task(session, task.id, {"exemplares": 6}, actor=SYSTEM)
    return campaign


def exemplar(session: Session, campaign: Campaign, ibge: str = BETIM) -> Exemplar:
    return session.scalars(select(Exemplar).where(Exemplar.campaign_id == campaign.id, Exemplar.ibge == ibge)).one()


def states(session: Session, campaign: Campaign) -> dict[str, str]:
    rows = session.execute(select(Exemplar.ibge, Exemplar.state).where(Exemplar.campaign_id == campaign.id))
    return {ibge: state for ibge, state in rows}  # noqa: C416 - a row is no pair for the type checker


def tasks(session: Session, node: str) -> list[Any]:
    model = workflow_models.Task
    query = select(model).where(model.process_key == pending.KEY, model.node == node, model.status == "open")
    return list(session.scalars(query))


def token_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(next(line for line in body.get_content().split() if "/oficios/recebimento/" in line)).rpartition("/")[2]


def message_to(server: smtp_server.Server, ibge: str) -> EmailMessage:
    return next(one for one in server.messages if one["To"] == f"camara.{ibge}@municipio.example")


@pytest.mark.slow
def test_EM3_EM4_EM5_EM7_EM8_sending(database_url: str, smtp: smtp_server.Server) -> None:
    smtp.answers = ["451 later"]
    smtp.rcpt[f"camara.{CONTAGEM}@municipio.example"] = "550 no such user"
    campaign = queued(without_email=(SIX[3], SIX[4]))
    sent = dispatch.send_due()
    assert sent is not None
    with transaction() as session:
        now = states(session, campaign)
        assert sorted(now.values()) == ["DEVOLVIDO", "ENVIADO", "ENVIADO", "GERADO", "GERADO", "NA_FILA"]
        assert now[CONTAGEM] == "DEVOLVIDO"
        assert len(tasks(session, "atualizar_cadastro")) == 3  # EM8: two without address, one bounce
        waiting = session.scalars(select(Exemplar).where(Exemplar.state == "NA_FILA")).one()
        assert waiting.next_attempt_at is not None
    assert dispatch.send_due() is not None
    assert len(smtp.messages) == 2  # not before its five minutes
    later(minutes=6)
    dispatch.send_due()
    assert smtp.connections == 2
    assert len(smtp.messages) == 3
    assert len({one["Message-ID"] for one in smtp.messages}) == 3
    for one, (sender, recipients) in zip(smtp.messages, smtp.envelopes, strict=True):
        assert len(recipients) == 1
        assert one["To"] == recipients[0]
        assert one["Cc"] is None
        assert one["Bcc"] is None
        assert one["Subject"] == "Of. 001/2018/GRPC/GRI – Declaração de comparecimento"
        assert one["Reply-To"] == sender
        names = [part.get_filename() for part in one.iter_attachments()]
        assert names == ["oficio-001-2018-GRPC-GRI.pdf", "oficio-001-2018-GRPC-GRI-anexo-passo-a-passo.pdf"]
    with transaction() as session:
        row = exemplar(session, campaign)
        assert row.message_id == message_to(smtp, BETIM)["Message-ID"]
        bounced = next(task for task in tasks(session, "atualizar_cadastro") if "Contagem" in (_subject(session, task)))
        data = {"providencia": "reenviar", "email": "nova@contagem.example"}
        engine.complete_task(session, bounced.id, data, actor=team_of(session).writer)
        again = exemplar(session, campaign, CONTAGEM)
        assert (again.state, again.version, again.email) == ("NA_FILA", 2, "nova@contagem.example")
    dispatch.send_due()
    assert smtp.messages[-1]["To"] == "nova@contagem.example"


def _subject(session: Session, task: Any) -> str:
    return session.get_one(workflow_models.Case, task.case_id).subject or ""


@pytest.mark.slow
def test_EM6_a_broken_connection_leaves_one_doubt_that_a_person_resolves(
    database_url: str, smtp: smtp_server.Server
) -> None:
    smtp.hang_up_at = 3
    campaign = queued()
    dispatch.send_due()
    dispatch.send_due()
    assert len(smtp.messages) == 6
    assert len({one["Message-ID"] for one in smtp.messages}) == 6
    with transaction() as session:
        assert sorted(states(session, campaign).values()) == ["ENVIADO"] * 5 + ["NA_FILA"]
        progress = queries.progress(session, campaign.id, team_of(session).writer)
        assert (progress.in_doubt, progress.recipients, progress.generated) == (1, 6, 6)
        (task,) = tasks(session, "conferir_envio")
        engine.complete_task(session, task.id, {"envio": "recebido"}, actor=team_of(session).writer)
        assert set(states(session, campaign).values()) == {"ENVIADO"}
    dispatch.send_due()
    assert len(smtp.messages) == 6


@pytest.mark.slow
def test_EM6_an_attempt_that_a_dead_sender_left_is_a_doubt_and_is_not_sent_again(
    database_url: str, smtp: smtp_server.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing after it runs."""

    campaign = queued()
    monkeypatch.setattr(dispatch._Sender, "_became", _raising(Killed))
    with pytest.raises(Killed):
        dispatch.send_due()
    monkeypatch.undo()
    while dispatch.send_due() is None:  # the server has not noticed yet that the connection with the lock is gone
        time.sleep(0.05)
    assert len(smtp.messages) == len({one["Message-ID"] for one in smtp.messages}) == 6
    with transaction() as session:
        outcomes = sorted(session.scalars(select(DispatchAttempt.outcome)))
        assert outcomes == ["accepted"] * 5 + ["in_doubt"]
        assert len(tasks(session, "conferir_envio")) == 1
        assert exemplar(session, campaign, campaign.recipients[0]).in_doubt


def _raising(error: type[BaseException]) -> Any:
    def fail(*_: Any) -> None:
        raise error

    return fail


@pytest.mark.slow
def test_EM4_only_one_sender_at_a_time_and_no_server_blames_no_exemplar(
    database_url: str, configured: OficioSettings, smtp: smtp_server.Server
) -> None:
    with dispatch._only_sender() as first:
        assert first is not None
        assert dispatch.send_due() is None
    gone = replace(smtp.mailbox, settings=replace(smtp.mailbox.settings, port=9))
    settings.configure(replace(configured, outbox=gone))
    campaign = queued()
    sent = dispatch.send_due()
    assert sent is not None
    assert sent.broken
    assert sent.more
    with transaction() as session:
        assert set(states(session, campaign).values()) == {"NA_FILA"}
        assert session.scalars(select(DispatchAttempt)).all() == []


@pytest.mark.slow
def test_EM7_ST3_RE1_confirming_by_the_link(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued()
    dispatch.send_due()
    token = token_of(message_to(smtp, BETIM))
    later(days=35)
    with transaction() as session:
        with pytest.raises(InvalidInput):
            operations.confirm_by_link(session, token, "")
        view = queries.view_by_link(session, token)
        sealed = queries.letter_bytes(session, view)
        receipt = operations.confirm_by_link(session, token, "Carlos Prado, Secretaria")
        assert (receipt.number, receipt.seq, receipt.year) == ("001", 1, 2019)
        assert states(session, campaign)[BETIM] == "DISPENSADA_RESPOSTA"
        assert operations.confirm_by_link(session, token, "Outra pessoa").id == receipt.id
        assert links.open_link(session, token).used
        copy_id = receipts.make_stamped_copy(session, receipt.id)
        assert receipts.make_stamped_copy(session, receipt.id) == copy_id
        view = queries.view_by_link(session, token)
        assert queries.letter_bytes(session, view) == sealed
        assert queries.letter_bytes(session, view, stamped=True) != sealed
        assert len(queries.annex_bytes(session, view)) > 1000
        assert (
            operations.forward_by_link(session, token, ["v1@betim.example", "v2@betim.example", "V1@betim.example"])
            == 2
        )
        with pytest.raises(InvalidInput):
            operations.forward_by_link(session, token, [f"v{number}@x.example" for number in range(70)])
    for wrong in ("", "x" * 43, token[:-2] + ("AA" if not token.endswith("AA") else "BB")):
        with transaction() as session, pytest.raises(NotFound):
            queries.view_by_link(session, wrong)
    later(days=60)
    with transaction() as session, pytest.raises(NotFound, match="venceu"):
        queries.view_by_link(session, token)


@pytest.mark.slow
def test_EM6_EM7_redirected_without_a_bounce(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued()
    dispatch.send_due()
    first = message_to(smtp, BETIM)
    with transaction() as session:
        writer, row = team_of(session).writer, exemplar(session, campaign)
        with pytest.raises(InvalidInput) as wrong:
            _redirect(session, row.id, row.email or "", "x", version=1, actor=writer)
        assert set(wrong.value.fields) == {"email", "motivo"}
        with pytest.raises(Forbidden):
            _redirect(session, row.id, actor=PUBLIC)
        stale = links.new_link(row).row()  # a reminder on its way while the person decides
    for _ in range(2):  # asked twice, it is one
        with transaction() as session:
            _redirect(session, row.id, version=1, actor=writer)
    with transaction() as session:
        session.add(stale)
        with pytest.raises(Conflict):
            _redirect(session, row.id, "terceira@betim.example", version=1, actor=writer)
    with transaction() as session:
        for token in (token_of(first), links._token(stale.id)):
            with pytest.raises(NotFound, match="substituído"):
                queries.view_by_link(session, token)
        assert session.get_one(Camara, BETIM).email == "nova@betim.example"
    dispatch.send_due()
    dispatch.send_due()
    assert [one["To"] for one in smtp.messages].count("nova@betim.example") == 1
    assert len(smtp.messages) == len({one["Message-ID"] for one in smtp.messages}) == 7
    incoming_bounce = DSN.replace(b"<oficio.x.1@almg.example>", first["Message-ID"].encode())
    with transaction() as session:
        assert incoming.receive(session, incoming_bounce) == "ignored"  # the old address's bounce blames nobody
        view = queries.view_by_link(session, token_of(smtp.messages[-1]))
        assert (view.exemplar.id, view.exemplar.state, view.exemplar.version) == (row.id, "ENVIADO", 2)
        assert [one.email for one in view.attempts] == [f"camara.{BETIM}@municipio.example", "nova@betim.example"]
        (moved,) = view.redirections
        assert (moved.from_email, moved.earlier_state) == (f"camara.{BETIM}@municipio.example", "ENVIADO")
        operations.confirm_by_link(session, token_of(smtp.messages[-1]), "Vera Alves")
        with pytest.raises(Conflict, match="já recebeu"):
            _redirect(session, row.id, "outra@betim.example", version=2, actor=writer)


@pytest.mark.slow
def test_EM6_not_redirected_while_the_message_is_leaving(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued()
    with transaction() as session:
        row, writer = exemplar(session, campaign), team_of(session).writer
        attempt = DispatchAttempt(
            exemplar_id=row.id, version=1, message_id="<x@y>", connection=row.id, outcome="sending",
            started_at=clock.now(),
        )  # fmt: skip
        session.add(attempt)
        session.flush()
        with pytest.raises(Conflict, match="saindo"):
            _redirect(session, row.id, version=1, actor=writer)
        attempt.outcome = "retry"
        session.flush()
        _redirect(session, row.id, version=1, actor=writer)
        assert (row.state, row.version, row.next_attempt_at) == ("NA_FILA", 2, None)


def _redirect(
    session: Session, exemplar_id: Any, email: str = "nova@betim.example", reason: str = "", **more: Any
) -> None:
    values = {"version": 1, "keep": True, **more}
    operations.redirect(session, exemplar_id, email, reason or "A câmara avisou por telefone.", **values)


@pytest.mark.slow
def test_ST2_ST4_a_paper_stamp_that_came_back(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued()
    dispatch.send_due()
    later(days=60)
    with transaction() as session:
        team, row = team_of(session), exemplar(session, campaign)
        with pytest.raises(InvalidInput, match="Confira"):
            operations.record_paper(
                session, row.id, "CÂMARA MUNICIPAL RECEBIDO 13/12/2018 10:01 092 1/2", actor=team.writer
            )
        receipt = operations.record_paper(
            session, row.id, "CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2", actor=team.writer
        )
        assert session.get_one(Receipt, receipt.id).number == "092"
        with pytest.raises(Conflict):
            operations.record_paper(
                session, row.id, "CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2", actor=team.writer
            )


@pytest.fixture(scope="module")
def imap() -> Iterator[imap_server.ImapServer]:
    with imap_server.running() as server:
        yield server


@pytest.mark.slow
def test_EM5_RE2_RE3_bounces_and_replies_by_imap(
    database_url: str, configured: OficioSettings, smtp: smtp_server.Server, imap: imap_server.ImapServer
) -> None:
    settings.configure(replace(configured, outbox=smtp.mailbox, imap=imap.settings))
    campaign = queued(requires_reply=True)
    dispatch.send_due()
    original = message_to(smtp, BETIM)
    bounce = DSN.replace(b"<oficio.x.1@almg.example>", message_to(smtp, CONTAGEM)["Message-ID"].encode())
    imap.deliver(bounce)
    imap.deliver(_reply(In_Reply_To=original["Message-ID"]))
    imap.deliver(_reply(To=message_to(smtp, BH)["Reply-To"], Message_ID="<bh@x.example>"))
    costly = b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\n\n" * 100_000
    imap.deliver(b"From: a@b.example\nSubject: Mil partes\n" + costly)
    imap.deliver(_reply(Message_ID="<desconhecida@x.example>", In_Reply_To="<nada@x.example>"))
    assert incoming.poll() == 5
    assert incoming.poll() == 0
    with transaction() as session:
        now = states(session, campaign)
        assert (now[BETIM], now[BH], now[CONTAGEM]) == ("RESPONDIDO", "RESPONDIDO", "DEVOLVIDO")
        assert [now[ibge] for ibge in SIX[3:]] == ["ENVIADO"] * 3
        assert not session.get_one(Camara, CONTAGEM).email_valid
        view = queries.exemplar_view(session, exemplar(session, campaign).id, team_of(session).writer)
        (reply,) = view.replies
        assert reply.reply.text == "Divulgamos aos vereadores."
        assert [(file.name, file.refusal is None) for file in reply.files] == [
            ("lista.pdf", True),
            ("virus.exe", False),
        ]
        assert not view.exemplar.late
        aside, unknown = sorted(
            queries.triage(session, team_of(session).writer), key=lambda one: one.subject != "Mil partes"
        )
        assert (aside.sender, "partes demais" in aside.reason, len(aside.raw or b"") > 500_000) == (
            "a@b.example",
            True,
            True,
        )
        target = exemplar(session, campaign, SIX[3])
    later(days=60)
    with transaction() as session:
        operations.attach(session, unknown.id, target.id, actor=team_of(session).writer)
        row = session.get_one(Exemplar, target.id)
        assert (row.state, row.late) == ("RESPONDIDO", True)
        assert session.get_one(TriageMessage, unknown.id).state == "attached"


def _reply(**headers: str) -> bytes:
    message = EmailMessage()
    values = {"From": "Presidência <camara@betim.example>", "Subject": "Re: Of. 001", "Message-ID": "<r@x.example>"}
    for name, value in {**values, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        message[name] = value
    message.set_content("Divulgamos aos vereadores.\n")
    message.add_attachment(_pdf(), maintype="application", subtype="pdf", filename="lista.pdf")
    message.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="virus.exe")
    return message.as_bytes()


def _pdf() -> bytes:
    from weasyprint import HTML

    made: bytes = HTML(string="<p>Lista</p>").write_pdf()
    return made


@pytest.mark.slow
def test_RE3_the_web_form_refuses_a_bad_file_whole(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued(requires_reply=True)
    dispatch.send_due()
    token = token_of(message_to(smtp, BETIM))
    with pytest.raises(InvalidInput), transaction() as session:
        operations.answer_by_link(session, token, "Segue.", [File("virus.exe", "application/pdf", b"MZ")])
    with transaction() as session:
        assert states(session, campaign)[BETIM] == "ENVIADO"
        operations.answer_by_link(session, token, "Segue.", [File("lista.pdf", "application/pdf", _pdf())])
        assert states(session, campaign)[BETIM] == "RESPONDIDO"
        assert session.scalars(select(ReceiptLink)).first() is not None


@pytest.mark.slow
def test_RE5_the_end_closes_with_a_report(database_url: str, smtp: smtp_server.Server, tmp_path: Path) -> None:
    campaign = queued()
    dispatch.send_due()
    for message in list(smtp.messages):
        with transaction() as session:
            operations.confirm_by_link(session, token_of(message), "Secretaria")
    run_jobs(database_url)
    with transaction() as session:
        closed = session.get_one(Campaign, campaign.id)
        assert closed.state == "closed"
        assert closed.report == {**steps.report(session, campaign.id), "closed_by": None}
        document = closing.made(session, campaign.id)
        assert document is not None
        words = text_of(documents.read_bytes(session, document.id), tmp_path)
        for told in ("De 6 câmaras, 6 receberam o ofício e 0 responderam.", "pelo sistema, com todos os exemplares", "link da mensagem 6 Total 6",
                     "Resposta não pedida 6 Total 6", "Montes Claros Resposta dispensada 14/12/2018 14/12/2018, nº 001"):  # fmt: skip
            assert told in words, words
        assert closed.report["states"] == {"DISPENSADA_RESPOSTA": 6}
        assert session.scalars(select(Receipt.document_id)).all().count(None) == 0
    assert closing.make(campaign.id) == document.id


def test_a_citizen_works_no_oficio(db: Session) -> None:
    with pytest.raises(Forbidden):
        queries.campaigns(db, PUBLIC)


@pytest.mark.slow
def test_RE4_reminders_go_once_to_who_owes_something(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued(requires_reply=True, deadline_days=10, deadline_kind="business", recipients=SIX[:2])
    dispatch.send_due()
    with transaction() as session:
        answered = exemplar(session, campaign, BH)
        operations.answer_by_link(session, token_of(message_to(smtp, BH)), "Respondemos.", ())
        assert session.get_one(Exemplar, answered.id).state == "RESPONDIDO"
        due = session.get_one(Campaign, campaign.id).due_on
        betim = exemplar(session, campaign).id
    assert due is not None
    before = len(smtp.messages)
    for days in (6, 5, 5, 1, 0, -1, -2):
        now_is(at("09:00", str(date.fromordinal(due.toordinal() - days))))
        with transaction() as session:
            wanted = notices.due_reminders(session)
        assert wanted <= 1
        if wanted:
            kind = {5: "D-5", 1: "D-1", -1: "D+1"}[days]
            notices.remind(betim, kind)
            notices.remind(betim, kind)
    assert [one["To"] for one in smtp.messages[before:]] == [f"camara.{BETIM}@municipio.example"] * 3
    assert len({one["Message-ID"] for one in smtp.messages}) == len(smtp.messages)


@pytest.mark.slow
def test_EM4_the_rate_is_kept_and_a_forward_goes_out_once(
    database_url: str, configured: OficioSettings, smtp: smtp_server.Server
) -> None:
    settings.configure(replace(configured, outbox=smtp.mailbox, rate_per_minute=240))
    queued(recipients=SIX[:3])
    begun = time.monotonic()
    dispatch.send_due()
    assert time.monotonic() - begun >= 0.5
    token = token_of(smtp.messages[0])
    with transaction() as session:
        with pytest.raises(Conflict, match="Confirme"), session.begin_nested():
            operations.forward_by_link(session, token, ["v@betim.example"])
        operations.confirm_by_link(session, token, "Secretaria")
        operations.forward_by_link(session, token, ["v@betim.example"])
        row = session.scalars(select(Forward.id)).one()
    smtp.answers = ["451 later"]
    with pytest.raises(MailError):
        notices.send_forward(row)
    notices.send_forward(row)
    notices.send_forward(row)
    assert [one["To"] for one in smtp.messages].count("v@betim.example") == 1


@pytest.mark.slow
def test_an_account_sees_only_its_camaras_oficios(database_url: str, smtp: smtp_server.Server) -> None:
    campaign = queued(recipients=SIX[:2])
    dispatch.send_due()
    with transaction() as session:
        account = Account(
            kind="external", login="c@x.example", email="c@x.example", created_at=clock.now(), confirmed_at=clock.now()
        )
        session.add(account)
        session.flush()
        operations.link_account(session, account.id, BETIM, actor=SYSTEM)
        actor = Actor("account", account.id, None, frozenset({"externo"}))
        assert [one.ibge for _, one in queries.of_camara(session, actor)] == [BETIM]
        with pytest.raises(NotFound), session.begin_nested():
            queries.view_by_account(session, exemplar(session, campaign, BH).id, actor)
        receipt = operations.confirm_by_account(session, exemplar(session, campaign).id, "Secretaria", actor=actor)
        assert (receipt.via, receipt.account_id) == ("conta", account.id)
        with pytest.raises(Forbidden):
            queries.campaigns(session, actor)
