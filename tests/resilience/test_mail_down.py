"""SMTP down: the account is not lost, and its message leaves when the mail server is back."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.resilience.house import House
from webapp.cli.visit import Visit

pytestmark = pytest.mark.slow
ADDRESS, PASSWORD = "quem-espera@exemplo.com.br", "uma frase comprida de quem espera"


class Postbox:
    """What a real SMTP server on loopback was handed for our address; other tests' messages may come too."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        parsed = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]  # bytes, since decode_data is off
        if envelope.rcpt_tos == [ADDRESS]:
            self.messages.append(parsed)
        return "250 OK"


def test_SMTP_down_loses_no_account_and_the_message_leaves_when_it_is_back(house: House) -> None:
    visit = Visit(house.url)
    visit.get("/cadastre-se")
    visit.post("/cadastre-se", email=ADDRESS, password=PASSWORD)
    (account,) = house.rows("SELECT id FROM account WHERE login = %s", ADDRESS)
    waiting = "SELECT id::text FROM outgoing_mail WHERE account_id = %s"
    ((mail,),) = house.rows(waiting, *account)
    tried = (
        "SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'mail_id' = %s AND attempts >= 1 AND status = 'todo'"
    )
    house.wait("uma tentativa sem servidor", lambda: house.one(tried, mail))
    assert house.rows(waiting, *account) == [(mail,)]
    house.restart("worker")

    postbox = Postbox()
    server = Controller(postbox, hostname="127.0.0.1", port=house.mail_port)
    server.start()
    try:
        house.wait("a mensagem", lambda: postbox.messages, 60)
        house.wait("o fim do trabalho", lambda: not house.rows(waiting, *account))
        (message,) = postbox.messages
        assert message["To"] == ADDRESS
        link = re.search(r"(/confirmar-cadastro/\S+)", message.get_content())
        assert link is not None
        visit.get(link[1])
        visit.post(link[1], password=PASSWORD)
        visit.sign_in(ADDRESS, PASSWORD)
        house.wait("a segunda mensagem", lambda: len(postbox.messages) == 2, 20)
    finally:
        server.stop()
