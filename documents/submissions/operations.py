"""Each submission is done once. The row is taken in the transaction of the act: whoever comes second waits for it and
then finds what became of the first; an act that fails takes its row with it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from documents.submissions.models import Submission
from workflow import clock

SAME_FOR = timedelta(minutes=2)
"""After so long the same form sent again is meant."""


def take(session: Session, fingerprint: str, account_id: UUID) -> Submission | None:
    """None to whoever comes first, who does the act; else the submission that came before."""
    now = clock.real_now()
    _forget_old(session, account_id)
    values = {"fingerprint": fingerprint, "account_id": account_id, "sent_at": now, "location": "", "sentence": ""}
    statement = insert(Submission).values(values)
    again = {"sent_at": now, "location": "", "sentence": ""}
    statement = statement.on_conflict_do_update(
        index_elements=[Submission.fingerprint], set_=again, where=Submission.sent_at < now - SAME_FOR
    )
    if session.scalar(statement.returning(Submission.fingerprint)) is not None:
        return None
    return session.get(Submission, fingerprint, populate_existing=True)


def keep(session: Session, fingerprint: str, *, location: str = "", sentence: str = "") -> None:
    """What the first arrival is answered."""
    row = session.get_one(Submission, fingerprint)
    row.location, row.sentence = location, sentence
    session.flush()


def forget(session: Session, fingerprint: str) -> None:
    """Nothing was done: the form was refused, and may come again as it is."""
    session.execute(delete(Submission).where(Submission.fingerprint == fingerprint))


def forget_all(session: Session, account_id: UUID) -> None:
    """What was done is undone: the same may be meant again at once."""
    session.execute(delete(Submission).where(Submission.account_id == account_id))


def _forget_old(session: Session, account_id: UUID) -> None:
    old = select(Submission.fingerprint).where(
        Submission.account_id == account_id, Submission.sent_at < clock.real_now() - 10 * SAME_FOR
    )
    session.execute(delete(Submission).where(Submission.fingerprint.in_(old.with_for_update(skip_locked=True))))
