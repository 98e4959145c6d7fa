"""Work of the ofícios outside any request: sending, reading the mailbox, stamping, reminding, noticing the end."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from integrations.mailbox_reader import MailboxError
from processes.oficio_camaras import closing, states
from processes.oficio_camaras.correspondence import dispatch, incoming, notices, receipts
from processes.oficio_camaras.models import Campaign, CampaignState
from workflow import jobs
from workflow import operations as workflow
from workflow.actor import SYSTEM
from workflow.database import transaction

log = structlog.get_logger(__name__)

SERVER_GONE = timedelta(minutes=1)


@jobs.job("oficios.send", queue="mail")
def send() -> None:
    """A slice of the queue; what is left goes on in another, so that other messages have their turn."""
    sent = dispatch.send_due()
    if sent is not None and sent.more:
        with transaction() as session:
            jobs.defer(session, "oficios.send", run_in=SERVER_GONE if sent.broken else None)


@jobs.job("oficios.queue", queue="mail", every="* * * * * */20")
def queue() -> None:
    """Every 20 s: retries that are due, and whatever a dead worker left behind."""
    dispatch.send_due()


@jobs.job(states.CHECK, queue="mail")
def check_final(campaign_id: str) -> None:
    """When every exemplar is final, the case that tracks them goes on."""
    with transaction() as session:
        campaign = session.get(Campaign, UUID(campaign_id), with_for_update=True)
        if campaign is None or campaign.state != CampaignState.DISPATCHED or states.open_states(session, campaign.id):
            return
        workflow.deliver_message(session, "oficio_concluido", campaign_id, {}, message_id=uuid4(), actor=SYSTEM)


@jobs.job("oficios.read_mailbox", queue="mail", every="* * * * *")
def read_mailbox() -> None:
    """Every minute: bounces and replies. A mailbox that does not answer is tried again at the next minute."""
    try:
        incoming.poll()
    except MailboxError as error:
        log.warning("mailbox not read", reason=str(error))


@jobs.job(receipts.STAMP, queue="documents")
def stamp(receipt_id: str) -> None:
    """The stamped copy of a receipt."""
    with transaction() as session:
        receipts.make_stamped_copy(session, UUID(receipt_id))


@jobs.job(closing.REPORT, queue="documents")
def report(campaign_id: str) -> None:
    """The sealed report of a closed ofício."""
    closing.make(UUID(campaign_id))


@jobs.job("oficios.reminders", queue="mail", every="0 12 * * *")
def reminders() -> None:
    """Every day at 9 h of Brasília (12 h UTC): the reminders that fall due (RE4)."""
    with transaction() as session:
        notices.due_reminders(session)
        incoming.purge(session)


@jobs.job(notices.REMIND, queue="mail")
def remind(exemplar_id: str, kind: str) -> None:
    """One reminder."""
    notices.remind(UUID(exemplar_id), kind)


@jobs.job(notices.FORWARD, queue="mail")
def forward(forward_id: str) -> None:
    """One forwarded exemplar."""
    notices.send_forward(UUID(forward_id))
