"""What the pages read beyond the ofícios' own queries: counts of many, fingerprints, pending tasks, names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from people.models import Account
from people.rules import fold
from processes.oficio_camaras.correspondence.models import (
    CamaraAccount,
    DispatchAttempt,
    Reminder,
    TriageMessage,
)
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, Exemplar
from processes.oficio_camaras.pending import KEY
from processes.oficio_camaras.rules import Problem
from workflow.models import Case, Task


@dataclass(frozen=True, slots=True)
class Pending:
    """An open task about one exemplar."""

    task_id: UUID
    node: str
    title: str
    due_at: datetime | None
    exemplar_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """An exemplar that a message of the triage box may belong to."""

    id: UUID
    number: str
    subject: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Linked:
    """An account that acts for a câmara."""

    account_id: UUID
    name: str
    email: str
    since: datetime


def states_of(session: Session, campaign_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Campaign → state → how many exemplars, in one query."""
    found: dict[UUID, dict[str, int]] = {}
    query = select(Exemplar.campaign_id, Exemplar.state, func.count()).where(Exemplar.campaign_id.in_(campaign_ids))
    for campaign_id, state, count in session.execute(query.group_by(Exemplar.campaign_id, Exemplar.state)):
        found.setdefault(campaign_id, {})[state] = count
    return found


def campaign_count(session: Session) -> int:
    """How many ofícios there are."""
    return session.scalar(select(func.count()).select_from(Campaign)) or 0


def fingerprint(session: Session, campaign: Campaign) -> str:
    """A short text that changes whenever the dashboard of the campaign would."""
    one = func.concat(Exemplar.state, Exemplar.in_doubt, Exemplar.late, Exemplar.document_id)
    folded = func.md5(func.string_agg(one, aggregate_order_by(literal(""), Exemplar.ordinal)))
    exemplars = session.scalar(select(folded).where(Exemplar.campaign_id == campaign.id)) or ""
    return f"{campaign.state}.{campaign.due_on or ''}.{exemplars[:16]}"


def campaign_of_dossier(session: Session, dossier_id: UUID) -> UUID | None:
    """The ofício of a dossier."""
    return session.scalar(select(Campaign.id).where(Campaign.dossier_id == dossier_id))


def pending_of(session: Session, exemplar_id: UUID) -> list[Pending]:
    """The open tasks about one exemplar."""
    return _pending(session, [exemplar_id])


def pending_in(session: Session, campaign_id: UUID, limit: int = 50) -> list[Pending]:
    """The open tasks about exemplars of a campaign, by the câmara's name."""
    ids = session.scalars(select(Exemplar.id).where(Exemplar.campaign_id == campaign_id)).all()
    return _pending(session, ids)[:limit] if ids else []


def positions(session: Session) -> list[tuple[float, float]]:
    """Latitude and longitude of every câmara: the ground of the map."""
    return [
        (row[0], row[1]) for row in session.execute(select(Camara.latitude, Camara.longitude).order_by(Camara.ibge))
    ]


def regions(session: Session) -> list[tuple[str, int]]:
    """The regions of the register, with how many câmaras each has."""
    rows = session.execute(select(Camara.region, func.count()).group_by(Camara.region).order_by(Camara.region))
    return [(row[0], row[1]) for row in rows]


def camara_names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """IBGE code → name, in the order of the names."""
    query = select(Camara.ibge, Camara.name).where(Camara.ibge.in_(codes)).order_by(Camara.name_folded)
    return {row[0]: row[1] for row in session.execute(query)}


def codes_of_regions(session: Session, chosen: Collection[str]) -> list[str]:
    """The câmaras of these regions."""
    return list(session.scalars(select(Camara.ibge).where(Camara.region.in_(chosen))))


def codes_by_name(session: Session) -> dict[str, str]:
    """Folded name → IBGE code; within Minas names are unique (EM2 is about other States)."""
    return {row[0]: row[1] for row in session.execute(select(Camara.name_folded, Camara.ibge))}


