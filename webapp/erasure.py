"""Erasing a person through every package, in one transaction (LGPD, art. 18, VI), and the requests that wait for it.

A request is an event of its day's chain, with ids only; the gestão answers it within 15 days. What each process holds
is erased by `erase_for(session, person_id)` of its operations, found by itself: a new process only has to offer it.
The people part comes last, because it destroys the key and the salt.
"""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import documents.operations
import people.operations
import processes
from people import access, queries
from workflow import clock, history
from workflow.actor import Actor
from workflow.models import EventRow

REQUESTED = "eliminacao_pedida"
ANSWER_WITHIN = timedelta(days=15)
_LOOK_BACK = 60

history.register_kinds({REQUESTED: "A pessoa pediu a eliminação dos seus dados pessoais."})


@dataclass(frozen=True)
class ErasureRequest:
    """A request that waits; `answer_by` is the last day to answer it."""

    account_id: UUID
    person_id: UUID | None
    requested_at: datetime

    @property
    def answer_by(self) -> datetime:
        """Fifteen days after the request."""
        return self.requested_at + ANSWER_WITHIN


def request_erasure(session: Session, account_id: UUID, *, actor: Actor) -> ErasureRequest:
    """The holder asks; a second request while the first waits is the same one."""
    access.authorize(actor, "portal.erase", access.Resource(owner_account=account_id))
    waiting = pending_of(session, account_id)
    if waiting is not None:
        return waiting
    person = str(actor.person_id) if actor.person_id else None
    history.record(session, REQUESTED, {"account": str(account_id), "person": person}, actor=actor)
    return ErasureRequest(account_id, actor.person_id, clock.now())


def pending(session: Session) -> list[ErasureRequest]:
    """The requests of the last sixty days whose account is still there, oldest first."""
    today = clock.today()
    chains = [history.day_chain(today - timedelta(days=ago)) for ago in range(-1, _LOOK_BACK)]
    rows = session.scalars(
        select(EventRow).where(EventRow.chain.in_(chains), EventRow.kind == REQUESTED).order_by(EventRow.at)
    )
    found: dict[UUID, ErasureRequest] = {}
    for row in rows:
        request = _request(row)
        account = queries.account(session, request.account_id)
        if account is not None and account.login and request.account_id not in found:
            found[request.account_id] = request
    return list(found.values())


def pending_of(session: Session, account_id: UUID) -> ErasureRequest | None:
    """The account's own request that waits."""
    return next((request for request in pending(session) if request.account_id == account_id), None)


def erase_person(session: Session, person_id: UUID, *, actor: Actor) -> None:
    """Processes, documents, people, in this order; afterwards nothing says who the person was and the chains verify."""
    access.authorize(actor, "person.erase")
    for erase in _of_processes():
        erase(session, person_id)
    documents.operations.erase_for(session, person_id, actor=actor)
    people.operations.erase_person(session, person_id, actor=actor)


def erase_account(session: Session, account_id: UUID, *, actor: Actor) -> None:
    """The account, with the person behind it when there is one."""
    account = queries.account(session, account_id)
    if account is not None and account.person_id is not None:
        erase_person(session, account.person_id, actor=actor)
    else:
        people.operations.erase_account(session, account_id, actor=actor)


def _request(row: EventRow) -> ErasureRequest:
    data = json.loads(row.data)
    person = data.get("person")
    return ErasureRequest(UUID(data["account"]), UUID(person) if person else None, row.at)


def _of_processes() -> list[Callable[[Session, UUID], None]]:
    found = []
    for package in sorted(pkgutil.iter_modules(processes.__path__), key=lambda module: module.name):
        name = f"processes.{package.name}.operations"
        if package.ispkg and find_spec(name) is not None:
            erase = getattr(import_module(name), "erase_for", None)
            if erase is not None:
                found.append(erase)
    return found
