"""The mail client against a real SMTP server on loopback."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from integrations.mail import Attachment, FolderMailbox, Mail, MailError, SmtpMailbox, SmtpSettings

MAIL = Mail("maria@example.com", "Confirme seu cadastro no Portal da Assembleia", "Olá, Maria.\n")


class Inbox:
    """The server's side: keeps what it accepts, refuses as told."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals: list[str] = []
        self.rcpt_refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt_refusal:
            return self.rcpt_refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        parsed = message_from_bytes(envelope.content, policy=default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        return "250 accepted"


class _Controller(Controller):
    def __init__(self, inbox: Inbox, *, implicit: bool = False, **smtp: Any) -> None:
        self._options = smtp
        context = smtp.get("tls_context") if implicit else None
        super().__init__(inbox, hostname="127.0.0.1", port=_free_port(), ssl_context=context)

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="127.0.0.1", **self._options)


Server = Callable[..., tuple[Inbox, SmtpSettings]]


@pytest.fixture
def server() -> Iterator[Server]:
    running: list[_Controller] = []

    def begin(
        *, implicit: bool = False, settings: dict[str, Any] | None = None, **smtp: Any
    ) -> tuple[Inbox, SmtpSettings]:
        inbox = Inbox()
        if implicit:
            context = smtp.pop("tls_context")
            controller = _Controller(inbox, implicit=True, tls_context=context)
            controller._options = {}
        else:
            controller = _Controller(inbox, **smtp)
        controller.start()
        running.append(controller)
        values: dict[str, Any] = {
            "security": "none",
            "sender": "portal@almg.example",
            "timeout_s": 5.0,
            **(settings or {}),
        }
        return inbox, SmtpSettings("127.0.0.1", controller.port, **values)

    yield begin
    for controller in running:
        controller.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(built.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return public, context


def test_a_message_arrives_whole(server: Server) -> None:
    inbox, settings = server()
    sent = Mail(
        MAIL.to, MAIL.subject, MAIL.text, "<abc@almg.example>", (Attachment("of.pdf", "application/pdf", b"%PDF"),)
    )
    receipt = SmtpMailbox(settings).send(sent)
    (message,) = inbox.messages
    assert receipt.message_id == message["Message-ID"] == "<abc@almg.example>"
    assert message["Subject"] == MAIL.subject
    assert message["To"] == "maria@example.com"
    assert "portal@almg.example" in message["From"]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Olá, Maria.\n"
    assert [part.get_content() for part in message.iter_attachments()] == [b"%PDF"]


def test_a_message_id_is_made_when_none_is_given(server: Server) -> None:
    inbox, settings = server()
    receipt = SmtpMailbox(settings).send(MAIL)
    assert receipt.message_id.endswith("@almg.example>")
    assert inbox.messages[0]["Message-ID"] == receipt.message_id


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("451 try later", False)])
def test_EM4_refused_recipient_says_whether_to_try_again(server: Server, answer: str, permanent: bool) -> None:
    inbox, settings = server()
    inbox.rcpt_refusal = answer
    with pytest.raises(MailError) as caught:
        SmtpMailbox(settings).send(MAIL)
    assert (caught.value.permanent, caught.value.code) == (permanent, int(answer[:3]))
    assert inbox.messages == []


@pytest.mark.parametrize(("answer", "permanent"), [("554 refused", True), ("452 full", False)])
def test_EM4_refused_content_says_whether_to_try_again(server: Server, answer: str, permanent: bool) -> None:
    inbox, settings = server()
    inbox.refusals.append(answer)
    with pytest.raises(MailError) as caught:
        SmtpMailbox(settings).send(MAIL)
    assert caught.value.permanent is permanent
    SmtpMailbox(settings).send(MAIL)
    assert len(inbox.messages) == 1


def test_a_server_that_is_down_is_worth_another_try() -> None:
    settings = SmtpSettings("127.0.0.1", _free_port(), "none", timeout_s=2.0)
    with pytest.raises(MailError) as caught:
        SmtpMailbox(settings).send(MAIL)
    assert not caught.value.permanent


def test_a_server_that_says_nothing_times_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = SmtpSettings("127.0.0.1", silent.getsockname()[1], "none", timeout_s=0.3)
        with pytest.raises(MailError) as caught:
            SmtpMailbox(settings).send(MAIL)
    assert not caught.value.permanent


def test_starttls_is_required_when_asked_for(server: Server) -> None:
    inbox, settings = server(settings={"security": "starttls"})
    with pytest.raises(MailError) as caught:
        SmtpMailbox(settings).send(MAIL)
    assert not caught.value.permanent
    assert inbox.messages == []


def test_starttls_and_sign_in(server: Server, certificate: tuple[Path, ssl.SSLContext]) -> None:
    def accept(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"portal", b"segredo"), handled=False)

    public, context = certificate
    signed_in = {"security": "starttls", "ca_file": str(public), "username": "portal", "password": "segredo"}
    inbox, settings = server(settings=signed_in, tls_context=context, authenticator=accept, auth_required=True)
    SmtpMailbox(settings).send(MAIL)
    assert len(inbox.messages) == 1
    wrong = SmtpSettings(settings.host, settings.port, "starttls", "portal", "errada", ca_file=str(public))
    with pytest.raises(MailError):
        SmtpMailbox(wrong).send(MAIL)


def test_implicit_tls_checks_the_certificate(server: Server, certificate: tuple[Path, ssl.SSLContext]) -> None:
    public, context = certificate
    inbox, settings = server(implicit=True, settings={"security": "tls", "ca_file": str(public)}, tls_context=context)
    SmtpMailbox(settings).send(MAIL)
    assert len(inbox.messages) == 1
    untrusted = SmtpSettings(settings.host, settings.port, "tls", timeout_s=5.0)
    with pytest.raises(MailError):
        SmtpMailbox(untrusted).send(MAIL)


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("maria@example.com\r\nBcc: outra@example.com", "Assunto"),
        ("maria@example.com", "Assunto\r\nBcc: outra@example.com"),
        ("maria@example.com, outra@example.com", "Assunto"),
        ("sem-arroba", "Assunto"),
        ("", "Assunto"),
    ],
)
def test_EM3_one_recipient_and_no_headers_slipped_in(tmp_path: Path, to: str, subject: str) -> None:
    with pytest.raises(MailError) as caught:
        FolderMailbox(tmp_path).send(Mail(to, subject, "texto"))
    assert caught.value.permanent
    assert list(tmp_path.iterdir()) == []


def test_the_folder_receives_eml_files_that_only_we_may_read(tmp_path: Path) -> None:
    folder = tmp_path / "correio"
    mailbox = FolderMailbox(folder)
    sent = Mail(MAIL.to, MAIL.subject, MAIL.text, "<um@portal>")
    mailbox.send(sent)
    mailbox.send(sent)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0
    parsed = message_from_bytes(file.read_bytes(), policy=default)
    assert parsed["Subject"] == MAIL.subject


def test_messages_to_an_address_are_forgotten(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    box.send(MAIL)
    box.send(MAIL)
    box.send(Mail("outra@example.com", "Assunto", "texto"))
    assert box.forget("Maria@example.com") == 2
    assert box.forget("maria@example.com") == 0
    assert len(list(tmp_path.iterdir())) == 1


def test_the_password_is_not_printed() -> None:
    assert "segredo" not in repr(SmtpSettings("h", password="segredo"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
