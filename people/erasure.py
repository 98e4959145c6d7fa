"""Erasing a person (LGPD, art. 18, VI): key and salt destroyed, everything personal emptied, an empty row left.

Events keep the person's id and stay as they are, so the history still verifies. Other packages erase what they hold in
the same transaction (`webapp/erasure.py` composes them); this one must come last, since it destroys the key.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from people import crypto, drafts, faces, rules
from people.access import authorize
from people.models import (
    Account,
    AccountSession,
    DocumentWaiver,
    EmailToken,
    OutgoingMail,
    Person,
    RegistrationDraft,
    TermAcceptance,
)
from people.persons import living_person
from people.settings import settings
from workflow import clock, history
from workflow.actor import Actor
from workflow.database import after_commit


def erase_person(session: Session, person_id: UUID, *, actor: Actor) -> None:
    """Erase everything that this package holds of the person; galleries receive `drop` at their next question."""
    authorize(actor, "person.erase")
    person = living_person(session, person_id, lock=True)
    faces.drop(session, person_id)
    session.execute(delete(DocumentWaiver).where(DocumentWaiver.person_id == person_id))
    _erase_drafts(session, person)
    _erase_claims(session, person.cpf)
    for account in session.scalars(select(Account).where(Account.person_id == person_id).with_for_update()):
        _erase_account(session, account)
    person.full_name = person.name_folded = person.cpf = person.cpf_verified_at = None
    person.name_tokens, person.without_document, person.erased_at = [], False, clock.now()
    session.flush()
    crypto.destroy_key(session, person_id)
    history.record(session, "pessoa_eliminada", {"person": str(person_id)}, actor=actor)


def erase_account(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """Erase an account that was never tied to a person; one that is tied goes with `erase_person`."""
    authorize(actor, "person.erase")
    account = session.get(Account, account_id)
    if account is not None and account.person_id is None and account.kind != "staff":
        _erase_account(session, account)
        history.record(session, "conta_eliminada", {"account": str(account_id)}, actor=actor)


def _erase_account(session: Session, account: Account) -> None:
    """A citizen's or an external user's account becomes an empty row; a servant's is only untied from the person."""
    account.person_id = None
    if account.kind == "staff":
        session.flush()
        return
    if (address := account.email) is not None:
        after_commit(session, lambda: _forget_mail(address))
    for table in (AccountSession, EmailToken, OutgoingMail):
        session.execute(delete(table).where(table.account_id == account.id))
    terms = update(TermAcceptance).where(TermAcceptance.account_id == account.id)
    session.execute(terms.values(full_name=None, cpf=None))
    account.login = account.email = account.display_name = account.password_hash = account.claimed_cpf = None
    account.disabled_at = account.disabled_at or clock.now()
    session.flush()


def _forget_mail(address: str) -> None:
    settings().mailbox.forget(address)


def _erase_claims(session: Session, cpf: str | None) -> None:
    """Forget the CPF where somebody typed it without proving it (PO6)."""
    if cpf is not None:
        claim = update(Account).where(Account.claimed_cpf == cpf)
        session.execute(claim.values(claimed_cpf=None, display_name=None))
        term = update(TermAcceptance).where(TermAcceptance.cpf == cpf)
        session.execute(term.values(full_name=None, cpf=None))


def _erase_drafts(session: Session, person: Person) -> None:
    """Delete drafts under way that are about this person, by CPF, by the whole name or because they were shown."""
    for draft in session.scalars(select(RegistrationDraft).with_for_update()):
        details = drafts.details(draft)
        same_cpf = person.cpf is not None and details.cpf == person.cpf
        same_name = bool(details.full_name) and rules.fold(details.full_name) == person.name_folded
        if same_cpf or same_name or str(person.id) in (draft.shown or ()):
            session.delete(draft)
    session.flush()
