"""The jobs of people, run by the real worker over the real queue."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import func, select, text

from integrations.mail import SmtpMailbox, SmtpSettings
from people import PeopleSettings, configure, settings
from people.maintenance import rewrap_keys
from people.models import Account, OutgoingMail, PersonKey
from people.operations import open_account
from people.persons import create_person
from workflow import jobs
from workflow.database import transaction


class Inbox:
    """The subjects that arrived."""

    def __init__(self) -> None:
        self.subjects: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        lines = envelope.content.decode().splitlines()
        self.subjects += [line.removeprefix("Subject: ") for line in lines if line.startswith("Subject: ")]
        return "250 accepted"


def _work(url: str) -> None:
    worker = threading.Thread(
        target=jobs.run_worker, args=(url, ["mail"], 1), kwargs={"wait": False, "install_signal_handlers": False}
    )
    worker.start()
    worker.join(30)
    assert not worker.is_alive()


@pytest.mark.slow
def test_smtp_down_the_account_stands_and_the_message_leaves_later(database_url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    box = SmtpMailbox(SmtpSettings("127.0.0.1", number, "none", timeout_s=2.0))
    configure(PeopleSettings(settings().keyring, box, "https://portal.example"))
    with transaction() as session:
        open_account(session, "maria@example.com", "uma frase curta")
    _work(database_url)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 1
        waiting = session.execute(
            text(
                "SELECT status, attempts FROM procrastinate_jobs WHERE queue_name = 'mail' AND task_name LIKE 'people.%'"
            )
        ).all()
        assert [tuple(row) for row in waiting] == [("todo", 1)]
        session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=number)
    server.start()
    try:
        _work(database_url)
    finally:
        server.stop()
    assert inbox.subjects == ["Confirme seu cadastro no Portal da Assembleia"]
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0


def test_a_rolled_back_sign_up_sends_nothing(database_url: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        open_account(session, "maria@example.com", "uma frase curta")
        raise ZeroDivisionError
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_the_queue_holds_no_personal_data(database_url: str) -> None:
    with transaction() as session:
        open_account(session, "maria@example.com", "uma frase curta")
    with transaction() as session:
        queued = session.execute(text("SELECT procrastinate_jobs::text FROM procrastinate_jobs")).scalars().all()
        assert len(queued) == 1
        assert "maria" not in queued[0]


def test_after_a_rotation_every_key_follows(database_url: str) -> None:
    with transaction() as session:
        for _ in range(3):
            create_person(session, "Maria Silva", None, verified=False)
    settings().keyring.rotate()
    rewrap_keys()
    with transaction() as session:
        assert session.scalars(select(PersonKey.master_key_id).distinct()).all() == [settings().keyring.current]
