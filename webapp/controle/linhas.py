"""Items as lines: who, what, when, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from documents.inbox.items import Mark, WorkItem
from webapp import shown
from webapp.controle.prazos import Days, DueWords

PRIORITIES = {0: "Comum", 1: "Alta", 2: "Urgente"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    key: str
    title: str
    about: str
    number: str
    kind: str
    unit_word: str
    url: str
    unread: bool
    priority: str
    due: DueWords | None
    since: str
    arrived: str
    mine: bool
    assignee: str
    initials: str
    markers: tuple[Mark, ...]
    note: str
    watch: bool
    group: str
    is_task: bool
    closed: bool

    @property
    def spoken(self) -> str:
        """What a label says of the line."""
        return ", ".join(part for part in (self.title, self.about, self.number) if part)


def lines(session: Session, items: Iterable[WorkItem]) -> list[Line]:
    """The lines of these items."""
    found = list(items)
    days = Days.since(session, (item.due_at for item in found))
    return [_line(item, days) for item in found]


def _line(item: WorkItem, days: Days) -> Line:
    closed = item.closed_at is not None
    return Line(
        key=item.key, title=item.title, about=_about(item), number=item.number,
        kind="" if item.kind == "dossier" and item.subject else item.type,
        unit_word=_from(item), url=item_url(item), unread=item.unread and not closed, priority=_priority(item.priority),
        due=None if closed else days.words(item.due_at), since=shown.ago(item.closed_at or item.arrived_at),
        arrived=shown.show_instant(item.arrived_at), mine=item.mine, assignee=item.assignee_name,
        initials=initials(item.assignee_name), markers=item.markers, note=item.note, watch=item.watch, group=item.group,
        is_task=item.kind == "task", closed=closed,
    )  # fmt: skip


def _about(item: WorkItem) -> str:
    """The subject; that of a processo's task begins with its number, which the line says beside it."""
    return item.subject.removeprefix(f"{item.number} · ") if item.number else item.subject


def item_url(item: WorkItem) -> str:
    """Where the item opens: a task through what marks it as read; a processo does so itself."""
    if item.kind == "task":
        return url_for("controle.open_task", task_id=item.id)
    return url_for("processo.page", dossier_id=item.id)


def initials(name: str) -> str:
    """AL of Ana Lima; A of Ana."""
    words = [word for word in name.split() if word[:1].isalpha() and len(word) > 2] or name.split()
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _priority(priority: int) -> str:
    if priority <= 0:
        return ""
    return "Urgente" if priority >= 2 else "Prioridade alta"


def _from(item: WorkItem) -> str:
    if item.kind == "task":
        return ""
    return f"de {item.from_unit}" if item.origin == "received" and item.from_unit else ""
