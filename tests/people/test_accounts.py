"""Signing up, confirming, passwords; staff accounts; the mail that leaves through the job."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from integrations.mail import FolderMailbox, Mail, MailError, Receipt
from people import PeopleSettings, accounts, configure, notices, sessions, settings
from people.models import Account, EmailToken, OutgoingMail
from people.operations import account_for_token, confirm_account, open_account, resend_confirmation, sign_in
from tests.people.conftest import citizen, staff
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput, NotFound, TooManyAttempts

EMAIL, PASSWORD = "maria@example.com", "uma frase curta"


def sent(session: Session) -> list[tuple[str, str, str]]:
    """What waits to be sent: to, subject, text, oldest first."""
    rows = session.scalars(select(OutgoingMail).order_by(OutgoingMail.created_at))
    return [notices.opened(row) for row in rows]


def token_in(body: str) -> str:
    found = re.search(r"https://portal\.example/(?:confirmar-cadastro|redefinir-senha)/(\S+)", body)
    assert found, body
    return found[1]


def test_PO2_the_message_has_the_exact_subject_and_the_account_sleeps_until_the_click(session: Session) -> None:
    open_account(session, "Maria@Example.com", PASSWORD, "203.0.113.9")
    ((to, subject, body),) = sent(session)
    assert (to, subject) == (EMAIL, "Confirme seu cadastro no Portal da Assembleia")
    assert "(31) 2108-7800" in body
    assert not sign_in(session, EMAIL, PASSWORD, "203.0.113.9").ok
    assert confirm_account(session, token_in(body)) == "CONFIRMADO"
    assert sent(session)[-1][1] == "Seu cadastro no Portal da Assembleia está ativo"
    entered = sign_in(session, EMAIL, PASSWORD, "203.0.113.9")
    assert entered.token is not None
    found = account_for_token(session, entered.token)
    assert found is not None
    assert found.actor.roles == {"cidadao"}


def test_PO4_the_second_click_is_already_confirmed(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    token = token_in(sent(session)[0][2])
    assert confirm_account(session, token) == "CONFIRMADO"
    assert confirm_account(session, token) == "JA_CONFIRMADO"
    assert "já está confirmado" in accounts.CONFIRMATION_MESSAGES["JA_CONFIRMADO"]


def test_PO4_a_link_lives_24_hours(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    token = token_in(sent(session)[0][2])
    row = session.scalars(select(EmailToken)).one()
    assert row.expires_at - row.created_at == timedelta(hours=24)
    row.expires_at = row.created_at
    session.flush()
    assert confirm_account(session, token) == "EXPIRADO"
    resend_confirmation(session, EMAIL)
    assert confirm_account(session, token_in(sent(session)[-1][2])) == "CONFIRMADO"


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "a" * 5000, "\ud800"])
def test_PO4_an_unknown_link_is_told_in_words(session: Session, token: str) -> None:
    assert confirm_account(session, token) == "INVALIDO"
    assert set(accounts.CONFIRMATION_MESSAGES) == set(get_args(accounts.Confirmation))


def test_PO4_a_link_of_another_purpose_confirms_nothing(session: Session) -> None:
    citizen(session, EMAIL)
    accounts.request_password_reset(session, EMAIL)
    assert confirm_account(session, token_in(sent(session)[-1][2])) == "INVALIDO"


def test_PO4_at_most_three_messages_an_hour_and_nobody_is_told(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    for _ in range(5):
        resend_confirmation(session, EMAIL)
    assert len(sent(session)) == 3


def test_an_address_that_asks_for_too_many_accounts_waits(session: Session) -> None:
    for number in range(20):
        resend_confirmation(session, f"pessoa{number}@example.com", "203.0.113.9")
    with pytest.raises(TooManyAttempts):
        resend_confirmation(session, "outra@example.com", "203.0.113.9")
    resend_confirmation(session, "outra@example.com", "203.0.113.10")


def test_signing_up_twice_tells_only_the_mailbox(session: Session) -> None:
    owner = citizen(session, EMAIL)
    before = session.get_one(Account, owner.id).password_hash
    open_account(session, EMAIL, "senha de um estranho")
    assert [subject for _, subject, _ in sent(session)] == ["Você já tem cadastro no Portal da Assembleia"]
    assert session.get_one(Account, owner.id).password_hash == before
    assert not sign_in(session, EMAIL, "senha de um estranho", "").ok


def test_the_account_takes_the_password_of_the_sign_up_whose_link_is_used(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    open_account(session, EMAIL, "senha de um estranho")
    assert session.scalar(select(func.count()).select_from(Account)) == 1
    confirm_account(session, token_in(sent(session)[0][2]))
    assert not sign_in(session, EMAIL, "senha de um estranho", "").ok
    assert sign_in(session, EMAIL, PASSWORD, "").ok
    assert confirm_account(session, token_in(sent(session)[1][2])) == "JA_CONFIRMADO"
    assert sign_in(session, EMAIL, PASSWORD, "").ok


def test_the_owner_of_the_mailbox_does_not_confirm_a_strangers_sign_up(session: Session) -> None:
    open_account(session, EMAIL, "senha de um estranho")
    token = token_in(sent(session)[0][2])
    assert confirm_account(session, token, PASSWORD) == "SENHA_NAO_CONFERE"
    assert confirm_account(session, token, "") == "SENHA_NAO_CONFERE"
    open_account(session, EMAIL, PASSWORD)
    assert confirm_account(session, token_in(sent(session)[1][2]), PASSWORD) == "CONFIRMADO"
    assert sign_in(session, EMAIL, PASSWORD, "").ok


def test_nothing_of_a_message_rests_in_the_clear(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    token = token_in(sent(session)[0][2])
    for table in ("outgoing_mail", "email_token", "event"):
        dump = session.execute(text(f"SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t")).scalar_one()
        assert EMAIL not in dump
        assert token not in dump
        assert EMAIL.encode().hex() not in dump
    hashed = session.scalars(select(Account.password_hash)).one()
    assert hashed is not None
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_reset_password_ends_every_session_and_works_once(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    confirm_account(session, token_in(sent(session)[0][2]))
    token = sign_in(session, EMAIL, PASSWORD, "").token or ""
    accounts.request_password_reset(session, EMAIL)
    reset = token_in(sent(session)[-1][2])
    accounts.reset_password(session, reset, "outra frase curta")
    assert account_for_token(session, token) is None
    assert sign_in(session, EMAIL, "outra frase curta", "").ok
    assert not sign_in(session, EMAIL, PASSWORD, "").ok
    with pytest.raises(InvalidInput, match="não vale mais"):
        accounts.reset_password(session, reset, "mais uma frase")
    assert sent(session)[-1][1] == "Sua senha do Portal da Assembleia foi alterada"


def test_reset_of_an_unknown_address_is_silent(session: Session) -> None:
    accounts.request_password_reset(session, "ninguem@example.com")
    assert sent(session) == []


def test_an_expired_reset_changes_nothing(session: Session) -> None:
    citizen(session, EMAIL)
    accounts.request_password_reset(session, EMAIL)
    reset = token_in(sent(session)[-1][2])
    session.execute(update(EmailToken).values(expires_at=EmailToken.created_at))
    with pytest.raises(InvalidInput):
        accounts.reset_password(session, reset, "outra frase curta")


def test_change_password_asks_for_the_current_one_and_keeps_this_session(session: Session) -> None:
    account = accounts.create_staff_account(session, "ana", "Ana Souza", PASSWORD, actor=SYSTEM)
    here, there = (sign_in(session, "ana", PASSWORD, "").token or "" for _ in range(2))
    mine = account_for_token(session, here)
    assert mine is not None
    with pytest.raises(InvalidInput):
        accounts.change_password(session, account.id, "errada", "outra frase curta", actor=mine.actor)
    accounts.change_password(
        session, account.id, PASSWORD, "outra frase curta", actor=mine.actor, keep_session=mine.session_id
    )
    assert account_for_token(session, here) is not None
    assert account_for_token(session, there) is None
    with pytest.raises(NotFound):
        other = Actor("account", staff(session, "admin").id)
        accounts.change_password(session, account.id, "outra frase curta", PASSWORD, actor=other)


def test_staff_accounts(session: Session) -> None:
    account = accounts.create_staff_account(
        session, " Ana ", "Ana Souza", PASSWORD, actor=SYSTEM, email="ana@almg.example"
    )
    assert sign_in(session, "ANA", PASSWORD, "").ok
    with pytest.raises(Conflict):
        accounts.create_staff_account(session, "ana", "Ana Lima", PASSWORD, actor=SYSTEM)
    with pytest.raises(InvalidInput):
        accounts.create_staff_account(session, "ana lima", "Ana Lima", PASSWORD, actor=SYSTEM)
    token = sign_in(session, "ana", PASSWORD, "").token or ""
    accounts.disable_account(session, account.id, actor=SYSTEM)
    assert account_for_token(session, token) is None
    assert not sign_in(session, "ana", PASSWORD, "").ok
    accounts.enable_account(session, account.id, actor=SYSTEM)
    assert sign_in(session, "ana", PASSWORD, "").ok


def test_a_citizen_cannot_take_a_servants_login(session: Session) -> None:
    accounts.create_staff_account(session, "ana", "Ana Souza", PASSWORD, actor=SYSTEM, email=EMAIL)
    open_account(session, EMAIL, PASSWORD)
    assert session.scalar(select(func.count()).select_from(Account)) == 2


def test_the_job_sends_once_and_forgets(database_url: str, mailbox: FolderMailbox) -> None:
    with transaction() as session:
        open_account(session, EMAIL, PASSWORD)
    with transaction() as session:
        mail_id = str(session.scalars(select(OutgoingMail.id)).one())
    notices.send_mail(mail_id=mail_id)
    notices.send_mail(mail_id=mail_id)
    (file,) = Path(mailbox.folder).iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["Subject"] == "Confirme seu cadastro no Portal da Assembleia"
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0


class Failing:
    """A mailbox whose server answers with an error."""

    def __init__(self, *, permanent: bool) -> None:
        self.permanent = permanent

    def send(self, mail: Mail) -> Receipt:
        raise MailError("down", permanent=self.permanent, code=550 if self.permanent else None)

    def forget(self, address: str) -> int:
        return 0


def _with_mailbox(box: Failing | FolderMailbox) -> None:
    configure(PeopleSettings(settings().keyring, box, "https://portal.example"))


def test_smtp_down_keeps_account_and_message_for_the_next_try(database_url: str, mailbox: FolderMailbox) -> None:
    with transaction() as session:
        open_account(session, EMAIL, PASSWORD)
    _with_mailbox(Failing(permanent=False))
    with transaction() as session:
        mail_id = str(session.scalars(select(OutgoingMail.id)).one())
    with pytest.raises(MailError):
        notices.send_mail(mail_id=mail_id)
    _with_mailbox(mailbox)
    notices.send_mail(mail_id=mail_id)
    assert len(list(Path(mailbox.folder).iterdir())) == 1


def test_a_permanent_refusal_is_recorded_and_over(database_url: str) -> None:
    with transaction() as session:
        open_account(session, EMAIL, PASSWORD)
        mail_id = str(session.scalars(select(OutgoingMail.id)).one())
    _with_mailbox(Failing(permanent=True))
    notices.send_mail(mail_id=mail_id)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingMail)) == 0
        kinds = session.scalars(text("SELECT kind FROM event ORDER BY seq")).all()
        assert kinds == ["conta_aberta", "mensagem_recusada"]
        assert history.verify(session).ok


def test_purges(session: Session) -> None:
    open_account(session, EMAIL, PASSWORD)
    assert (accounts.purge_tokens(session), notices.purge_unsent(session), sessions.purge_sessions(session)) == (
        0,
        0,
        0,
    )
    session.execute(update(EmailToken).values(expires_at=clock.real_now() - timedelta(days=8)))
    session.execute(update(OutgoingMail).values(created_at=clock.real_now() - timedelta(days=8)))
    assert (accounts.purge_tokens(session), notices.purge_unsent(session)) == (1, 1)
