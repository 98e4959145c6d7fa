"""The mailbox reader against a real dovecot, and against messages that nobody should send."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from integrations import mailbox_message, mailbox_reader
from integrations.mailbox_reader import MailboxError, read
from tests.imap_server import ImapServer, running

DSN = b"""From: Mail Delivery System <mailer-daemon@servidor.example>
To: ceac+0123456789abcdef@almg.example
Subject: Mail delivery failed
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; servidor.example

Action: failed
Final-Recipient: rfc822;camara@betim.example
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: message/rfc822

Message-ID: <oficio.x.1@almg.example>
From: portal@almg.example
To: camara@betim.example
Subject: Of. 002/2018/GRPC/GRI

Texto.
--b--
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with running() as started:
        yield started


@pytest.mark.slow
def test_messages_are_read_by_uid_and_left_as_they_are(server: ImapServer) -> None:
    server.deliver(b"Subject: um\n\nUm.\n")
    server.deliver(b"Subject: dois\n\nDois.\n")
    for _ in range(2):  # reading changes nothing
        with mailbox_reader.mailbox(server.settings) as box:
            found = mailbox_reader.newer(box, 0)
            assert [read(one.raw or b"").subject for one in found] == ["um", "dois"]
            assert mailbox_reader.newer(box, found[0].uid)[0].uid == found[1].uid
            assert mailbox_reader.newer(box, found[1].uid) == []
            assert mailbox_reader.uid_validity(box, "INBOX") > 0


@pytest.mark.slow
def test_a_message_that_is_too_large_is_told_and_not_brought(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox_reader, "MAX_MESSAGE", 100)
    server.deliver(b"Subject: grande\n\n" + b"x" * 200)
    with mailbox_reader.mailbox(server.settings) as box:
        last = mailbox_reader.newer(box, 0)[-1]
    assert last.raw is None
    assert last.size > 200


@pytest.mark.slow
def test_a_wrong_password_and_a_server_that_is_gone_are_told(server: ImapServer) -> None:
    for wrong in (replace(server.settings, password="outra"), replace(server.settings, port=9)):
        with pytest.raises(MailboxError), mailbox_reader.mailbox(wrong):
            pass


def test_EM5_a_bounce_names_the_message_that_it_is_about() -> None:
    message = read(DSN)
    assert message.bounce is not None
    assert (message.bounce.action, message.bounce.status) == ("failed", "5.1.1")
    assert message.about == ("<oficio.x.1@almg.example>",)


def test_EM5_a_bounce_with_headers_only() -> None:
    message = read(DSN.replace(b"message/rfc822", b"text/rfc822-headers"))
    assert message.about == ("<oficio.x.1@almg.example>",)


def test_html_is_read_as_words_and_scripts_are_not() -> None:
    message = read(b"Content-Type: text/html\n\n<p>Recebemos.</p><script>alert(1)</script><p>Grato.</p>")
    assert message.text.split() == ["Recebemos.", "Grato."]


def test_an_attachments_name_has_no_folder() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/pdf\n'
        b'Content-Disposition: attachment; filename="../../etc/passwd"\n\nx\n--b--\n'
    )
    assert [file.name for file in read(raw).files] == ["passwd"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 100,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 500,
        b"Content-Type: text/plain; charset=nada\n\nx",
        b"From: =?utf-8?b?!!!?=\nSubject: =?x?q?=\nMessage-ID: <\nContent-Type: ;;;\n\nx",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n--b--",
    ],
)
def test_malformed_messages_never_raise(raw: bytes) -> None:
    assert len(read(raw).files) <= mailbox_message.MAX_FILES


def _mixed(parts: bytes) -> bytes:
    return b'From: a@b.example\nSubject: s\nContent-Type: multipart/mixed; boundary="b"\n\n' + parts


NESTED = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(40))
COSTLY = {
    "parts": _mixed(b"--b\n\n\n" * 100_000),
    "headers": b"From: a@b.example\nSubject: s\n" + b"a: b\n" * 600_000 + b"\nx",
    "headers of a part": _mixed(b"--b\n" + b"a: b\n" * 600_000 + b"\nx\n--b--"),
    "lines": _mixed(b"--b\n\n" + b"\n" * 5_000_000),
    "nested": b"From: a@b.example\nSubject: s\n" + NESTED + b"\n" + b"x\n" * 200_000,
    "reports": b"From: a@b.example\nSubject: s\nContent-Type: message/delivery-status\n\n" + b"a: b\n\n" * 100_000,
}


@pytest.mark.parametrize("kind", COSTLY)
def test_a_message_made_to_cost_is_set_aside_at_once_with_its_sender(kind: str) -> None:
    """100,000 empty parts took ten seconds of the reader; what is told costs no more than its headers."""
    begun = time.process_time()
    found = read(COSTLY[kind])
    assert time.process_time() - begun < 1
    assert (found.sender, found.subject, found.files) == ("a@b.example", "s", ())
    assert "partes demais" in found.problem


def test_what_a_person_sends_is_no_trouble_and_more_files_than_are_kept_are_told() -> None:
    file = b'--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename="a.csv"\n\na;b\n'
    assert read(_mixed(file * 20 + b"--b--")).problem == ""
    many = read(_mixed(file * 21 + b"--b--"))
    assert (len(many.files), many.problem) == (20, "Tem mais de 20 anexos.")
    comments = b"From: " + b"(" * 3_000 + b"\nSubject: s\n\nx"
    assert (read(comments).subject, read(comments).text) == ("s", "x")
