"""Many messages over one connection, against a real server that refuses, delays and hangs up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integrations.mail import Mail, MailError
from tests.integrations.smtp_server import Server, running

MAIL = Mail("camara@betim.example", "Of. 002/2018/GRPC/GRI", "Texto.\n", "<a@almg.example>")


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as started:
        yield started


def test_one_connection_carries_many_messages_each_to_one_recipient(server: Server) -> None:
    connection = server.mailbox.open()
    for number in range(5):
        connection.send(
            Mail(
                f"c{number}@x.example", "Assunto", "Texto", f"<{number}@almg.example>", bounce_to="ceac+1@almg.example"
            )
        )
    connection.close()
    assert server.connections == 1
    assert [to for _, to in server.envelopes] == [[f"c{number}@x.example"] for number in range(5)]
    assert {sender for sender, _ in server.envelopes} == {"ceac+1@almg.example"}


def test_EM4_a_refusal_leaves_the_connection_usable(server: Server) -> None:
    server.answers = ["451 greylisted"]
    server.rcpt["ninguem@x.example"] = "550 no such user"
    connection = server.mailbox.open()
    with pytest.raises(MailError) as later:
        connection.send(MAIL)
    with pytest.raises(MailError) as never:
        connection.send(Mail("ninguem@x.example", "Assunto", "Texto"))
    assert (later.value.permanent, later.value.code, later.value.in_doubt) == (False, 451, False)
    assert (never.value.permanent, never.value.code) == (True, 550)
    assert connection.send(MAIL).answer.startswith("250")
    connection.close()


def test_EM6_nothing_is_committed_for_a_recipient_that_was_refused(server: Server) -> None:
    server.rcpt["camara@betim.example"] = "450 later"
    said: list[str] = []
    connection = server.mailbox.open()
    with pytest.raises(MailError):
        connection.send(MAIL, lambda: said.append("committed"))
    connection.close()
    assert said == []


def test_EM6_a_connection_that_breaks_after_data_is_a_doubt(server: Server) -> None:
    server.hang_up_at = 1
    order: list[str] = []
    connection = server.mailbox.open()
    with pytest.raises(MailError) as doubt:
        connection.send(MAIL, lambda: order.append(f"committed before {len(server.messages)} messages"))
    connection.close()
    assert doubt.value.in_doubt
    assert order == ["committed before 0 messages"]
    assert len(server.messages) == 1
