"""Persons: making one, proving a CPF, tying an account to its person (PO5, PO6, D8)."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from people import crypto, gallery, notices, rules
from people.access import authorize
from people.errors import CpfNotProved, CpfTaken, Erased, ProofInDoubt
from people.models import Account, Person
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

NameThatHolds = Literal["registered", "document"]
"""Which of two names holds: the one that is registered, or the one in the document."""
UNDO_REASONS: dict[str, str] = {
    "cpf_errado": "O CPF foi digitado errado",
    "conta_errada": "A conta é de outra pessoa",
    "documento_invalido": "O documento não era da pessoa, ou não era verdadeiro",
}
"""Why a proof is undone; the slug is recorded."""
_NOT_SEEN = "Marque que o documento com foto foi apresentado e conferido."


def create_person(
    session: Session, full_name: str, cpf: str | None, *, verified: bool, without_document: bool = False
) -> Person:
    """A new person with key and salt. CpfTaken when somebody has the CPF, also one being registered at this moment."""
    name = rules.clean_name(full_name)
    digits = rules.normalize_cpf(cpf) if cpf else None
    person = Person(
        full_name=name,
        name_folded=rules.fold(name),
        name_tokens=rules.name_tokens(name),
        cpf=digits,
        cpf_verified_at=clock.now() if digits and verified else None,
        without_document=without_document,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError as error:
        if "uq_person_cpf" in str(error.orig):
            raise CpfTaken from None
        raise
    crypto.create_key(session, person.id)
    return person


def living_person(session: Session, person_id: UUID, *, lock: bool = False) -> Person:
    """The person, or NotFound, or Erased."""
    query = select(Person).where(Person.id == person_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    person = session.scalar(query)
    if person is None:
        raise NotFound("Não encontramos essa pessoa.")
    if person.erased_at is not None:
        raise Erased(person=str(person_id))
    return person


def set_cpf(session: Session, person: Person, digits: str) -> Person:
    """The person with this CPF, verified; Conflict when another CPF is there, CpfTaken when another person has it."""
    if person.cpf is not None and person.cpf != digits:
        raise Conflict("Este cadastro tem outro CPF. Confira o documento e escolha o cadastro certo.")
    owner = session.scalar(select(Person.id).where(Person.cpf == digits))
    if owner is not None and owner != person.id:
        raise CpfTaken
    try:
        with session.begin_nested():
            person.cpf = digits
            person.cpf_verified_at = person.cpf_verified_at or clock.now()
            session.flush()
    except IntegrityError:
        raise CpfTaken from None
    gallery.note_change(session, person.id)
    return person


def complete_profile(session: Session, account_id: UUID, *, full_name: str, cpf: str, actor: Actor) -> None:
    """The cadastro completo (PO5). The typed CPF is only a claim (PO6): it is unique nowhere and shows nothing."""
    account = _citizen_account(session, account_id)
    if actor.id != account.id:
        raise NotFound("Não encontramos essa conta.")
    if account.person_id is not None:
        raise Conflict("Seu CPF já está comprovado. Para corrigir o nome, procure o CAC com um documento com foto.")
    account.display_name = rules.clean_name(full_name)
    account.claimed_cpf = rules.normalize_cpf(cpf)
    session.flush()
    history.record(session, "cadastro_completado", {"account": str(account.id)}, actor=actor)


def proved_person(session: Session, account_id: UUID) -> Person:
    """The person behind a citizen's account; CpfNotProved (`CPF_NAO_COMPROVADO`) until the CPF is proved."""
    account = session.get(Account, account_id)
    if account is None or account.person_id is None:
        raise CpfNotProved
    person = living_person(session, account.person_id)
    if person.cpf is None or person.cpf_verified_at is None:
        raise CpfNotProved
    return person


