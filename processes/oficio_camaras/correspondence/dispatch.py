"""The queue of messages (EM3 to EM6): one sender for the whole house, many messages over one connection.

The sender holds a session lock of the database on a connection of its own and writes every attempt over that same connection:
if the database loses it, nothing more leaves. An attempt is committed before DATA; its answer is committed with the next
attempt. Killed anywhere, at most the one message under way is in doubt, and that one is never sent again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import structlog
from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from documents import operations as documents
from integrations.mail import Mail, MailConnection, MailError
from processes.oficio_camaras import events, pending, states
from processes.oficio_camaras.correspondence import links, messages
from processes.oficio_camaras.correspondence.models import DispatchAttempt
from processes.oficio_camaras.models import Campaign, Exemplar, ExemplarState
from processes.oficio_camaras.rules import Answer, Problem, after_refusal
from processes.oficio_camaras.settings import settings
from workflow import clock, database
from workflow.actor import SYSTEM

log = structlog.get_logger(__name__)

LOCK = 2_018_002
BATCH = 40
SLICE_SECONDS = 50.0
BROKEN_IN_A_ROW = 3


@dataclass
class Sent:
    """What a slice of sending did; `more`: there is work left that is due; `broken`: the server went away."""

    accepted: dict[UUID, int] = field(default_factory=dict)
    more: bool = False
    broken: bool = False


def send_due(seconds: float = SLICE_SECONDS) -> Sent | None:
    """Send what is due for up to `seconds`; None when somebody else is sending."""
    with _only_sender() as session:
        if session is None:
            return None
        settle_doubts(session)
        session.commit()
        sender = _Sender(session, time.monotonic() + seconds)
        try:
            sender.run()
        finally:
            sender.close()
        _tell(session, sender.sent)
        session.commit()
        return sender.sent


def settle_doubts(session: Session) -> int:
    """Attempts that a dead sender left under way: in doubt from now on, each with a task for a person (EM6)."""
    query = select(DispatchAttempt).where(DispatchAttempt.outcome == "sending").with_for_update()
    found = session.scalars(query).all()
    for attempt in found:
        doubt(session, attempt)
    return len(found)


def doubt(session: Session, attempt: DispatchAttempt) -> None:
    """Nobody knows whether the server took this message: a person decides."""
    exemplar = states.locked(session, attempt.exemplar_id)
    attempt.outcome, attempt.finished_at = "in_doubt", clock.now()
    exemplar.in_doubt, exemplar.next_attempt_at = True, None
    events.of_exemplar(session, exemplar, actor=SYSTEM)
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    facts = {"exemplar": str(exemplar.id), "ibge": exemplar.ibge}
    events.append(session, campaign, events.IN_DOUBT, facts, actor=SYSTEM)
    pending.open_pending(session, exemplar, Problem.DUVIDA, key=str(attempt.id))


class _Sender:
    """One slice of sending over one connection at a time."""

    def __init__(self, session: Session, until: float) -> None:
        self.session = session
        self.until = until
        self.sent = Sent()
        self._connection: MailConnection | None = None
        self._connection_id = uuid4()
        self._annexes: dict[UUID, bytes | None] = {}
        self._pause = 60 / settings().rate_per_minute if settings().rate_per_minute else 0.0
        self._last = 0.0
        self._broken = 0

    def run(self) -> None:
        """Until nothing is due, the time is up, or the server is gone."""
        while batch := _due(self.session):
            for exemplar in batch:
                if time.monotonic() > self.until:
                    self.sent.more = True
                    return
                self._wait()
                if not self._one(exemplar):
                    return

    def close(self) -> None:
        """The connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _one(self, exemplar: Exemplar) -> bool:
        """One message; False when the server is gone. A change of the exemplar meanwhile (a receipt) is respected."""
        states.locked(self.session, exemplar.id)
        if exemplar.state != ExemplarState.NA_FILA or exemplar.in_doubt:
            self.session.commit()
            return True
        connection = self._connected()
        if connection is None:
            return False
        link = links.new_link(exemplar)
        mail = self._mail(exemplar, link)
        attempt = DispatchAttempt(
            id=uuid4(),
            exemplar_id=exemplar.id,
            version=exemplar.version,
            message_id=mail.message_id or "",
            email=exemplar.email,
            connection=self._connection_id,
            outcome="sending",
            started_at=clock.now(),
        )

        def committed() -> None:
            exemplar.attempts += 1
            exemplar.message_id = mail.message_id
            self.session.add_all([attempt, link.row()])
            self.session.commit()

        try:
            connection.send(mail, committed)
        except MailError as error:
            self._failed(exemplar, attempt, error)
            return not self.sent.broken
        attempt.outcome, attempt.smtp_code, attempt.finished_at = "accepted", 250, clock.now()
        self._broken = 0
        self._became(exemplar, ExemplarState.ENVIADO)
        self.sent.accepted[exemplar.campaign_id] = self.sent.accepted.get(exemplar.campaign_id, 0) + 1
        return True

    def _became(self, exemplar: Exemplar, wanted: ExemplarState, code: str | None = None) -> None:
        """The answer's consequence, unless the câmara has confirmed or answered while the message was on its way."""
        states.locked(self.session, exemplar.id)
        if code is not None:
            exemplar.bounce_code = code
        if exemplar.state == ExemplarState.NA_FILA:
            states.become(self.session, exemplar, wanted)
        else:
            events.of_exemplar(self.session, exemplar, actor=SYSTEM)

    def _failed(self, exemplar: Exemplar, attempt: DispatchAttempt, error: MailError) -> None:
        if error.in_doubt:
            self._drop()
            doubt(self.session, attempt)
            self.session.commit()
            return
        attempt.finished_at, attempt.smtp_code = clock.now(), error.code
        if error.code is None and not error.permanent:
            self._drop()
            self._broken += 1
            self.sent.broken = self._broken >= BROKEN_IN_A_ROW
        failures = _failures(self.session, exemplar)
        decision, wait = after_refusal(error.permanent, failures)
        attempt.outcome = decision.value
        if attempt not in self.session:  # refused before DATA: the attempt was not committed yet
            exemplar.attempts += 1
            self.session.add(attempt)
        if decision is Answer.RETRY and wait is not None:
            exemplar.next_attempt_at = clock.now() + wait
        else:
            self._became(exemplar, ExemplarState.DEVOLVIDO, str(error.code or ""))
            pending.open_pending(self.session, exemplar, Problem.DEVOLVIDO, key=str(attempt.id))
        self.session.commit()

    def _mail(self, exemplar: Exemplar, link: links.NewLink) -> Mail:
        campaign = self.session.get_one(Campaign, exemplar.campaign_id)
        if campaign.id not in self._annexes:
            annex = campaign.annex_document_id
            self._annexes[campaign.id] = documents.read_bytes(self.session, annex) if annex else None
        pdf = documents.read_bytes(self.session, exemplar.document_id)
        return messages.dispatch_mail(campaign, exemplar, link.address, pdf, self._annexes[campaign.id])

    def _connected(self) -> MailConnection | None:
        """The connection, opened when there is none; without a server the queue waits and no exemplar is blamed."""
        if self._connection is None:
            try:
                self._connection, self._connection_id = settings().outbox.open(), uuid4()
            except MailError as error:
                log.warning("mail server unreachable", reason=str(error))
                self.session.commit()
                self.sent.broken = self.sent.more = True
        return self._connection

    def _drop(self) -> None:
        self.close()

    def _wait(self) -> None:
        """EM4: no faster than the rate; what is known is committed before waiting."""
        left = self._last + self._pause - time.monotonic()
        if left > 0:
            self.session.commit()
            time.sleep(left)
        self._last = time.monotonic()


