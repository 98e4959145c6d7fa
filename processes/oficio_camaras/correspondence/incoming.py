"""What comes into the mailbox: bounces matched by Message-ID (EM5), replies, and what nobody knows (RE3).

Messages are read once: the cursor moves in the transaction that keeps what the message brought.
"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from integrations import mailbox_reader
from integrations.mailbox_reader import Bounce, Fetched, Incoming
from people.access import authorize
from processes.oficio_camaras import events, pending, states
from processes.oficio_camaras.correspondence import replies
from processes.oficio_camaras.correspondence.models import DispatchAttempt, MailCursor, Reply, TriageMessage
from processes.oficio_camaras.models import Camara, Campaign, Exemplar, ExemplarState
from processes.oficio_camaras.rules import Problem, may_become
from processes.oficio_camaras.settings import settings
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

log = structlog.get_logger(__name__)

KEPT = timedelta(days=365)
"""RT7: logs and messages of the mailbox stay one year."""
_NOTHING = Incoming(None, "", "", "", (), (), (), None, automatic=False)


def poll() -> int:
    """Read what is new; how many messages. Nothing happens where no mailbox is configured."""
    chosen = settings().imap
    if chosen is None:
        return 0
    read = 0
    with mailbox_reader.mailbox(chosen) as box:
        validity = mailbox_reader.uid_validity(box, chosen.folder)
        with transaction() as session:
            last = _last(session, chosen.folder, validity)
        while found := mailbox_reader.newer(box, last):
            for fetched in found:
                _take(chosen.folder, validity, fetched)
                last = fetched.uid
                read += 1
    return read


def receive(session: Session, raw: bytes | None, size: int = 0) -> str:
    """Understand one message and do what it says: "bounce", "reply", "ignored" or "triage"."""
    if raw is None:
        _triage(session, _NOTHING, None, f"A mensagem tem {size // 2**20} MB, mais do que se recebe por e-mail.")
        return "triage"
    message = mailbox_reader.read(raw)
    if message.bounce is not None:
        return _bounced(session, message, message.bounce, raw)
    exemplar_id = _by_address(session, message) or _by_reference(session, message)
    if exemplar_id is None:
        _triage(session, message, raw, message.problem or "Não responde a nenhum ofício conhecido.")
        return "triage"
    if message.problem:
        _triage(session, message, raw, message.problem, exemplar_id)
        return "triage"
    if message.automatic:
        _triage(session, message, raw, "Resposta automática da câmara: não conta como resposta.", exemplar_id)
        return "ignored"
    _reply(session, exemplar_id, message, SYSTEM)
    return "reply"


def attach(session: Session, triage_id: UUID, exemplar_id: UUID, *, actor: Actor) -> Reply:
    """A person says to which exemplar a message of the triage box belongs."""
    authorize(actor, "oficio.work")
    row = _open_row(session, triage_id)
    if row.raw is None:
        raise Conflict("A mensagem era grande demais e não foi guardada. Peça à câmara que responda pelo formulário.")
    reply = _reply(session, exemplar_id, mailbox_reader.read(row.raw), actor)
    _decided(session, row, "attached", actor)
    row.exemplar_id = exemplar_id
    session.flush()
    return reply


def discard(session: Session, triage_id: UUID, *, actor: Actor) -> None:
    """A person says that a message of the triage box is nobody's reply."""
    authorize(actor, "oficio.work")
    _decided(session, _open_row(session, triage_id), "discarded", actor)


def purge(session: Session) -> int:
    """RT7: messages of the triage box past a year; how many."""
    old = TriageMessage.arrived_at < clock.now() - KEPT
    return len(session.execute(delete(TriageMessage).where(old).returning(TriageMessage.id)).all())


def _take(folder: str, validity: int, fetched: Fetched) -> None:
    """One message, one transaction; one that fails in an unforeseen way goes to the triage box instead of blocking."""
    try:
        with transaction() as session:
            receive(session, fetched.raw, fetched.size)
            _move(session, folder, validity, fetched.uid)
    except DomainError as error:
        log.warning("message not processed", uid=fetched.uid, error=error.code)
        _set_aside(folder, validity, fetched, f"Não pôde ser registrada: {error.message}"[:200])
    except OperationalError:  # the database is away: the message waits
        raise
    except Exception:
        log.exception("message not understood", uid=fetched.uid)
        _set_aside(folder, validity, fetched, "Não pôde ser lida: abra a mensagem no próprio correio.", read=False)


def _set_aside(folder: str, validity: int, fetched: Fetched, reason: str, *, read: bool = True) -> None:
    """To the triage box; `read` False: without its words, since they are what failed."""
    with transaction() as session:
        message = mailbox_reader.read(fetched.raw or b"") if read else _NOTHING
        _triage(session, message, fetched.raw, reason)
        _move(session, folder, validity, fetched.uid)


