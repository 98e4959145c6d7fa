"""The inbox as it is shown: lines, cuts with their counts, filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request, url_for

from people import queries as people
from webapp import shown
from webapp.gestao import words
from webapp.security import actor
from workflow import process
from workflow import queries as work
from workflow.database import transaction
from workflow.process import Process
from workflow.queries import TaskRow

PAGE = 100
SCOPES = (("todas", "Todas"), ("minhas", "Minhas"), ("livres", "Sem ninguém"), ("vencidas", "Vencidas"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the inbox: what, about what, when, who."""

    id: UUID
    title: str
    subject: str
    process: str
    url: str
    since: str
    due: words.DueWords | None
    mine: bool
    assignee: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A cut of the list, with how many are in it."""

    label: str
    url: str
    count: int
    current: bool


def declared(key: str) -> Process | None:
    """The process of a case, when it is still declared."""
    try:
        return process.get(key)
    except LookupError:
        return None


def task_url(row: TaskRow) -> str:
    """The task's own page when its form names one, else the generic one."""
    found = declared(row.process_key)
    form = found.forms.get(row.node) if found else None
    return url_for(form.page if form and form.page else "gestao.task", task_id=row.id)


def listed() -> dict[str, object]:
    """What the page of the inbox, and its list alone, are drawn from."""
    scope = request.args.get("recorte", "todas")
    text, key = " ".join(request.args.get("q", "").split())[:100], request.args.get("processo", "")
    with transaction() as session:
        version = work.inbox_version(session, actor())
        rows = work.inbox(session, actor(), filters=work.InboxFilters(limit=500))
        names = people.account_names(session, {row.assignee for row in rows if row.assignee})
    lines = [(row, _line(row, names)) for row in rows]
    found = [pair for pair in lines if _matches(pair, text, key)]
    chosen = [line for row, line in found if _in(scope, row, line)]
    shown_rows = min(len(chosen), _wanted())
    asked: dict[str, Any] = {"q": text or None, "processo": key or None}
    return {
        "tabs": [
            Tab(label, url_for("gestao.inbox", recorte=name, **asked), sum(_in(name, *pair) for pair in found), name == scope)
            for name, label in SCOPES
        ],
        "lines": chosen[:shown_rows], "scope": scope, "q": text, "process_key": key,
        "processes": sorted({(row.process_key, line.process) for row, line in lines}, key=lambda pair: pair[1]),
        "list_url": url_for("gestao.inbox_list", recorte=scope, versao=version, mostrar=_wanted(), **asked),
        "more_url": url_for("gestao.inbox", recorte=scope, mostrar=_wanted() + PAGE, **asked) if len(chosen) > shown_rows else "",
        "empty_title": "Nada aqui" if lines else "Nenhuma tarefa por agora",
        "empty_text": "Nenhuma tarefa combina com este recorte. Escolha outro acima."
        if lines
        else "Quando um processo precisar de você ou da sua unidade, a tarefa aparece aqui sozinha.",
    }  # fmt: skip


def _wanted() -> int:
    return max(PAGE, min(request.args.get("mostrar", PAGE, type=int), 2000))


def _line(row: TaskRow, names: Mapping[UUID, str]) -> Line:
    return Line(
        row.id, row.title, row.subject, work.process_title(row.process_key), task_url(row),
        shown.ago(row.created_at), words.due_words(row.due_at), row.assignee == actor().id,
        names.get(row.assignee, "Outra pessoa") if row.assignee else "",
    )  # fmt: skip


def _matches(pair: tuple[TaskRow, Line], text: str, key: str) -> bool:
    row, line = pair
    if key and row.process_key != key:
        return False
    haystack = f"{line.title} {line.subject} {line.process} {line.assignee}".casefold()
    return all(word in haystack for word in text.casefold().split())


def _in(scope: str, row: TaskRow, line: Line) -> bool:
    if scope == "minhas":
        return line.mine
    if scope == "livres":
        return row.assignee is None
    return scope != "vencidas" or (line.due is not None and line.due.kind == "error")
