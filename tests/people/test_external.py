"""External users: e-mail, termo, sign-in apart from the Portal's account; the password for signatures."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from people import accounts, notices, rules, terms
from people.models import Account, OutgoingMail, TermAcceptance
from people.operations import (
    account_for_token,
    confirm_account,
    erase_person,
    external_account_of_email,
    open_account,
    open_external_account,
    prove_password,
    request_password_reset,
    sign_in,
)
from people.persons import create_person
from tests.people.conftest import CPF, OTHER_CPF, staff
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.errors import InvalidInput, TooManyAttempts

EMAIL, PASSWORD, HERE = "vereadora@camara.example", "uma frase comprida", "203.0.113.9"


def open_it(session: Session, name: str = "Vera Lúcia Alves", cpf: str = CPF, password: str = PASSWORD) -> None:
    open_external_account(session, EMAIL, password, name, cpf, terms.VERSION, HERE)


def mails(session: Session) -> list[tuple[str, str, str]]:
    return [notices.opened(row) for row in session.scalars(select(OutgoingMail).order_by(OutgoingMail.created_at))]


def token_of(mail: tuple[str, str, str]) -> str:
    return mail[2].partition("/externo/confirmar/")[2].split()[0]


def test_opened_confirmed_with_the_termo_and_signed_in_as_externo(session: Session) -> None:
    open_it(session)
    assert not sign_in(session, EMAIL, PASSWORD, HERE).ok
    assert confirm_account(session, token_of(mails(session)[0]), PASSWORD) == "CONFIRMADO"
    found = external_account_of_email(session, EMAIL.upper())
    assert found is not None
    assert (found.display_name, found.claimed_cpf, found.kind) == ("Vera Lúcia Alves", CPF, "external")
    term = session.execute(select(TermAcceptance)).scalar_one()
    assert (term.version, term.sha256, term.confirmed_at is not None) == (terms.VERSION, terms.sha256(), True)
    entered = account_for_token(session, sign_in(session, EMAIL, PASSWORD, HERE).token or "")
    assert entered is not None
    assert (entered.kind, entered.actor.roles, entered.actor.unit) == ("external", frozenset({"externo"}), None)
    assert not entered.must_enrol


def test_the_same_address_may_have_an_account_of_the_portal(session: Session) -> None:
    open_it(session)
    confirm_account(session, token_of(mails(session)[0]), PASSWORD)
    open_account(session, EMAIL, "a outra frase, do Portal")
    citizen = session.execute(select(Account).where(Account.login == EMAIL)).scalar_one()
    assert citizen.kind == "citizen"
    assert sign_in(session, rules.external_login(EMAIL), PASSWORD, HERE).ok
    assert not sign_in(session, EMAIL, PASSWORD, HERE).ok  # the Portal's own password is another, and not confirmed


def test_a_strangers_sign_up_lends_neither_name_nor_cpf_nor_password(session: Session) -> None:
    open_it(session)
    open_it(session, "Estranho da Silva", OTHER_CPF, "a frase do estranho")
    first, second = (token_of(mail) for mail in mails(session))
    assert confirm_account(session, second, PASSWORD) == "SENHA_NAO_CONFERE"
    assert confirm_account(session, first, PASSWORD) == "CONFIRMADO"
    assert confirm_account(session, second, "a frase do estranho") == "JA_CONFIRMADO"
    found = external_account_of_email(session, EMAIL)
    assert found is not None
    assert (found.display_name, found.claimed_cpf) == ("Vera Lúcia Alves", CPF)
    open_it(session, "Estranho da Silva", OTHER_CPF)
    assert "já existe" in mails(session)[-1][2]


def test_an_older_termo_is_refused_and_bad_input_named(session: Session) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_external_account(session, EMAIL, PASSWORD, "Vera Alves", CPF, "2020-1", HERE)
    assert "accepted" in refused.value.fields
    for email, name, cpf, field in (
        ("vera", "Vera Alves", CPF, "email"), (EMAIL, "Vera", CPF, "full_name"), (EMAIL, "Vera Alves", "111", "cpf"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            open_external_account(session, email, PASSWORD, name, cpf, terms.VERSION, HERE)
        assert field in refused.value.fields


def test_the_termo_of_this_version_is_this_text() -> None:
    """A changed text is a new version: change both."""
    assert (terms.VERSION, terms.sha256().hex()[:16]) == ("2026-1", "7de7c47e7a6f3a70")


def test_a_forgotten_password_is_asked_for_by_the_e_mail(session: Session) -> None:
    open_it(session)
    confirm_account(session, token_of(mails(session)[0]), PASSWORD)
    request_password_reset(session, EMAIL)
    assert f"para a conta {EMAIL}," in mails(session)[-1][2]
    token = mails(session)[-1][2].partition("/redefinir-senha/")[2].split()[0]
    accounts.reset_password(session, token, "uma frase bem nova")
    assert sign_in(session, EMAIL, "uma frase bem nova", HERE).ok


def test_the_password_for_a_signature_is_counted_like_a_sign_in(session: Session) -> None:
    open_it(session)
    confirm_account(session, token_of(mails(session)[0]), PASSWORD)
    account = external_account_of_email(session, EMAIL)
    assert account is not None
    assert prove_password(session, account.id, PASSWORD, HERE)
    for _ in range(5):
        assert not prove_password(session, account.id, "errada", HERE)
    with pytest.raises(TooManyAttempts):
        prove_password(session, account.id, PASSWORD, HERE)
    accounts.disable_account(session, account.id, actor=SYSTEM)
    assert not prove_password(session, account.id, PASSWORD, "198.51.100.7")


def test_a_wrong_password_for_a_signature_counts_though_the_act_is_rolled_back(database_url: str) -> None:
    with transaction() as db:
        account = accounts.create_staff_account(db, "ana", "Ana Souza", PASSWORD, actor=SYSTEM)
    for _ in range(5):
        with pytest.raises(InvalidInput), transaction() as db:
            assert not prove_password(db, account.id, "errada", HERE)
            raise InvalidInput({"password": "A senha não confere."})
    with pytest.raises(TooManyAttempts), transaction() as db:
        prove_password(db, account.id, PASSWORD, HERE)
    with transaction() as db:
        assert sign_in(db, "ana", PASSWORD, HERE).wait_s > 0
        assert prove_password(db, account.id, PASSWORD, "198.51.100.7")


def test_LGPD_who_is_erased_leaves_neither_name_nor_cpf_in_the_termo(session: Session) -> None:
    open_it(session)
    confirm_account(session, token_of(mails(session)[0]), PASSWORD)
    person = create_person(session, "Vera Lúcia Alves", CPF, verified=True)
    erase_person(session, person.id, actor=staff(session, "gestor", "DIR"))
    term = session.execute(select(TermAcceptance).execution_options(populate_existing=True)).scalar_one()
    assert (term.full_name, term.cpf, term.version) == (None, None, terms.VERSION)
    account = external_account_of_email(session, EMAIL)
    assert account is not None
    assert (account.display_name, account.claimed_cpf) == ("", None)
