"""The acts of the list on a task: the engine's verbs, and what the inbox keeps beside a task in tables of its own."""
# ruff: noqa: ARG001 - every act of the table takes the same arguments

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier.annotations.models import Marker
from documents.inbox.models import TaskMark, TaskNote, TaskWatch
from people.units import seats
from workflow import clock, worklist
from workflow import operations as engine
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput
from workflow.models import Task

if TYPE_CHECKING:
    from documents.inbox.acts import Asked

Step = dict[str, Any]
MAX_NOTE = 1000
MAX_TEXT = 250
ASSIGNERS = frozenset({"chefia", "gestor"})
"""Who may pass on what somebody else holds."""


def _claim(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    before = worklist.own_task(session, item, actor).assignee
    engine.claim_task(session, item, actor=actor)
    return [] if before == actor.id else [{"act": "release"}]


def _release(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    before = worklist.own_task(session, item, actor).assignee
    engine.unclaim_task(session, item, actor=actor)
    return [] if before is None else [{"act": "assign", "account": str(before)}]


def _assign(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    task = worklist.own_task(session, item, actor)
    before = task.assignee
    if before not in (None, actor.id, actor.acting_for) and not actor.roles & ASSIGNERS:
        raise Conflict("Esta tarefa está com outra pessoa: só ela ou a chefia pode passá-la.")
    if asked.account is not None and not _able(session, asked.account, task, actor):
        raise InvalidInput(message="Esta pessoa não pode fazer esta tarefa: não tem o perfil dela na unidade.")
    if before == asked.account:
        return []
    engine.assign_task(session, item, asked.account, actor=actor)
    return [{"act": "assign", "account": str(before) if before else ""}]


def _able(session: Session, account_id: UUID, task: Task, actor: Actor) -> bool:
    unit = task.unit or actor.unit
    own = [seat for seat in seats(session, account_id) if seat.acting_for is None]
    return any(seat.unit == unit and task.role in seat.roles for seat in own)


def _read(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return [{"act": "unread"}] if worklist.set_reading(session, item, False, actor=actor) else []


def _unread(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return [{"act": "read"}] if worklist.set_reading(session, item, True, actor=actor) else []


def _priority(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    before = worklist.set_priority(session, item, asked.priority, actor=actor)
    return [] if before == asked.priority else [{"act": "priority", "priority": before}]


def chosen_marker(session: Session, asked: Asked, actor: Actor) -> Marker:
    """The unit's marker that was chosen; another unit's does not exist."""
    found = session.scalar(select(Marker).where(Marker.id == asked.marker, Marker.unit == actor.unit))
    if found is None:
        raise InvalidInput({"marcador": "Escolha um marcador da sua unidade."}, "Escolha um marcador da sua unidade.")
    return found


def _mark(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    worklist.own_task(session, item, actor)
    marker = chosen_marker(session, asked, actor)
    text = asked.text.strip()
    if len(text) > MAX_TEXT:
        raise InvalidInput(message=f"O texto do marcador tem no máximo {MAX_TEXT} caracteres.")
    mark = TaskMark(task_id=item, marker_id=marker.id, text=text, marked_by=actor.id, marked_at=clock.now())
    session.merge(mark)
    worklist.touch(session, item)
    return [{"act": "unmark", "marker": str(marker.id)}]


def _unmark(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    worklist.own_task(session, item, actor)
    marker = chosen_marker(session, asked, actor)
    found = session.get(TaskMark, (item, marker.id))
    if found is None:
        return []
    session.delete(found)
    worklist.touch(session, item)
    return [{"act": "mark", "marker": str(marker.id), "text": found.text}]


def _note(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    worklist.own_task(session, item, actor)
    text = asked.text.strip()
    if actor.unit is None or len(text) > MAX_NOTE:
        raise InvalidInput(message=f"Escreva a anotação, com no máximo {MAX_NOTE} caracteres.")
    found = session.get(TaskNote, (item, actor.unit))
    before = found.text if found else ""
    if found is not None and not text:
        session.delete(found)
    elif text:
        note = TaskNote(task_id=item, unit=actor.unit, text=text, author=actor.id, written_at=clock.now())
        session.merge(note)
    else:
        raise InvalidInput({"anotacao": "Escreva a anotação."}, "Escreva a anotação.")
    worklist.touch(session, item)
    return [{"act": "note" if before else "unnote", "text": before}]


def _unnote(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    worklist.own_task(session, item, actor)
    found = session.get(TaskNote, (item, actor.unit)) if actor.unit is not None else None
    if found is not None:
        session.delete(found)
        worklist.touch(session, item)
    return []


def _watch(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return _watching(session, item, actor, True)


def _unwatch(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
    return _watching(session, item, actor, False)


def _watching(session: Session, item: UUID, actor: Actor, wanted: bool) -> list[Step]:
    worklist.own_task(session, item, actor)
    if actor.unit is None:
        raise InvalidInput(message="Escolha a unidade em que você trabalha.")
    found = session.get(TaskWatch, (item, actor.unit))
    if (found is not None) == wanted:
        return []
    if found is not None:
        session.delete(found)
    else:
        session.add(TaskWatch(task_id=item, unit=actor.unit, since=clock.now()))
    worklist.touch(session, item)
    return [{"act": "unwatch" if wanted else "watch"}]


def _refused(reason: str) -> Callable[[Session, UUID, Asked, Actor], list[Step]]:
    def refuse(session: Session, item: UUID, asked: Asked, actor: Actor) -> list[Step]:
        raise Conflict(reason)

    return refuse


NOT_FOR_TASKS = {
    "conclude": "Uma tarefa se conclui na página dela, com o que o fluxo pede. Abra-a.",
    "reopen": "Uma tarefa concluída não se reabre: o fluxo já seguiu.",
    "send": "Uma tarefa segue o caminho do fluxo: não se envia a outra unidade.",
    "due": "O prazo de uma tarefa vem do fluxo.",
}
ACTS: Mapping[str, Callable[[Session, UUID, Asked, Actor], list[Step]]] = {
    "claim": _claim, "release": _release, "assign": _assign, "read": _read, "unread": _unread, "priority": _priority,
    "mark": _mark, "unmark": _unmark, "note": _note, "unnote": _unnote, "watch": _watch, "unwatch": _unwatch,
    **{act: _refused(reason) for act, reason in NOT_FOR_TASKS.items()},
}  # fmt: skip
