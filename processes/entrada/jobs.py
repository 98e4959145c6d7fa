"""Jobs of the gates: handle accepted events, erase crops in time, forget nonces."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from processes.entrada.bridges import forget_nonces
from processes.entrada.models import Crop, GateEvent, Post
from workflow import clock, jobs, operations
from workflow.actor import SYSTEM, Actor
from workflow.clock import local
from workflow.database import transaction
from workflow.models import Case

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(seconds=60)


@jobs.job("entrada.process_batch", queue="gate", retries=10)
def process_batch(events: list[str]) -> None:
    """A case for each event, each in its own transaction; done again after a kill, it does only what is missing.

    One event that fails keeps no other from its case; the batch is tried again for those that failed.
    """
    failed: Exception | None = None
    for event_id in events:
        try:
            start_case_of(UUID(event_id))
        except Exception as error:
            logger.exception("gate_event_failed", extra={"event": event_id})
            failed = error
    if failed is not None:
        raise failed


def start_case_of(event_id: UUID) -> bool:
    """Start the case of one event; False when it has one already."""
    with transaction() as session:
        found = session.execute(
            select(GateEvent, Post)
            .join(Post, Post.id == GateEvent.post_id)
            .where(GateEvent.id == event_id, GateEvent.case_id.is_(None))
            .with_for_update(of=GateEvent)
        ).first()
        if found is None:
            return False
        open_case(session, found[0], actor=Actor("bridge", id=found[0].bridge_id) if found[0].bridge_id else SYSTEM)
        return True


def open_case(session: Session, event: GateEvent, *, actor: Actor, menor: str | None = None, criancas: int = 0) -> None:
    """Start the case of an event in the caller's transaction; most end in the same step."""
    data = {"evento_id": str(event.id), "menor": menor, "criancas": criancas}
    post = session.get_one(Post, event.post_id)
    subject = f"{post.hall}, {local(event.instant):%d/%m/%Y, %Hh%Mmin%Ss}"
    case = operations.start_case(session, "entrada", data, actor=actor, subject=subject, business_key=str(event.id))
    event.case_id = case.id
    session.flush()


@jobs.job("entrada.take_up_forgotten", queue="gate", every="* * * * *")
def take_up_forgotten() -> None:
    """Enqueue anew the events that were accepted and never got a case, whatever happened to their job."""
    with transaction() as session:
        limit = clock.now() - FORGOTTEN_AFTER
        query = select(GateEvent.id).where(GateEvent.case_id.is_(None), GateEvent.accepted_at < limit)
        waiting = [str(key) for key in session.scalars(query.order_by(GateEvent.accepted_at).limit(500))]
        if waiting:
            jobs.defer(session, "entrada.process_batch", queue="gate", events=waiting)


@jobs.job("entrada.erase_crops", queue="default", every="*/10 * * * *")
def erase_crops() -> None:
    """Erase crops older than 24 h, or of a case that ended unanswered, and with them who the face might have been (P7)."""
    with transaction() as session:
        ended = (
            select(GateEvent.id).join(Case, Case.id == GateEvent.case_id)
            .where(GateEvent.id == Crop.event_id, Case.status != "running").exists()
        )  # fmt: skip
        useless = delete(Crop).where((Crop.kept_until <= clock.real_now()) | ended)
        gone = list(session.scalars(useless.returning(Crop.event_id)))
        if gone:
            session.execute(update(GateEvent).where(GateEvent.id.in_(gone)).values(candidates=[], candidate_ids=[]))


@jobs.job("entrada.forget_nonces", queue="default", every="*/5 * * * *")
def forget_used_nonces() -> None:
    """Forget nonces that protect nothing any more."""
    with transaction() as session:
        forget_nonces(session)
