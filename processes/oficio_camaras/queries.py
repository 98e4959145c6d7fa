"""Reading ofícios: campaigns, progress, exemplars, the map, the câmara's own list, the triage box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from documents import operations as documents
from documents.dossier import access as dossier_access
from documents.dossier.models import Dossier
from people.access import Resource, authorize
from people.rules import fold
from processes.oficio_camaras.correspondence import links, receipts
from processes.oficio_camaras.correspondence.models import (
    CamaraAccount,
    DispatchAttempt,
    Forward,
    Receipt,
    Redirection,
    Reply,
    ReplyFile,
    TriageMessage,
)
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, Exemplar, ExemplarState
from processes.oficio_camaras.rules import STATE_LABELS
from processes.oficio_camaras.signing import campaign_of_task
from workflow.actor import Actor
from workflow.errors import NotFound

S = ExemplarState
PAGE = 50


@dataclass(frozen=True)
class Progress:
    """How far an ofício is: exemplars by state, and what needs a person."""

    recipients: int
    generated: int
    states: Mapping[str, int]
    in_doubt: int
    late: int

    def count(self, *states: ExemplarState) -> int:
        """How many are in any of these states."""
        return sum(self.states.get(state, 0) for state in states)


@dataclass(frozen=True)
class ExemplarRow:
    """A line of the list of exemplars."""

    id: UUID
    ordinal: int
    ibge: str
    name: str
    region: str
    state: str
    email: str | None
    in_doubt: bool
    late: bool
    sent_at: datetime | None
    received_at: datetime | None
    answered_at: datetime | None
    document_id: UUID

    @property
    def label(self) -> str:
        """The state as people read it."""
        return STATE_LABELS[S(self.state)]


@dataclass(frozen=True)
class ExemplarPage:
    """A page of exemplars and how many there are."""

    rows: tuple[ExemplarRow, ...]
    total: int


@dataclass(frozen=True)
class Place:
    """A câmara on the map of Minas."""

    ibge: str
    name: str
    latitude: float
    longitude: float
    region: str
    state: str
    exemplar_id: UUID
    in_doubt: bool
    late: bool


@dataclass(frozen=True)
class ReplyView:
    """A reply with its files."""

    reply: Reply
    files: tuple[ReplyFile, ...]


@dataclass(frozen=True)
class ExemplarView:
    """One exemplar with its story."""

    campaign: Campaign
    exemplar: Exemplar
    camara: Camara
    receipt: Receipt | None
    replies: tuple[ReplyView, ...]
    forwards: tuple[Forward, ...]
    attempts: tuple[DispatchAttempt, ...]
    redirections: tuple[Redirection, ...]

    @property
    def label(self) -> str:
        """The state as people read it."""
        return STATE_LABELS[S(self.exemplar.state)]


def campaigns(session: Session, actor: Actor, *, limit: int = PAGE, offset: int = 0) -> Sequence[Campaign]:
    """Ofícios, newest first."""
    authorize(actor, "oficio.view")
    query = select(Campaign).where(_may_be_seen(actor)).order_by(Campaign.created_at.desc(), Campaign.id)
    return session.scalars(query.limit(limit).offset(offset)).all()


def campaign(session: Session, campaign_id: UUID, actor: Actor) -> Campaign:
    """One ofício; NotFound when there is none."""
    authorize(actor, "oficio.view", Resource(id=campaign_id))
    found = session.get(Campaign, campaign_id)
    if found is None:
        raise NotFound("Não encontramos esse ofício.", campaign=str(campaign_id))
    if found.dossier_id is not None:
        dossier_access.find(session, actor, found.dossier_id)
    return found


def campaign_for_task(session: Session, task_id: UUID, actor: Actor) -> Campaign:
    """The ofício of a task of the process (pages `oficios.draft` and `oficios.sign`)."""
    return campaign(session, campaign_of_task(session, task_id), actor)


def signed_campaigns(session: Session, actor: Actor) -> Sequence[Campaign]:
    """What may be rectified: signed ofícios, newest first."""
    authorize(actor, "oficio.view")
    query = select(Campaign).where(Campaign.signed_at.is_not(None), _may_be_seen(actor))
    return session.scalars(query.order_by(Campaign.signed_at.desc()).limit(PAGE)).all()


def progress(session: Session, campaign_id: UUID, actor: Actor) -> Progress:
    """RE5: the numbers of an ofício, in one query."""
    one = campaign(session, campaign_id, actor)
    query = select(
        Exemplar.state,
        func.count(),
        func.count().filter(Exemplar.in_doubt),
        func.count().filter(Exemplar.late),
    ).where(Exemplar.campaign_id == campaign_id)
    rows = session.execute(query.group_by(Exemplar.state)).all()
    states = {state: count for state, count, _, _ in rows}
    doubts, late = sum(row[2] for row in rows), sum(row[3] for row in rows)
    return Progress(len(one.recipients), sum(states.values()), states, doubts, late)


def by_region(session: Session, campaign_id: UUID, actor: Actor) -> dict[str, dict[str, int]]:
    """RE5: region → state → how many."""
    campaign(session, campaign_id, actor)
    query = select(Camara.region, Exemplar.state, func.count()).join(Camara, Camara.ibge == Exemplar.ibge)
    query = query.where(Exemplar.campaign_id == campaign_id).group_by(Camara.region, Exemplar.state)
    found: dict[str, dict[str, int]] = {}
    for region, state, count in session.execute(query.order_by(Camara.region)):
        found.setdefault(region, {})[state] = count
    return found


def places(session: Session, campaign_id: UUID, actor: Actor) -> list[Place]:
    """The map: every exemplar where its município is."""
    campaign(session, campaign_id, actor)
    query = select(
        Camara.ibge, Camara.name, Camara.latitude, Camara.longitude, Camara.region, Exemplar.state, Exemplar.id,
        Exemplar.in_doubt, Exemplar.late,
    ).join(Camara, Camara.ibge == Exemplar.ibge)  # fmt: skip
    rows = session.execute(query.where(Exemplar.campaign_id == campaign_id).order_by(Exemplar.ordinal))
    return [Place(*row) for row in rows]


def exemplars(
    session: Session,
    campaign_id: UUID,
    actor: Actor,
    *,
    states: Sequence[str] = (),
    region: str = "",
    name: str = "",
    in_doubt: bool | None = None,
    page: int = 1,
) -> ExemplarPage:
    """A page of exemplars, in the order of their numbers."""
    campaign(session, campaign_id, actor)
    where: list[ColumnElement[bool]] = [Exemplar.campaign_id == campaign_id]
    if states:
        where.append(Exemplar.state.in_(states))
    if region:
        where.append(Camara.region == region)
    if name.strip():
        where.append(Camara.name_folded.contains(fold(name), autoescape=True))
    if in_doubt is not None:
        where.append(Exemplar.in_doubt.is_(in_doubt))
    columns = (
        Exemplar.id, Exemplar.ordinal, Exemplar.ibge, Camara.name, Camara.region, Exemplar.state, Exemplar.email,
        Exemplar.in_doubt, Exemplar.late, Exemplar.sent_at, Exemplar.received_at, Exemplar.answered_at,
        Exemplar.document_id,
    )  # fmt: skip
    base = select(*columns).join(Camara, Camara.ibge == Exemplar.ibge).where(*where)
    total = session.scalar(select(func.count()).select_from(base.subquery())) or 0
    rows = session.execute(base.order_by(Exemplar.ordinal).limit(PAGE).offset((max(page, 1) - 1) * PAGE))
    return ExemplarPage(tuple(ExemplarRow(**row._mapping) for row in rows), total)


def exemplar_view(session: Session, exemplar_id: UUID, actor: Actor) -> ExemplarView:
    """One exemplar for the Ceac."""
    authorize(actor, "oficio.view", Resource(id=exemplar_id))
    exemplar = session.get(Exemplar, exemplar_id)
    if exemplar is None:
        raise NotFound("Não encontramos esse exemplar.")
    campaign(session, exemplar.campaign_id, actor)
    return _view(session, exemplar)


def view_by_link(session: Session, token: str) -> ExemplarView:
    """One exemplar for whoever holds its link; NotFound, with what to do, when the link does not hold."""
    return _view(session, links.open_link(session, token).exemplar)


def view_by_account(session: Session, exemplar_id: UUID, actor: Actor) -> ExemplarView:
    """One exemplar for its câmara's account."""
    return _view(session, receipts.require_camara(session, exemplar_id, actor))