def codes_in_states(session: Session, campaign_id: UUID, states: Collection[str]) -> list[str]:
    """The câmaras whose exemplar of a campaign stands in one of these states."""
    query = select(Exemplar.ibge).where(Exemplar.campaign_id == campaign_id, Exemplar.state.in_(states))
    return list(session.scalars(query))


def reminders_of(session: Session, exemplar_id: UUID) -> Sequence[Reminder]:
    """The reminders that an exemplar had (RE4)."""
    return session.scalars(
        select(Reminder).where(Reminder.exemplar_id == exemplar_id).order_by(Reminder.created_at)
    ).all()


def triage_message(session: Session, triage_id: UUID) -> TriageMessage | None:
    """One message of the triage box."""
    return session.get(TriageMessage, triage_id)


def exemplars_named(session: Session, name: str, limit: int = 30) -> list[Found]:
    """Exemplars of ofícios that left, by the câmara's name or IBGE code, newest first."""
    return _found(
        session, (Camara.name_folded.contains(fold(name), autoescape=True)) | (Camara.ibge == name.strip()), limit
    )


def exemplar_found(session: Session, exemplar_id: UUID) -> list[Found]:
    """The one exemplar, as a suggestion."""
    return _found(session, Exemplar.id == exemplar_id, 1)


def accounts_of(session: Session, ibge: str) -> list[Linked]:
    """The accounts that act for a câmara."""
    query = select(Account.id, Account.display_name, Account.email, CamaraAccount.created_at)
    query = query.join(CamaraAccount, CamaraAccount.account_id == Account.id).where(CamaraAccount.ibge == ibge)
    rows = session.execute(query.order_by(CamaraAccount.created_at))
    return [Linked(row[0], row[1] or row[2] or "", row[2] or "", row[3]) for row in rows]


def in_force(session: Session, campaign: Campaign) -> Mapping[str, int]:
    """How many câmaras were chosen in each region."""
    query = select(Camara.region, func.count()).where(Camara.ibge.in_(campaign.recipients)).group_by(Camara.region)
    return {row[0]: row[1] for row in session.execute(query.order_by(Camara.region))}


def _found(session: Session, condition: object, limit: int) -> list[Found]:
    query = select(Exemplar.id, Campaign.number, Campaign.subject, Camara.name, Exemplar.state)
    query = query.join(Campaign, Campaign.id == Exemplar.campaign_id).join(Camara, Camara.ibge == Exemplar.ibge)
    query = query.where(condition, Campaign.state.in_((CampaignState.DISPATCHED, CampaignState.CLOSED)))  # type: ignore[arg-type]  # any SQL condition
    rows = session.execute(query.order_by(Campaign.signed_at.desc(), Camara.name_folded).limit(limit))
    return [Found(row[0], row[1] or "", row[2], row[3], row[4]) for row in rows]


def _pending(session: Session, exemplar_ids: Sequence[UUID]) -> list[Pending]:
    """By the keys that `oficio_camaras.pending` gives to its cases: `<exemplar>:<problem>:<attempt, or 1>`."""
    own = cast(Exemplar.id, Text)
    keys = select(Exemplar.id.label("exemplar"), (own + f":{Problem.CADASTRO}:1").label("key")).where(
        Exemplar.id.in_(exemplar_ids)
    )
    attempts = [
        select(
            DispatchAttempt.exemplar_id,
            cast(DispatchAttempt.exemplar_id, Text) + f":{problem}:" + cast(DispatchAttempt.id, Text),
        ).where(DispatchAttempt.exemplar_id.in_(exemplar_ids))
        for problem in (Problem.DEVOLVIDO, Problem.DUVIDA)
    ]
    known = union_all(keys, *attempts).subquery()
    query = (
        select(Task.id, Task.node, Task.title, Task.due_at, Exemplar.id, Camara.name)
        .select_from(known)
        .join(Case, (Case.process_key == KEY) & (Case.business_key == known.c.key))
        .join(Task, Task.case_id == Case.id)
        .join(Exemplar, Exemplar.id == known.c.exemplar)
        .join(Camara, Camara.ibge == Exemplar.ibge)
        .where(Case.status == "running", Task.status == "open", Task.kind == "human")
    )
    return [Pending(*row) for row in session.execute(query.order_by(Camara.name_folded))]
