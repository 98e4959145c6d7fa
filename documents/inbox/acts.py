"""What is done with items of the list: each act on one item, a task or a dossier, telling what takes it back.

The caller opens a transaction an item, so that one refusal leaves the others done.
"""
# ruff: noqa: ARG001 - every act of the table takes the same arguments

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import access
from documents.dossier import operations as dossiers
from documents.inbox import task_acts
from documents.inbox.items import Kind
from workflow import clock, worklist
from workflow.actor import Actor
from workflow.errors import InvalidInput

Step = dict[str, Any]
"""An act as it is kept to be taken back: {"act", "kind", "id"} and the act's own parameters, as plain text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An act and its parameters."""

    act: str
    account: UUID | None = None
    units: tuple[str, ...] = ()
    keep_open: bool = False
    return_by: date | None = None
    marker: UUID | None = None
    note: UUID | None = None
    text: str = ""
    on: date | None = None
    days: int | None = None
    business: bool = True
    priority: int = 0


def perform(session: Session, kind: Kind, item: UUID, asked: Asked, *, actor: Actor) -> list[Step]:
    """Do it; gives the steps that take it back (none: it cannot be, or nothing changed)."""
    table: Mapping[str, Callable[[Session, UUID, Asked, Actor], list[Step]]]
    table = task_acts.ACTS if kind == "task" else DOSSIER_ACTS
    found = table.get(asked.act)
    if found is None:
        raise InvalidInput(message="Escolha o que fazer com os itens selecionados.")
    if kind == "task":
        access.authorize_case(session, actor, worklist.own_task(session, item, actor).case_id)
    return [{"kind": kind, "id": str(item)} | step for step in found(session, item, asked, actor)]


def step_of(raw: Step) -> Asked:
    """The act that a kept step asks for."""
    account, marker, note, on = raw.get("account"), raw.get("marker"), raw.get("note"), raw.get("on")
    return Asked(
        raw["act"], account=UUID(account) if account else None, marker=UUID(marker) if marker else None,
        note=UUID(note) if note else None, text=raw.get("text", ""), on=date.fromisoformat(on) if on else None,
        priority=raw.get("priority", 0),
    )  # fmt: skip


def _claim(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return _assign(session, item, Asked("assign", account=actor.id), actor)


def _release(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return _assign(session, item, Asked("assign"), actor)


def _assign(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    line = access.open_line(session, access.locked(session, actor, item), actor)
    before = line.assignee
    if before == asked.account:
        return []
    dossiers.assign(session, item, asked.account, actor=actor)
    return [{"act": "assign", "account": str(before) if before else ""}]


def _conclude(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    line = access.open_line(session, access.locked(session, actor, item), actor)
    before = line.assignee
    dossiers.conclude(session, item, actor=actor)
    back: list[Step] = [{"act": "reopen"}]
    return [*back, {"act": "assign", "account": str(before)}] if before else back


def _reopen(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    dossiers.reopen(session, item, actor=actor)
    return [{"act": "conclude"}]


def _send(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    dossiers.send(session, item, asked.units, actor=actor, keep_open=asked.keep_open, return_by=asked.return_by)
    return []


def _read(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    line = access.open_line(session, access.locked(session, actor, item), actor)
    if not line.unread:
        return []
    dossiers.mark_read(session, item, actor=actor)
    return [{"act": "unread"}]


def _unread(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    line = access.open_line(session, access.locked(session, actor, item), actor)
    if line.unread:
        return []
    dossiers.mark_unread(session, item, actor=actor)
    return [{"act": "read"}]


def _priority(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    before = access.open_line(session, access.locked(session, actor, item), actor).priority
    if before == asked.priority:
        return []
    dossiers.set_priority(session, item, asked.priority, actor=actor)
    return [{"act": "priority", "priority": before}]


def _mark(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    marker = task_acts.chosen_marker(session, asked, actor)
    dossiers.mark(session, item, marker.id, actor=actor, text=asked.text)
    return [{"act": "unmark", "marker": str(marker.id)}]


def _unmark(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    marker = task_acts.chosen_marker(session, asked, actor)
    dossiers.unmark(session, item, marker.id, actor=actor)
    return [{"act": "mark", "marker": str(marker.id)}]


def _note(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    note = dossiers.add_note(session, item, asked.text, actor=actor)
    return [{"act": "unnote", "note": str(note.id)}]


def _unnote(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    if asked.note is not None:
        dossiers.remove_note(session, asked.note, actor=actor)
    return []


def _due(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    before = access.open_line(session, access.locked(session, actor, item), actor).due_at
    dossiers.set_due(session, item, actor=actor, on=asked.on, days=asked.days, business=asked.business)
    if before is not None and before < clock.now():
        return []  # a deadline that has passed cannot be set again
    return [{"act": "due", "on": clock.local(before).date().isoformat() if before else ""}]


def _watch(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    dossiers.watch(session, item, actor=actor)
    return [{"act": "unwatch"}]


def _unwatch(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    dossiers.unwatch(session, item, actor=actor)
    return [{"act": "watch"}]


DOSSIER_ACTS: Mapping[str, Callable[[Session, UUID, Asked, Actor], list[Step]]] = {
    "claim": _claim, "release": _release, "assign": _assign, "conclude": _conclude, "reopen": _reopen, "send": _send,
    "read": _read, "unread": _unread, "priority": _priority, "mark": _mark, "unmark": _unmark, "note": _note,
    "unnote": _unnote, "due": _due, "watch": _watch, "unwatch": _unwatch,
}  # fmt: skip