def of_camara(session: Session, actor: Actor, *, limit: int = PAGE, offset: int = 0) -> list[tuple[Campaign, Exemplar]]:
    """The ofícios that came to the câmaras of an external user, newest first."""
    authorize(actor, "camara.answer")
    query = (
        select(Campaign, Exemplar)
        .join(Exemplar, Exemplar.campaign_id == Campaign.id)
        .join(CamaraAccount, CamaraAccount.ibge == Exemplar.ibge)
        .where(CamaraAccount.account_id == actor.id, _left())
        .order_by(Campaign.signed_at.desc(), Campaign.id)
    )
    return [(one, exemplar) for one, exemplar in session.execute(query.limit(limit).offset(offset))]


def camaras_of(session: Session, actor: Actor) -> Sequence[Camara]:
    """The câmaras for which an external user acts."""
    query = select(Camara).join(CamaraAccount, CamaraAccount.ibge == Camara.ibge)
    return session.scalars(query.where(CamaraAccount.account_id == actor.id).order_by(Camara.name_folded)).all()


def letter_bytes(session: Session, view: ExemplarView, *, stamped: bool = False) -> bytes:
    """The sealed letter of an exemplar that the caller was allowed to view; or its stamped copy, once there is one."""
    chosen = view.receipt.document_id if stamped and view.receipt else view.exemplar.document_id
    if chosen is None:
        raise NotFound("A cópia carimbada ainda está sendo feita. Tente de novo em alguns segundos.")
    return documents.read_bytes(session, chosen)


