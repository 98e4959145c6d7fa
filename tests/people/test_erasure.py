"""A person erased (LGPD): nothing of them is left in any table of people, and the history still verifies."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import people.models
from integrations.mail import FolderMailbox
from people import accounts, crypto, drafts, faces, notices, persons, queries, registration
from people.erasure import erase_account, erase_person
from people.errors import Erased
from people.models import Account, OutgoingMail, Person, PersonKey, RegistrationDraft
from people.sessions import account_for_token
from people.sign_in import sign_in
from tests.people.conftest import CPF, OTHER_CPF, citizen, face, staff
from tests.people.test_registration import JPEG, draft, register
from workflow import history
from workflow.actor import Actor
from workflow.database import Base, transaction
from workflow.errors import Forbidden

NAME, EMAIL, PASSWORD = "Jocasta Aparecida Quintanilha", "jocasta@example.com", "uma frase curta"


def tables_of_people() -> list[str]:
    return [m.class_.__tablename__ for m in Base.registry.mappers if m.class_.__module__ == people.models.__name__]


def everything(session: Session) -> dict[str, str]:
    """Each table of people, and the events, as text; bytes as PostgreSQL shows them, in hex."""
    names = [*tables_of_people(), "event"]
    query = "SELECT coalesce(string_agg(t::text, '|'), '') FROM {} t"
    return {name: session.execute(text(query.format(name))).scalar_one() for name in names}


def holds(dump: str, secret: bytes) -> bool:
    forms = (secret.decode("latin-1"), secret.hex(), base64.b64encode(secret).decode().rstrip("="))
    return any(form in dump for form in forms)


@pytest.fixture
def boss(session: Session) -> Actor:
    return staff(session, "gestor", "DIR")


def test_nothing_of_an_erased_person_is_left(session: Session, desk: Actor, cac: Actor, boss: Actor) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    accounts.open_account(session, EMAIL, PASSWORD)
    owner = session.scalars(select(Account).where(Account.login == EMAIL)).one()
    owner.confirmed_at = owner.created_at
    persons.prove_cpf(session, owner.id, cpf=CPF, full_name=NAME, document_seen=True, actor=cac)
    token = sign_in(session, EMAIL, PASSWORD, "203.0.113.9").token or ""
    claimed = citizen(session, "outra@example.com")
    assert claimed.id is not None
    persons.complete_profile(session, claimed.id, full_name=NAME, cpf=CPF, actor=claimed)
    shown = draft(session, desk, 1, "Outra Pessoa Qualquer")
    registration.candidates(session, shown, actor=desk)
    same_cpf = draft(session, desk, 7, "Nome Trocado Aqui", CPF)
    same_name = draft(session, desk, 8, NAME.upper())
    unrelated = draft(session, desk, 9, "Rosa Maria Lima")
    session.flush()
    key = crypto.unwrap(session.get_one(PersonKey, person_id))
    salt = session.get_one(PersonKey, person_id).salt
    wrapped = session.get_one(PersonKey, person_id).wrapped_key
    sealed = session.execute(text("SELECT vector, face_picture, document_picture FROM face_record")).one()
    secrets = [
        NAME.encode(), NAME.upper().encode(), b"jocasta", b"quintanilha", CPF.encode(), EMAIL.encode(),
        key, salt, wrapped, *(bytes(part) for part in sealed), JPEG + b"rosto0",
    ]  # fmt: skip
    before = everything(session)
    assert sum(holds(dump, NAME.encode()) for dump in before.values()) >= 2

    erase_person(session, person_id, actor=boss)

    session.expire_all()
    for table, dump in everything(session).items():
        for secret in secrets:
            assert not holds(dump, secret), table
    row = session.get_one(Person, person_id)
    assert row.erased_at is not None
    assert account_for_token(session, token) is None
    assert not sign_in(session, EMAIL, PASSWORD, "203.0.113.9").ok
    left = set(session.scalars(select(RegistrationDraft.id)))
    assert left == {unrelated}
    assert not {shown, same_cpf, same_name} & left
    assert history.verify(session).ok


def test_the_galleries_are_told_to_drop(session: Session, desk: Actor, boss: Actor) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    cursor = faces.gallery_changes(session, 0).cursor
    assert [near.person_id for near in faces.candidates(session, face(1))] == [person_id]
    erase_person(session, person_id, actor=boss)
    (item,) = faces.gallery_changes(session, cursor).items
    assert (item.op, item.person_id, item.vector, item.full_name, item.cpf) == ("drop", person_id, None, "", None)
    assert faces.candidates(session, face(1)) == []


def test_the_event_holds_the_id_only(session: Session, desk: Actor, boss: Actor) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    erase_person(session, person_id, actor=boss)
    data = session.execute(text("SELECT data FROM event WHERE kind = 'pessoa_eliminada'")).scalar_one()
    assert data == f'{{"person":"{person_id}"}}'


def test_the_cpf_may_register_again_as_somebody_new(session: Session, desk: Actor, boss: Actor) -> None:
    first = register(session, desk, 1, NAME, CPF)
    erase_person(session, first, actor=boss)
    assert register(session, desk, 1, NAME, CPF) != first


def test_an_erased_person_is_found_by_nobody_and_erased_once(session: Session, desk: Actor, boss: Actor) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    erase_person(session, person_id, actor=boss)
    assert queries.person(session, person_id) is None
    assert queries.search_people(session, NAME) == []
    assert queries.names(session, [person_id]) == {person_id: queries.ERASED_NAME}
    with pytest.raises(Erased):
        erase_person(session, person_id, actor=boss)
    with pytest.raises(Erased):
        crypto.encrypt_for(session, person_id, b"x", "face-picture")


@pytest.mark.parametrize("role", ["identificacao", "gpol", "cac", "gabinete", "admin"])
def test_only_the_gestor_erases(session: Session, desk: Actor, role: str) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    with pytest.raises(Forbidden):
        erase_person(session, person_id, actor=staff(session, role, "X"))


def test_a_servants_account_survives_the_erasure_of_the_visitor_they_were(
    session: Session, desk: Actor, boss: Actor
) -> None:
    person_id = register(session, desk, 1, NAME, CPF)
    servant = session.get_one(Account, staff(session, "cac", "CAC").id)
    servant.person_id = person_id
    session.flush()
    erase_person(session, person_id, actor=boss)
    session.expire_all()
    kept = queries.account(session, servant.id)
    assert kept is not None
    assert (kept.person_id, kept.disabled_at, bool(kept.login)) == (None, None, True)


def test_an_account_without_person_is_erased_by_itself(session: Session, boss: Actor) -> None:
    owner = citizen(session, EMAIL)
    assert owner.id is not None
    persons.complete_profile(session, owner.id, full_name=NAME, cpf=OTHER_CPF, actor=owner)
    erase_account(session, owner.id, actor=boss)
    assert not any(holds(dump, s) for dump in everything(session).values() for s in (EMAIL.encode(), NAME.encode()))
    assert history.verify(session).ok


def test_the_demonstrations_mailbox_forgets_too(database_url: str, mailbox: FolderMailbox) -> None:
    with transaction() as session:
        accounts.open_account(session, EMAIL, PASSWORD)
        mail_id = str(session.scalars(select(OutgoingMail.id)).one())
    notices.send_mail(mail_id=mail_id)
    assert len(list(mailbox.folder.glob("*.eml"))) == 1
    with transaction() as session:
        owner = session.scalars(select(Account.id).where(Account.login == EMAIL)).one()
        erase_account(session, owner, actor=staff(session, "gestor", "DIR"))
    assert list(mailbox.folder.glob("*")) == []


def test_every_draft_is_read_only_with_its_own_key(session: Session, desk: Actor) -> None:
    one, two = draft(session, desk, 1), draft(session, desk, 2)
    first, second = session.get_one(RegistrationDraft, one), session.get_one(RegistrationDraft, two)
    first.details = second.details
    session.flush()
    with pytest.raises(crypto.Unreadable):
        drafts.details(first)


def test_a_person_in_the_table_cannot_be_half_erased(session: Session, desk: Actor) -> None:
    register(session, desk, 1, NAME, CPF)
    with pytest.raises(Exception, match="ck_person_erased_is_empty"):
        session.execute(text("UPDATE person SET erased_at = created_at"))


def test_the_search_covers_every_table_of_people(session: Session) -> None:
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert len(tables_of_people()) == 21