def prove_cpf(
    session: Session,
    account_id: UUID,
    *,
    cpf: str,
    full_name: str,
    document_seen: bool,
    actor: Actor,
    person_id: UUID | None = None,
    other_cpf: bool = False,
    name: NameThatHolds | None = None,
) -> Person:
    """At the CAC desk: the holder shows a photo document, and the account is tied to the person of that CPF (PO6).

    `person_id` names a registration without CPF (D8) that the attendant recognised; else the person of the CPF is
    taken, or made. Conflict when the CPF already has an account, or the account already has a person. ProofInDoubt
    while the CPF is not the one that the account declared and nobody said so (`other_cpf`), or the name is not the
    registered one and nobody said which holds (`name`).
    """
    authorize(actor, "cac.prove_cpf")
    if not document_seen:
        raise InvalidInput({"document_seen": _NOT_SEEN})
    account = _citizen_account(session, account_id, lock=True)
    if account.person_id is not None:
        raise Conflict("Esta conta já tem CPF comprovado.")
    digits, written = rules.normalize_cpf(cpf), rules.clean_name(full_name)
    known = _registered(session, digits, person_id)
    declared = "" if account.claimed_cpf in (None, digits) else account.claimed_cpf
    registered = _other_name(known, written)
    if (declared and not other_cpf) or (registered and name is None):
        raise ProofInDoubt(declared or "", registered)
    person = (
        create_person(session, written, digits, verified=True) if known is None else set_cpf(session, known, digits)
    )
    if registered and name == "document":
        _rename(session, person, written, actor)
    account.person_id, account.claimed_cpf, account.display_name = person.id, None, person.full_name
    session.flush()
    decided = ({"declared_cpf": "other"} if declared else {}) | ({"name": name} if registered else {})
    data = {"account": str(account.id), "person": str(person.id), **decided}
    history.record(session, "cpf_comprovado", data, actor=actor)
    notices.send(session, account, notices.cpf_proved_notice())
    return person


def undo_proof(session: Session, account_id: UUID, *, reason: str, actor: Actor) -> None:
    """At the CAC desk: unties account and person when the proof was a mistake (`reason`: one of UNDO_REASONS).

    What the person has, declarations above all, stays with the person; the account starts its cadastro completo
    again, for its name may be somebody else's. The record holds ids and the reason's slug.
    """
    authorize(actor, "cac.undo_proof")
    if reason not in UNDO_REASONS:
        raise InvalidInput({"reason": "Marque por que a comprovação é desfeita."})
    account = _citizen_account(session, account_id, lock=True)
    if account.person_id is None:
        raise Conflict("Esta conta não tem CPF comprovado: não há o que desfazer.")
    data = {"account": str(account.id), "person": str(account.person_id), "reason": reason}
    account.person_id = account.claimed_cpf = account.display_name = None
    session.flush()
    history.record(session, "comprovacao_desfeita", data, actor=actor)
    notices.send(session, account, notices.proof_undone_notice())


def add_cpf(session: Session, person_id: UUID, *, cpf: str, document_seen: bool, actor: Actor) -> Person:
    """At the CAC desk, for a registration without CPF (D8) whose holder has no account; the document is shown."""
    authorize(actor, "cac.prove_cpf")
    if not document_seen:
        raise InvalidInput({"document_seen": _NOT_SEEN})
    person = set_cpf(session, living_person(session, person_id, lock=True), rules.normalize_cpf(cpf))
    history.record(session, "cpf_acrescentado", {"person": str(person.id)}, actor=actor)
    return person


def correct_name(session: Session, person_id: UUID, *, full_name: str, document_seen: bool, actor: Actor) -> Person:
    """Correct a name at the CAC desk (LGPD, art. 18, III); the document is shown."""
    authorize(actor, "cac.prove_cpf")
    if not document_seen:
        raise InvalidInput({"document_seen": _NOT_SEEN})
    person = living_person(session, person_id, lock=True)
    _rename(session, person, rules.clean_name(full_name), actor)
    return person


def _rename(session: Session, person: Person, name: str, actor: Actor) -> None:
    person.full_name, person.name_folded, person.name_tokens = name, rules.fold(name), rules.name_tokens(name)
    session.flush()
    gallery.note_change(session, person.id)
    history.record(session, "nome_corrigido", {"person": str(person.id)}, actor=actor)


def _other_name(known: Person | None, written: str) -> str:
    """The registered name when the document has another one. Case alone is none: documents are often all capitals."""
    registered = (known.full_name if known else None) or ""
    return "" if registered.casefold() == written.casefold() else registered


def _registered(session: Session, digits: str, person_id: UUID | None) -> Person | None:
    """The registration named, or that of the CPF, locked, which no account has yet; None when there is none."""
    if person_id is not None:
        person: Person | None = living_person(session, person_id, lock=True)
    else:
        query = select(Person).where(Person.cpf == digits).with_for_update()
        person = session.scalar(query.execution_options(populate_existing=True))
    if person is None:
        return None
    taken = session.scalar(select(Account.id).where(Account.kind == "citizen", Account.person_id == person.id))
    if taken is not None:
        raise Conflict("Este CPF já está associado a outra conta. A pessoa deve entrar com ela ou redefinir a senha.")
    return person


def _citizen_account(session: Session, account_id: UUID, *, lock: bool = False) -> Account:
    query = select(Account).where(Account.id == account_id, Account.kind == "citizen")
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    account = session.scalar(query)
    if account is None or account.confirmed_at is None or account.disabled_at is not None:
        raise NotFound("Não encontramos uma conta ativa do Portal com esses dados.")
    return account