def annex_bytes(session: Session, view: ExemplarView) -> bytes:
    """The annex of the ofício."""
    if view.campaign.annex_document_id is None:
        raise NotFound("Este ofício não tem anexo.")
    return documents.read_bytes(session, view.campaign.annex_document_id)


def camaras(session: Session, actor: Actor, *, name: str = "", without_email: bool = False) -> Sequence[Camara]:
    """The register of câmaras, by name or IBGE code."""
    authorize(actor, "oficio.view")
    query = select(Camara).order_by(Camara.name_folded, Camara.ibge)
    if name.strip():
        typed = name.strip()
        query = query.where(or_(Camara.name_folded.contains(fold(typed), autoescape=True), Camara.ibge == typed))
    if without_email:
        query = query.where(Camara.email_valid.is_(False))
    return session.scalars(query).all()


def every_ibge(session: Session) -> list[str]:
    """The codes of every câmara, in order; none before the table was imported."""
    return list(session.scalars(select(Camara.ibge).order_by(Camara.ibge)))


def triage(session: Session, actor: Actor, *, state: str = "open", limit: int = PAGE) -> Sequence[TriageMessage]:
    """The triage box, oldest first (RE3)."""
    authorize(actor, "oficio.work")
    query = select(TriageMessage).where(TriageMessage.state == state).order_by(TriageMessage.arrived_at)
    return session.scalars(query.limit(limit)).all()


def _may_be_seen(actor: Actor) -> ColumnElement[bool]:
    """An ofício is seen by whom its processo is."""
    seen = exists().where(Dossier.id == Campaign.dossier_id, dossier_access.visible(actor))
    return or_(Campaign.dossier_id.is_(None), seen)


def _left() -> ColumnElement[bool]:
    """What a câmara may see: what was sent to it or went by post, of a signed ofício."""
    hidden = (S.GERADO, S.REENVIO)
    return and_(Campaign.state.in_((CampaignState.DISPATCHED, CampaignState.CLOSED)), Exemplar.state.not_in(hidden))


def _view(session: Session, exemplar: Exemplar) -> ExemplarView:
    answered = session.scalars(select(Reply).where(Reply.exemplar_id == exemplar.id).order_by(Reply.arrived_at)).all()
    files: dict[UUID, list[ReplyFile]] = {}
    for file in session.scalars(select(ReplyFile).where(ReplyFile.reply_id.in_([one.id for one in answered]))):
        files.setdefault(file.reply_id, []).append(file)
    forwards = select(Forward).where(Forward.exemplar_id == exemplar.id).order_by(Forward.created_at, Forward.email)
    attempts = select(DispatchAttempt).where(DispatchAttempt.exemplar_id == exemplar.id)
    moved = select(Redirection).where(Redirection.exemplar_id == exemplar.id).order_by(Redirection.version)
    return ExemplarView(
        session.get_one(Campaign, exemplar.campaign_id),
        exemplar,
        session.get_one(Camara, exemplar.ibge),
        receipts.receipt_of(session, exemplar.id),
        tuple(ReplyView(one, tuple(files.get(one.id, ()))) for one in answered),
        tuple(session.scalars(forwards)),
        tuple(session.scalars(attempts.order_by(DispatchAttempt.started_at))),
        tuple(session.scalars(moved)),
    )
