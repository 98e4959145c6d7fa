"""What an account keeps of its lists: saved views, and the way back of its last acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from documents.inbox.acts import Step
from documents.inbox.models import WorkUndo, WorkView
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

MAX_VIEWS = 30
UNDO_FOR = timedelta(days=1)


def views_of(session: Session, actor: Actor) -> list[WorkView]:
    """The saved views of this account, by name."""
    return list(session.scalars(select(WorkView).where(WorkView.account_id == actor.id).order_by(WorkView.name)))


def save_view(session: Session, name: str, query: str, *, actor: Actor, default: bool = False) -> WorkView:
    """Keep filters, order and grouping under a name; the same name again is changed."""
    plain = " ".join(name.split())
    if not plain or len(plain) > 60:
        raise InvalidInput(
            {"nome": "Dê um nome à visão, com no máximo 60 caracteres."},
            "Dê um nome à visão, com no máximo 60 caracteres.",
        )
    if len(query) > 1000:
        raise InvalidInput(message="Esta visão tem filtros demais para ser salva.")
    found = {view.name: view for view in views_of(session, actor)}
    if plain not in found and len(found) >= MAX_VIEWS:
        raise InvalidInput(message=f"Você já tem {MAX_VIEWS} visões salvas. Apague uma antes.")
    view = found.get(plain) or WorkView(account_id=actor.id, name=plain, created_at=clock.now())
    if default:
        session.execute(update(WorkView).where(WorkView.account_id == actor.id).values(is_default=False))
    view.query, view.is_default = query, default
    session.add(view)
    session.flush()
    return view


def delete_view(session: Session, view_id: UUID, *, actor: Actor) -> str:
    """Forget one of one's own views; gives its name."""
    found = session.get(WorkView, view_id)
    if found is None or found.account_id != actor.id:
        raise NotFound("Esta visão já foi apagada.")
    session.delete(found)
    session.flush()
    return found.name


def default_query(session: Session, actor: Actor) -> str | None:
    """The query of the view that opens by itself."""
    return session.scalar(select(WorkView.query).where(WorkView.account_id == actor.id, WorkView.is_default))


def keep_undo(session: Session, steps: Sequence[Step], *, actor: Actor) -> UUID:
    """Keep the way back of an act for a day."""
    session.execute(
        delete(WorkUndo).where(WorkUndo.account_id == actor.id, WorkUndo.created_at < clock.real_now() - UNDO_FOR)
    )
    made = WorkUndo(account_id=actor.id, unit=actor.unit, steps=list(steps), created_at=clock.real_now())
    session.add(made)
    session.flush()
    return made.id


def take_undo(session: Session, undo_id: UUID, *, actor: Actor) -> list[Step]:
    """The way back, once, for who did the act, acting in the same unit."""
    found = session.get(WorkUndo, undo_id, with_for_update=True)
    if found is None or found.account_id != actor.id:
        raise NotFound("Isto já foi desfeito, ou passou o prazo para desfazer.")
    if found.unit != actor.unit:
        raise Conflict(f"Isto foi feito em {found.unit}. Volte a essa unidade para desfazer.")
    steps: list[Step] = list(found.steps)
    session.delete(found)
    session.flush()
    return steps
