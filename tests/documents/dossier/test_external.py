"""External users: only what a grant in force covers; petitions with a receipt, in the unit's inbox."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

import people
from documents.dossier import external, operations, queries
from documents.dossier.audit import verify_dossiers
from documents.dossier.errors import DossierDocumentNotFound, DossierNotFound
from documents.dossier.external import mail
from documents.dossier.models import Dossier, DossierDocument, DossierUnit
from documents.texts.operations import upload
from integrations.mail import FolderMailbox
from people.keyring import Keyring
from people.models import Account
from people.settings import PeopleSettings
from tests.documents.dossier.conftest import hypothesis_of, install, make_account
from workflow import calendar, clock, database
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound


def make_external(session: Session, email: str) -> Actor:
    """A confirmed account of an external user."""
    account = Account(
        kind="external", login=f"externo:{uuid4()}", email=email, display_name="Ana", created_at=clock.now()
    )
    account.confirmed_at = clock.now()
    session.add(account)
    session.flush()
    return Actor("account", account.id, None, frozenset({"externo"}))


@pytest.fixture
def ana(session: Session) -> Actor:
    return make_external(session, "ana@example.org")


@pytest.fixture
def dossier(session: Session, storage: Path, tmp_path: Path, gri: Actor) -> Dossier:
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(tmp_path / "correio"), "http://127.0.0.1"))
    return operations.open_dossier(session, "contratacao", actor=gri)


def filed(session: Session, dossier: Dossier, actor: Actor, name: str = "lista.csv") -> DossierDocument:
    document = operations.add_document(session, dossier.id, "external", "anexo", actor=actor)
    return upload(session, document.id, b"nome;valor\npapel;10\n", name, actor=actor)


def test_only_what_a_grant_covers(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    chosen, other = filed(session, dossier, gri), filed(session, dossier, gri, "outra.csv")
    draft = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    with pytest.raises(DossierNotFound):
        external.view(session, dossier.id, ana)
    external.grant(session, dossier.id, " Ana@Example.org", days=5, document_ids=[chosen.id], actor=gri)
    assert [one.id for one in external.view(session, dossier.id, ana).documents] == [chosen.id]
    assert external.authorize_document(session, ana, chosen.id).id == chosen.id
    for hidden in (other, draft):
        with pytest.raises(DossierDocumentNotFound):
            external.authorize_document(session, ana, hidden.id)
    with pytest.raises(Forbidden):
        queries.dossier_view(session, dossier.id, ana)
    with pytest.raises(Forbidden):
        external.authorize(session, ana, dossier.id, "external.petition")
    with pytest.raises(Forbidden):
        external.authorize(session, gri, dossier.id)
    stranger = make_external(session, "bruno@example.org")
    with pytest.raises(DossierNotFound):
        external.view(session, dossier.id, stranger)


def test_what_an_outsider_has_read_is_locked(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    document = filed(session, dossier, gri)
    external.grant(session, dossier.id, "ana@example.org", days=5, actor=gri)
    external.note_seen(session, document.id, actor=ana)
    assert document.locked_at is not None
    with pytest.raises(Conflict):
        operations.delete_document(session, document.id, actor=gri)


def test_validity_in_business_days_on_the_legal_clock(
    session: Session, dossier: Dossier, gri: Actor, ana: Actor
) -> None:
    row = external.grant(session, dossier.id, "ana@example.org", days=3, actor=gri)
    assert row.expires_on == calendar.add_business_days(session, clock.today(), 3)
    last = row.expires_on - clock.today()
    clock.configure(last)
    assert len(external.for_account(session, ana)) == 1
    clock.configure(last + timedelta(days=1))
    assert external.for_account(session, ana) == ()
    with pytest.raises(DossierNotFound):
        external.view(session, dossier.id, ana)
    assert [one.state for one in external.grants_of(session, dossier.id, gri)] == ["vencido"]


def test_revoked_now_and_bound_to_who_used_it_first(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    row = external.grant(session, dossier.id, "ana@example.org", days=3, actor=gri)
    external.note_opened(session, dossier.id, actor=ana)
    session.get_one(Account, ana.id).email = "novo@example.org"
    session.flush()
    assert len(external.for_account(session, ana)) == 1
    another = make_external(session, "ana@example.org")
    assert external.for_account(session, another) == ()
    external.revoke(session, row.id, actor=gri)
    with pytest.raises(DossierNotFound):
        external.view(session, dossier.id, ana)
    with pytest.raises(NotFound):
        external.revoke(session, uuid4(), actor=gri)


def test_signing_is_of_chosen_documents(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    letter = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    with pytest.raises(InvalidInput):
        external.grant(session, dossier.id, "ana@example.org", days=3, may_sign=True, actor=gri)
    other = operations.open_dossier(session, "contratacao", actor=gri)
    with pytest.raises(InvalidInput):
        external.grant(session, other.id, "ana@example.org", days=3, document_ids=[letter.id], actor=gri)
    external.grant(session, dossier.id, "ana@example.org", days=3, may_sign=True, document_ids=[letter.id], actor=gri)
    assert external.authorize_document(session, ana, letter.id, "external.sign").id == letter.id
    assert external.view(session, dossier.id, ana).signable == {letter.id}
    (listed,) = external.for_account(session, ana)
    assert listed.to_sign == 1


def test_a_secret_dossier_is_not_opened_to_outsiders(
    session: Session, dossier: Dossier, gri: Actor, ana: Actor
) -> None:
    external.grant(session, dossier.id, "ana@example.org", days=3, actor=gri)
    operations.change_access(session, dossier.id, "sigiloso", hypothesis_of(session, "sigiloso"), actor=gri)
    assert external.for_account(session, ana) == ()
    with pytest.raises(Conflict):
        external.grant(session, dossier.id, "ana@example.org", days=3, actor=gri)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_wrong_days_and_wrong_addresses_are_told(session: Session, dossier: Dossier, gri: Actor, days: int) -> None:
    with pytest.raises(InvalidInput):
        external.grant(session, dossier.id, "ana@example.org", days=days, actor=gri)
    with pytest.raises(InvalidInput):
        external.grant(session, dossier.id, "ana", days=3, actor=gri)


@pytest.mark.slow
def test_a_petition_arrives_unread_with_its_receipt(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    external.grant(session, dossier.id, "ana@example.org", days=3, may_add=True, actor=gri)
    operations.conclude(session, dossier.id, actor=gri)
    data = b"nome;valor\nresposta;1\n"
    sent = external.petition(
        session, dossier.id, [external.ReceivedFile(data, "resposta.csv", "Resposta"),
                              external.ReceivedFile(b"a;b\n1;2\n", "anexo.csv")], actor=ana,
    )  # fmt: skip
    assert sent.number == f"000001/{clock.today().year}"
    assert sent.items[0].sha256 == hashlib.sha256(data).hexdigest()
    line = session.get_one(DossierUnit, (dossier.id, "GRI"), populate_existing=True)
    assert (line.status, line.unread) == ("open", True)
    assert [item.status for item in queries.tree(session, dossier.id, gri)] == ["filed", "filed"]
    assert external.receipts_of(session, ana) == (sent,)
    assert external.receipt(session, sent.id, ana) == sent
    with pytest.raises(NotFound):
        external.receipt(session, sent.id, make_external(session, "bruno@example.org"))
    assert verify_dossiers(session) == []


@pytest.mark.slow
def test_a_petition_is_all_or_nothing(session: Session, dossier: Dossier, gri: Actor, ana: Actor) -> None:
    external.grant(session, dossier.id, "ana@example.org", days=3, may_add=True, actor=gri)
    files = [external.ReceivedFile(b"a;b\n1;2\n", "a.csv"), external.ReceivedFile(b"MZ\x90\x00", "virus.exe")]
    with pytest.raises(InvalidInput), session.begin_nested():
        external.petition(session, dossier.id, files, actor=ana)
    assert queries.tree(session, dossier.id, gri) == ()
    with pytest.raises(InvalidInput):
        external.petition(session, dossier.id, [], actor=ana)


@pytest.mark.slow
def test_the_message_with_the_link_names_no_dossier(database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "correio"
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(folder), "http://127.0.0.1"))
    with database.transaction() as session:
        install(session)
        actor = make_account(session, "GRI", "servidor")
        one = operations.open_dossier(session, "contratacao", actor=actor)
        row = external.grant(session, one.id, "ana@example.org", days=3, may_add=True, actor=actor)
    for _ in range(2):
        mail.send_grant(str(row.id))
    (message,) = folder.glob("*.eml")
    written = message.read_text()
    assert one.number not in written
    assert str(one.id) in written.replace("=\n", "")