def _due(session: Session) -> Sequence[Exemplar]:
    query = select(Exemplar).where(
        Exemplar.state == ExemplarState.NA_FILA,
        Exemplar.in_doubt.is_(False),
        or_(Exemplar.next_attempt_at.is_(None), Exemplar.next_attempt_at <= clock.now()),
    )
    return session.scalars(
        query.order_by(Exemplar.queued_at, Exemplar.campaign_id, Exemplar.ordinal).limit(BATCH)
    ).all()


def _failures(session: Session, exemplar: Exemplar) -> int:
    query = select(func.count()).where(
        DispatchAttempt.exemplar_id == exemplar.id,
        DispatchAttempt.version == exemplar.version,
        DispatchAttempt.outcome == Answer.RETRY.value,
    )
    return session.scalar(query) or 0


def _tell(session: Session, sent: Sent) -> None:
    for campaign_id, count in sent.accepted.items():
        campaign = session.get_one(Campaign, campaign_id)
        events.append(session, campaign, events.SENT, {"count": count}, actor=SYSTEM)


@contextmanager
def _only_sender() -> Iterator[Session | None]:
    """A session over one connection that holds the sender's lock to the end.

    A connection that an error left behind is thrown away, and its lock with it.
    """
    with database.engine().connect() as connection:
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar_one():
            yield None
            return
        connection.commit()
        try:
            with Session(connection, expire_on_commit=False) as session:
                yield session
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()
        except BaseException:
            connection.invalidate()
            raise
