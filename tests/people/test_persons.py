"""The cadastro completo, the CPF that must be proved, the visitor's QR, the holder's own copy."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from integrations.faces.boxes import TokenInvalid, verify_token
from people import faces, notices, persons, queries
from people.errors import CpfNotProved, CpfTaken, ProofInDoubt
from people.export import own_data
from people.models import Account, OutgoingMail, Person
from people.visitor import token_key, visitor_token
from tests.people.conftest import CPF, OTHER_CPF, THIRD_CPF, citizen, face, staff
from workflow import clock
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from workflow.models import EventRow

NAME = "Maria da Silva"


def complete(session: Session, actor: Actor, cpf: str = CPF) -> None:
    assert actor.id is not None
    persons.complete_profile(session, actor.id, full_name=NAME, cpf=cpf, actor=actor)


def prove(session: Session, actor: Actor, cac: Actor, cpf: str = CPF, **more: object) -> Person:
    assert actor.id is not None
    values = {"cpf": cpf, "full_name": NAME, "document_seen": True, **more}
    return persons.prove_cpf(session, actor.id, actor=cac, **values)  # type: ignore[arg-type]  # keywords of a test


def test_PO6_a_typed_cpf_shows_nothing_until_it_is_proved(session: Session, cac: Actor) -> None:
    victim = persons.create_person(session, "Vítima de Souza", CPF, verified=True)
    thief = citizen(session, "ladrao@example.com")
    assert thief.id is not None
    with pytest.raises(CpfNotProved):
        persons.proved_person(session, thief.id)
    complete(session, thief)
    with pytest.raises(CpfNotProved) as caught:
        persons.proved_person(session, thief.id)
    assert caught.value.code == "CPF_NAO_COMPROVADO"
    assert own_data(session, thief.id, actor=thief).person is None
    with pytest.raises(CpfNotProved):
        visitor_token(session, thief.id, actor=thief)
    owner = citizen(session, "vitima@example.com")
    assert prove(session, owner, cac, full_name="Vítima de Souza").id == victim.id


def test_PO6_typing_a_cpf_does_not_keep_its_owner_out(session: Session, cac: Actor, desk: Actor) -> None:
    for number in range(3):
        complete(session, citizen(session, f"ladrao{number}@example.com"))
    assert persons.create_person(session, NAME, CPF, verified=True).cpf == CPF


def test_PO5_PO6_the_desk_ties_the_account_to_the_person(session: Session, cac: Actor) -> None:
    known = persons.create_person(session, NAME, CPF, verified=True)
    owner = citizen(session, "maria@example.com")
    complete(session, owner)
    assert prove(session, owner, cac).id == known.id
    assert owner.id is not None
    assert persons.proved_person(session, owner.id).id == known.id
    account = session.get_one(Account, owner.id)
    assert (account.person_id, account.claimed_cpf) == (known.id, None)
    mail = session.scalars(select(OutgoingMail)).one()
    assert notices.opened(mail)[1] == "Seu CPF foi comprovado no Portal da Assembleia"
    with pytest.raises(Conflict):
        complete(session, owner)


def test_PO6_another_cpf_than_the_declared_one_needs_a_word(session: Session, cac: Actor) -> None:
    owner = citizen(session, "maria@example.com")
    complete(session, owner)
    with pytest.raises(ProofInDoubt) as caught:
        prove(session, owner, cac, OTHER_CPF)
    assert (caught.value.declared_cpf, caught.value.registered_name) == (CPF, "")
    assert session.scalar(select(func.count()).select_from(Person)) == 0, "nobody is made of a typing error"
    assert prove(session, owner, cac, OTHER_CPF, other_cpf=True).cpf == OTHER_CPF
    event = session.scalars(select(EventRow).where(EventRow.kind == "cpf_comprovado")).one()
    assert '"declared_cpf":"other"' in event.data.replace(" ", "")


@pytest.mark.parametrize(("holds", "after"), [("registered", "Maira da Silva"), ("document", NAME)])
def test_somebody_says_which_of_two_names_holds(session: Session, cac: Actor, holds: str, after: str) -> None:
    known = persons.create_person(session, "Maira da Silva", CPF, verified=True)
    owner = citizen(session, "maria@example.com")
    with pytest.raises(ProofInDoubt) as caught:
        prove(session, owner, cac)
    assert (caught.value.declared_cpf, caught.value.registered_name) == ("", "Maira da Silva")
    assert prove(session, owner, cac, name=holds).full_name == after
    assert session.get_one(Account, owner.id).display_name == after
    assert queries.names(session, [known.id]) == {known.id: after}
    corrected = session.scalar(select(func.count()).where(EventRow.kind == "nome_corrigido"))
    assert corrected == (1 if holds == "document" else 0)
    event = session.scalars(select(EventRow).where(EventRow.kind == "cpf_comprovado")).one()
    assert f'"name":"{holds}"' in event.data.replace(" ", "")


def test_capitals_are_no_other_name(session: Session, cac: Actor) -> None:
    persons.create_person(session, NAME, CPF, verified=True)
    assert prove(session, citizen(session, "maria@example.com"), cac, full_name=NAME.upper()).full_name == NAME


def test_a_proof_by_mistake_is_undone(session: Session, cac: Actor) -> None:
    owner = citizen(session, "maria@example.com")
    wrong = prove(session, owner, cac, OTHER_CPF)
    assert owner.id is not None
    session.execute(delete(OutgoingMail))
    with pytest.raises(InvalidInput):
        persons.undo_proof(session, owner.id, reason=f"o CPF é {CPF}", actor=cac)
    for role in ("identificacao", "gestor", "gabinete", "admin"):
        with pytest.raises(Forbidden):
            persons.undo_proof(session, owner.id, reason="cpf_errado", actor=staff(session, role, "X"))
    persons.undo_proof(session, owner.id, reason="cpf_errado", actor=cac)
    account = session.get_one(Account, owner.id)
    assert (account.person_id, account.claimed_cpf, account.display_name) == (None, None, None)
    assert session.get_one(Person, wrong.id).cpf == OTHER_CPF, "the person stays, with what is theirs"
    event = session.scalars(select(EventRow).where(EventRow.kind == "comprovacao_desfeita")).one()
    assert json.loads(event.data) == {"account": str(owner.id), "person": str(wrong.id), "reason": "cpf_errado"}
    mail = session.scalars(select(OutgoingMail)).one()
    assert notices.opened(mail)[:2] == (
        "maria@example.com",
        "A comprovação do seu CPF foi desfeita no Portal da Assembleia",
    )
    with pytest.raises(Conflict):
        persons.undo_proof(session, owner.id, reason="cpf_errado", actor=cac)
    assert prove(session, owner, cac).cpf == CPF


def test_PO6_the_document_must_be_marked_as_seen(session: Session, cac: Actor) -> None:
    owner = citizen(session, "maria@example.com")
    with pytest.raises(InvalidInput) as caught:
        prove(session, owner, cac, document_seen=False)
    assert set(caught.value.fields) == {"document_seen"}


@pytest.mark.parametrize("role", ["identificacao", "gpol", "seguranca", "gabinete", "gestor", "admin"])
def test_PO6_only_the_cac_proves(session: Session, role: str) -> None:
    with pytest.raises(Forbidden):
        prove(session, citizen(session, "maria@example.com"), staff(session, role, "X"))


def test_PO6_one_cpf_one_account(session: Session, cac: Actor) -> None:
    prove(session, citizen(session, "maria@example.com"), cac)
    with pytest.raises(Conflict, match="outra conta"):
        prove(session, citizen(session, "outra@example.com"), cac)
    first = session.scalars(select(Account).where(Account.login == "maria@example.com")).one()
    with pytest.raises(Conflict, match="já tem CPF"):
        prove(session, Actor("account", first.id), cac, OTHER_CPF)


def test_PO6_two_desks_at_once_tie_one_account(database_url: str) -> None:
    with transaction() as session:
        cac = staff(session, "cac", "CAC")
        owners = [citizen(session, f"maria{n}@example.com") for n in range(2)]
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def act(owner: Actor) -> None:
        barrier.wait()
        try:
            with transaction() as session:
                prove(session, owner, cac)
            outcomes.append("ok")
        except DomainError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=act, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[-1] == "ok"
    assert outcomes.count("ok") == 1
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).where(Account.person_id.is_not(None))) == 1


def test_an_account_that_was_not_confirmed_or_is_a_servants_is_not_tied(session: Session, cac: Actor) -> None:
    owner = citizen(session, "maria@example.com")
    assert owner.id is not None
    session.get_one(Account, owner.id).confirmed_at = None
    session.flush()
    with pytest.raises(NotFound):
        prove(session, owner, cac)
    with pytest.raises(NotFound):
        prove(session, cac, cac)


def test_D8_the_cac_adds_a_cpf_to_a_registration_without_one(session: Session, cac: Actor) -> None:
    person = persons.create_person(session, NAME, None, verified=False)
    faces.enrol(session, person.id, vectors=[face(1)], face_jpeg=b"f", document_jpeg=None)
    cursor = faces.gallery_changes(session, 0).cursor
    with pytest.raises(InvalidInput):
        persons.add_cpf(session, person.id, cpf=CPF, document_seen=False, actor=cac)
    assert persons.add_cpf(session, person.id, cpf=CPF, document_seen=True, actor=cac).cpf_verified_at is not None
    (item,) = faces.gallery_changes(session, cursor).items
    assert (item.op, item.cpf) == ("put", CPF)
    with pytest.raises(Conflict):
        persons.add_cpf(session, person.id, cpf=OTHER_CPF, document_seen=True, actor=cac)
    other = persons.create_person(session, "Rosa Lima", None, verified=False)
    with pytest.raises(CpfTaken):
        persons.add_cpf(session, other.id, cpf=CPF, document_seen=True, actor=cac)


def test_D8_the_account_is_tied_to_the_registration_the_attendant_recognised(session: Session, cac: Actor) -> None:
    person = persons.create_person(session, NAME, None, verified=False)
    owner = citizen(session, "maria@example.com")
    assert prove(session, owner, cac, person_id=person.id).id == person.id
    assert session.get_one(Person, person.id).cpf == CPF


def test_a_name_is_corrected_with_the_document(session: Session, cac: Actor) -> None:
    person = persons.create_person(session, "Maira da Silva", CPF, verified=True)
    persons.correct_name(session, person.id, full_name=NAME, document_seen=True, actor=cac)
    assert [row.full_name for row in queries.search_people(session, "maria silva")] == [NAME]
    assert queries.search_people(session, "maira") == []


def test_the_visitors_qr_names_the_person_for_60_seconds(session: Session, cac: Actor) -> None:
    clock.configure(timedelta(days=300))
    owner = citizen(session, "maria@example.com")
    person = prove(session, owner, cac)
    owner = Actor("account", owner.id, person.id, frozenset({"cidadao"}))
    assert owner.id is not None
    token = visitor_token(session, owner.id, actor=owner)
    now = clock.real_now().timestamp()
    assert verify_token(token_key(), token, now) == person.id
    with pytest.raises(TokenInvalid):
        verify_token(token_key(), token, now + 61)
    with pytest.raises(Forbidden):
        visitor_token(session, owner.id, actor=cac)


def test_RT4_the_holder_gets_a_copy_of_everything(session: Session, cac: Actor) -> None:
    owner = citizen(session, "maria@example.com")
    person = prove(session, owner, cac)
    faces.enrol(session, person.id, vectors=[face(1)], face_jpeg=b"rosto", document_jpeg=b"documento")
    assert owner.id is not None
    data = own_data(session, owner.id, actor=owner)
    assert data.person is not None
    assert (data.email, data.person.full_name, data.person.cpf) == ("maria@example.com", NAME, CPF)
    assert data.person.face is not None
    assert (data.person.face.face_jpeg, data.person.face.document_jpeg) == (b"rosto", b"documento")
    assert data.person.face.kept_until - data.person.face.seen_at == timedelta(days=730)
    for stranger in (cac, citizen(session, "outra@example.com"), staff(session, "admin", "DIR")):
        with pytest.raises(Forbidden):
            own_data(session, owner.id, actor=stranger)


def test_searching_people(session: Session) -> None:
    maria = persons.create_person(session, "Maria da Conceição Silva", CPF, verified=True)
    rosa = persons.create_person(session, "Rosa Maria Lima", THIRD_CPF, verified=True)
    assert [row.id for row in queries.search_people(session, "MARIA")] == [maria.id, rosa.id]
    assert [row.id for row in queries.search_people(session, "silva conceicao")] == [maria.id]
    assert [row.masked_cpf for row in queries.search_people(session, "529.982.247-25")] == ["***.982.247-**"]
    assert queries.search_people(session, OTHER_CPF) == []
    for text in ("", "a", "da", "%", "123"):
        with pytest.raises(InvalidInput):
            queries.search_people(session, text)
    assert queries.names(session, [maria.id]) == {maria.id: "Maria da Conceição Silva"}
