"""Short messages beside the exemplars: reminders of the deadline (RE4) and what a câmara forwards to its vereadores.

Each is committed before DATA and sent at most once; one that a kill interrupts is not sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from documents import operations as documents
from integrations.mail import Mail, MailError
from processes.oficio_camaras import events, states
from processes.oficio_camaras.correspondence import links, messages, receipts
from processes.oficio_camaras.correspondence.models import Forward, Reminder
from processes.oficio_camaras.models import Campaign, CampaignState, Exemplar, ExemplarState
from processes.oficio_camaras.rules import MAX_FORWARDS, normal_email, reminder_due
from processes.oficio_camaras.settings import settings
from workflow import clock, jobs
from workflow.actor import PUBLIC, Actor
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput

S = ExemplarState
REMIND = "oficios.remind"
FORWARD = "oficios.forward"
_WAITING = (S.ENVIADO, S.ENTREGUE)


def due_reminders(session: Session) -> int:
    """Queue today's reminders: D-5, D-1, D+1, to whom the ofício reached and who still owes something (RE4)."""
    today, queued = clock.today(), 0
    open_ones = select(Campaign).where(Campaign.state == CampaignState.DISPATCHED, Campaign.due_on.is_not(None))
    for campaign in session.scalars(open_ones):
        kind = reminder_due(today, campaign.due_on) if campaign.due_on else None
        if kind is None:
            continue
        owing = (*_WAITING, S.RECEBIDO) if campaign.requires_reply else _WAITING
        reminded = select(Reminder.exemplar_id).where(Reminder.kind == kind)
        query = select(Exemplar.id).where(
            Exemplar.campaign_id == campaign.id, Exemplar.state.in_(owing), Exemplar.id.not_in(reminded)
        )
        for exemplar_id in session.scalars(query).all():
            jobs.defer(session, REMIND, queue="mail", exemplar_id=str(exemplar_id), kind=kind)
            queued += 1
    return queued


def remind(exemplar_id: UUID, kind: str) -> None:
    """One reminder, at most once."""
    key = (exemplar_id, kind)
    with transaction() as session:
        exemplar = states.locked(session, exemplar_id)
        campaign = session.get_one(Campaign, exemplar.campaign_id)
        answered = exemplar.state not in (*_WAITING, S.RECEBIDO) or exemplar.email is None
        reminded = session.get(Reminder, key) is not None
        if answered or reminded or campaign.state != CampaignState.DISPATCHED:
            return
        link = links.new_link(exemplar)
        mail = messages.reminder_mail(campaign, exemplar, link.address, kind)

    def committed() -> None:
        with transaction() as session:
            session.add_all([link.row(), Reminder(exemplar_id=exemplar_id, kind=kind, created_at=clock.now())])

    def undone() -> None:
        with transaction() as session:
            session.execute(delete(Reminder).where(Reminder.exemplar_id == exemplar_id, Reminder.kind == kind))

    if _deliver(mail, committed, undone):
        with transaction() as session:
            session.get_one(Reminder, key).sent_at = clock.now()


def forward_by_link(session: Session, token: str, addresses: Sequence[str]) -> int:
    """The câmara forwards its exemplar to vereadores; how many new addresses. Only after it has confirmed the receipt."""
    return _forward(session, links.open_link(session, token).exemplar.id, addresses, PUBLIC)


def forward_by_account(session: Session, exemplar_id: UUID, addresses: Sequence[str], *, actor: Actor) -> int:
    """The same from the câmara's own account."""
    receipts.require_camara(session, exemplar_id, actor)
    return _forward(session, exemplar_id, addresses, actor)


def send_forward(forward_id: UUID) -> None:
    """One forwarded message, at most once."""
    with transaction() as session:
        row = session.get_one(Forward, forward_id, with_for_update=True)
        if row.sent_at is not None or row.failed:
            return
        exemplar = session.get_one(Exemplar, row.exemplar_id)
        campaign = session.get_one(Campaign, exemplar.campaign_id)
        own_id = f"<encaminhado.{row.id.hex}@{settings().reply_to.partition('@')[2]}>"
        annex = campaign.annex_document_id
        files = [documents.read_bytes(session, exemplar.document_id)]
        more = documents.read_bytes(session, annex) if annex else None
        mail = messages.forward_mail(campaign, exemplar, row.email, own_id, files[0], more)

    def committed() -> None:
        with transaction() as session:
            session.get_one(Forward, forward_id).sent_at = clock.now()

    def undone() -> None:
        with transaction() as session:
            session.get_one(Forward, forward_id).sent_at = None

    if not _deliver(mail, committed, undone):
        with transaction() as session:
            session.get_one(Forward, forward_id).failed = True


def _forward(session: Session, exemplar_id: UUID, addresses: Sequence[str], actor: Actor) -> int:
    exemplar = states.locked(session, exemplar_id)
    if receipts.receipt_of(session, exemplar_id) is None:
        raise Conflict("Confirme o recebimento antes de encaminhar o ofício.")
    chosen = [(typed, normal_email(typed)) for typed in addresses if typed.strip()]
    wrong = [typed.strip() for typed, address in chosen if address is None]
    if wrong or not chosen:
        raise InvalidInput({"enderecos": f"Confira este endereço: {wrong[0][:80]}" if wrong else "Escreva os e-mails."})
    already = session.scalar(select(func.count()).where(Forward.exemplar_id == exemplar_id)) or 0
    if already + len({address for _, address in chosen}) > MAX_FORWARDS:
        raise InvalidInput({"enderecos": f"Um ofício pode ser encaminhado a {MAX_FORWARDS} endereços, no máximo."})
    new = 0
    for address in dict.fromkeys(address for _, address in chosen):
        values = {"exemplar_id": exemplar_id, "email": address, "created_at": clock.now(), "failed": False}
        statement = insert(Forward).values(**values).on_conflict_do_nothing().returning(Forward.id)
        row = session.scalar(statement)
        if row is not None:
            jobs.defer(session, FORWARD, queue="mail", forward_id=str(row))
            new += 1
    campaign = session.get_one(Campaign, exemplar.campaign_id)
    facts = {"exemplar": str(exemplar_id), "ibge": exemplar.ibge, "count": new}
    events.append(session, campaign, events.FORWARDED, facts, actor=actor)
    return new


def _deliver(mail: Mail, before_data: Callable[[], None], undo: Callable[[], None]) -> bool:
    """False when the server refused it for good. Refused for now, it is undone and MailError has the job run again."""
    connection = settings().outbox.open()
    try:
        connection.send(mail, before_data)
    except MailError as error:
        if error.in_doubt:
            return True
        undo()
        if not error.permanent:
            raise
        return False
    finally:
        connection.close()
    return True
