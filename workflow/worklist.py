"""What an inbox does with a task beside the engine's verbs: priority, reading, and telling inboxes that it changed.

None of this restores the case: the row alone is written.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow import history
from workflow.actor import Actor
from workflow.errors import InvalidInput, NotFound
from workflow.models import Task
from workflow.queries import visible_to

history.register_kinds({"task_priority_set": "Tarefa “{title}” passou à prioridade {priority}."})
_NEXT = func.nextval("work_change")


def own_task(session: Session, task_id: UUID, actor: Actor) -> Task:
    """An open task that this actor's inbox shows; NotFound otherwise."""
    found = session.scalar(
        select(Task).where(Task.id == task_id, visible_to(actor)).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("Esta tarefa já foi concluída, ou não é da sua caixa.", task=task_id)
    return found


def touch(session: Session, task_id: UUID) -> None:
    """What inboxes show of the task has changed."""
    session.execute(update(Task).where(Task.id == task_id).values(changed=_NEXT))


def set_reading(session: Session, task_id: UUID, unread: bool, *, actor: Actor) -> bool:
    """Mark a task as read or unread; whether that changed anything."""
    if own_task(session, task_id, actor).unread == unread:
        return False
    session.execute(update(Task).where(Task.id == task_id).values(unread=unread, changed=_NEXT))
    return True


def set_priority(session: Session, task_id: UUID, priority: int, *, actor: Actor) -> int:
    """How urgent a task is: 0 ordinary, higher first; gives what it was."""
    if not 0 <= priority <= 9:
        raise InvalidInput({"prioridade": "A prioridade vai de 0 (comum) a 9 (máxima)."})
    task = own_task(session, task_id, actor)
    before: int = task.priority
    if before != priority:
        facts = {"node": task.node, "task": str(task_id), "priority": priority}
        history.append(session, history.case_chain(task.case_id), "task_priority_set", facts, actor=actor)
        session.execute(update(Task).where(Task.id == task_id).values(priority=priority, changed=_NEXT))
    return before