def _bounced(session: Session, message: Incoming, bounce: Bounce, raw: bytes) -> str:
    """EM5: a DSN for a Message-ID changes only that exemplar, and only while that version is the one that counts."""
    attempt = _attempt(session, message.about)
    if attempt is None:
        _triage(session, message, raw, "Aviso de devolução de uma mensagem que não conhecemos.")
        return "triage"
    exemplar = states.locked(session, attempt.exemplar_id)
    if attempt.version != exemplar.version or bounce.action in ("delayed", "relayed", "expanded"):
        return "ignored"
    wanted = ExemplarState.ENTREGUE if bounce.action == "delivered" else ExemplarState.DEVOLVIDO
    _arrived_after_all(session, exemplar, attempt)
    if exemplar.state == ExemplarState.DEVOLVIDO or not may_become(exemplar.state, wanted):
        return "ignored"
    if wanted is ExemplarState.DEVOLVIDO:
        _give_back(session, exemplar, bounce, attempt)
    else:
        states.become(session, exemplar, wanted)
    return "bounce"


def _arrived_after_all(session: Session, exemplar: Exemplar, attempt: DispatchAttempt) -> None:
    """A report on a message in doubt ends the doubt: the server had taken it."""
    if attempt.outcome == "in_doubt":
        attempt.outcome, exemplar.in_doubt = "accepted", False
        states.become(session, exemplar, ExemplarState.ENVIADO)


def _give_back(session: Session, exemplar: Exemplar, bounce: Bounce, attempt: DispatchAttempt) -> None:
    exemplar.bounce_code = bounce.status or None
    states.become(session, exemplar, ExemplarState.DEVOLVIDO)
    camara = session.get_one(Camara, exemplar.ibge, with_for_update=True)
    if bounce.status.startswith("5.1") and camara.email == exemplar.email:
        camara.email_valid = False
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    facts = {"exemplar": str(exemplar.id), "ibge": exemplar.ibge, "code": bounce.status}
    events.append(session, campaign, events.BOUNCED, facts, actor=SYSTEM)
    pending.open_pending(session, exemplar, Problem.DEVOLVIDO, key=str(attempt.id))


def _reply(session: Session, exemplar_id: UUID, message: Incoming, actor: Actor) -> Reply:
    return replies.add_reply(
        session, exemplar_id, "email", message.text, message.files, actor=actor, sender=message.sender,
        subject=message.subject, message_id=message.message_id,
    )  # fmt: skip


def _by_address(session: Session, message: Incoming) -> UUID | None:
    """The plus-address names the exemplar (RE3)."""
    local, _, domain = settings().reply_to.lower().partition("@")
    pattern = re.compile(rf"{re.escape(local)}\+([0-9a-f]{{16}})@{re.escape(domain)}")
    for address in message.recipients:
        found = pattern.fullmatch(address)
        if found is not None:
            return session.scalar(select(Exemplar.id).where(Exemplar.tracking == found[1]))
    return None


def _by_reference(session: Session, message: Incoming) -> UUID | None:
    attempt = _attempt(session, message.about)
    return attempt.exemplar_id if attempt is not None else None


def _attempt(session: Session, about: tuple[str, ...]) -> DispatchAttempt | None:
    if not about:
        return None
    query = select(DispatchAttempt).where(DispatchAttempt.message_id.in_(about))
    return session.scalar(query.order_by(DispatchAttempt.started_at.desc()).limit(1))


def _triage(
    session: Session, message: Incoming, raw: bytes | None, reason: str, exemplar_id: UUID | None = None
) -> None:
    session.add(
        TriageMessage(
            state="open", sender=message.sender, subject=message.subject, text=message.text, reason=reason,
            message_id=message.message_id, raw=raw, exemplar_id=exemplar_id, arrived_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()


def _open_row(session: Session, triage_id: UUID) -> TriageMessage:
    row = session.get(TriageMessage, triage_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("Não encontramos essa mensagem.")
    if row.state != "open":
        raise Conflict("Esta mensagem já foi tratada.")
    return row


def _decided(session: Session, row: TriageMessage, state: str, actor: Actor) -> None:
    if state not in ("attached", "discarded"):
        raise InvalidInput(message="Decisão desconhecida.")
    row.state, row.decided_by, row.decided_at = state, actor.id, clock.now()
    session.flush()
    history.record(session, events.TRIAGED, {"message": str(row.id), "state": state}, actor=actor)


def _last(session: Session, folder: str, validity: int) -> int:
    """Where reading goes on; from the beginning when the server has numbered its messages anew."""
    cursor = session.get(MailCursor, folder)
    return cursor.last_uid if cursor is not None and cursor.uid_validity == validity else 0


def _move(session: Session, folder: str, validity: int, uid: int) -> None:
    session.merge(MailCursor(folder=folder, uid_validity=validity, last_uid=uid, read_at=clock.real_now()))
    session.flush()
