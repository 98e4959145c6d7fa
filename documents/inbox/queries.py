"""Reading the inbox: a page, its version, its counts. Nothing here restores a case or changes anything."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from documents.dossier.annotations.models import Marker
from documents.dossier.models import DossierType
from documents.inbox import details, statements
from documents.inbox.items import PAGE, Moment, Place, WorkFilters, WorkPage
from documents.inbox.statements import LATE, LATER, NONE, TODAY, WEEK, Stretch, Wanted
from people.access import allowed
from people.models import Account, Membership, Unit
from workflow import clock, process
from workflow.actor import Actor

LAPSE_S = 300
"""An inbox is drawn again at least this often: time passes, and what was to come is late."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items there are, and in each cut."""

    everything: int
    mine: int
    free: int
    late: int
    today: int
    unread: int
    generated: int


def work(
    session: Session, actor: Actor, filters: WorkFilters | None = None, *, after: str = "", limit: int = PAGE
) -> WorkPage:
    """A page of the inbox: late first, due today next, then by priority, due date and arrival (or as `filters` say).

    `after`: the cursor of the page before; a list goes on with the instant at which it began.
    """
    filters = filters or WorkFilters()
    place = Place.read(after) if after else None
    moment = Moment.at(place.now if place else clock.now())
    limit = max(1, min(limit, 500))
    wanted = wanted_of(actor, filters)
    bound = parameters(session, actor, filters, moment, wanted) | {"many": limit + 1}
    if walks(filters):
        rows = _walked(session, wanted, filters, moment, place, bound)
    else:
        rows = _sorted(session, wanted, filters, moment, place, bound)
    shown, more = rows[:limit], len(rows) > limit
    items = details.items(session, actor, [(row.kind, row.id) for row in shown], filters, moment)
    if not more:
        return WorkPage(items, None)
    last = shown[-1]
    end = Place(moment.now, last.place, last.priority, last.due_at, last.arrived, last.id)
    return WorkPage(items, end.cursor())


def work_version(session: Session, actor: Actor) -> str:
    """A short text that changes whenever the inbox does (an ETag): a few probes of indices, never a sum."""
    wanted = wanted_of(actor, WorkFilters())
    if not (wanted.units or wanted.dossiers):
        return "0"
    changed = session.scalar(text(statements.version(wanted)), _who(actor))
    seen = (changed, actor.unit, sorted(actor.roles), str(actor.id), int(clock.now().timestamp()) // LAPSE_S)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def counts(session: Session, actor: Actor, filters: WorkFilters | None = None) -> Counts:
    """How many items fit, whatever their scope and due date."""
    chosen = filters or WorkFilters()
    whole = WorkFilters(
        kind=chosen.kind, origin=chosen.origin, type=chosen.type, marker=chosen.marker, text=chosen.text
    )
    wanted = wanted_of(actor, whole)
    if not (wanted.units or wanted.dossiers):
        return Counts(0, 0, 0, 0, 0, 0, 0)
    bound = parameters(session, actor, whole, Moment.at(clock.now()), wanted)
    return Counts(*session.execute(text(statements.counts(wanted)), bound).one())


def walks(filters: WorkFilters) -> bool:
    """Whether the list is the default order over conditions that its index holds."""
    sorted_by_index = filters.sort == "urgency" and not filters.group
    return (
        sorted_by_index and filters.scope in ("todas", "livres") and not words(filters.text) and filters.marker is None
    )


def wanted_of(actor: Actor, filters: WorkFilters) -> Wanted:
    """The branches and conditions of these filters."""
    by_type = filters.type.partition(":")[0]
    concluded = filters.scope == "concluidas"
    tasks = filters.kind != "dossier" and filters.origin != "generated" and by_type != "dossier" and not concluded
    dossiers = filters.kind != "task" and by_type != "task" and allowed(actor, "dossier.read")
    units, person, dossiers = statements.branches_of(actor, tasks=tasks, dossiers=dossiers)
    return Wanted(units, person, dossiers, _of_tasks(filters), _of_dossiers(filters), concluded)


def _of_tasks(filters: WorkFilters) -> str:
    parts = _shared(filters, "t.assignee", "t.unread", "t.due_at")
    if filters.type.startswith("task:"):
        parts.append("t.process_key = :type")
    found = "".join(f" AND {part}" for part in parts)
    found += statements.TASK_MARKED if filters.marker is not None else ""
    found += statements.TASK_TEXT if words(filters.text) else ""
    return found + " AND t.id <> ALL(CAST(:secret AS uuid[]))"


def _of_dossiers(filters: WorkFilters) -> str:
    parts = _shared(filters, "u.assignee", "u.unread", "u.due_at")
    if filters.type.startswith("dossier:"):
        parts.append("d.type_key = :type")
    if filters.origin:
        parts.append("u.origin = :origin")
    found = "".join(f" AND {part}" for part in parts)
    found += statements.DOSSIER_MARKED if filters.marker is not None else ""
    return found + (statements.DOSSIER_TEXT if words(filters.text) else "")


def _shared(filters: WorkFilters, assignee: str, unread: str, due: str) -> list[str]:
    parts = []
    if filters.scope == "minhas":
        parts.append(f"{assignee} = ANY(CAST(:me AS uuid[]))")
    if filters.scope == "livres":
        parts.append(f"{assignee} IS NULL")
    if filters.unread:
        parts.append(unread)
    if not walks(filters) and filters.due:
        parts.append({"late": LATE, "today": TODAY, "week": WEEK, "none": NONE}[filters.due].format(due=due))
    return parts


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "roles": sorted(actor.roles), "unit": actor.unit, "person": actor.person_id, "account": actor.id,
        "me": [one for one in (actor.id, actor.acting_for) if one is not None],
    }  # fmt: skip


def parameters(session: Session, actor: Actor, filters: WorkFilters, moment: Moment, wanted: Wanted) -> dict[str, Any]:
    """Everything that the statements of these filters may ask for."""
    bound = _who(actor) | {"now": moment.now, "tomorrow": moment.tomorrow, "week": moment.week}
    bound["secret"] = (
        list(session.scalars(text(statements.HIDDEN_TASKS), {"account": actor.id})) if wanted.units else []
    )
    bound |= {"type": filters.type.partition(":")[2], "origin": filters.origin, "marker": filters.marker}
    bound["words"] = words(filters.text)
    if filters.group == "type":
        bound["types"] = types_in_order(session)
    if filters.group == "assignee":
        bound["colleagues"] = [identifier for identifier, _ in colleagues(session, actor)]
    if filters.group == "marker":
        bound["markers"] = [one.id for one in markers_of(session, actor)]
    return bound


def words(typed: str) -> str:
    """What was typed as a query of PostgreSQL: every word, or its beginning; accents and signs do not count; empty without words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", typed.lower()) if not unicodedata.combining(c))
    return " & ".join(f"{word}:*" for word in re.findall("[a-z0-9]+", plain)[:12])


def colleagues(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """Who works in the actor's unit today, by name."""
    today = clock.today()
    query = (
        select(Account.id, Account.display_name, Account.login)
        .join(Membership, Membership.account_id == Account.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Unit.sigla == actor.unit, Account.disabled_at.is_(None), Membership.starts_on <= today)
        .where(or_(Membership.ends_on.is_(None), Membership.ends_on >= today))
        .distinct()
    )
    found = [(identifier, name or login or "") for identifier, name, login in session.execute(query)]
    return sorted(found, key=lambda pair: pair[1].casefold())


def markers_of(session: Session, actor: Actor) -> list[Marker]:
    """The unit's markers, by name."""
    query = select(Marker).where(Marker.unit == (actor.unit or ""), Marker.active).order_by(Marker.name)
    return list(session.scalars(query))


def types_in_order(session: Session) -> list[str]:
    """Every type of the list, as filters write them, by title."""
    return [key for key, _ in titles(session)]


def titles(session: Session) -> list[tuple[str, str]]:
    """Filter and title of every type of task and of dossier, by title."""
    found = [(f"task:{one.key}", one.title) for one in process.registered()]
    found += [(f"dossier:{key}", name) for key, name in session.execute(select(DossierType.key, DossierType.name))]
    return sorted(found, key=lambda pair: (pair[1].casefold(), pair[0]))


def _sorted(
    session: Session, wanted: Wanted, filters: WorkFilters, moment: Moment, place: Place | None, bound: dict[str, Any]
) -> list[Any]:
    if not (wanted.units or wanted.dossiers):
        return []
    sort = "newest" if wanted.concluded else filters.sort
    return list(
        session.execute(
            text(statements.sorted_list(wanted, sort, filters.group, after=place is not None)),
            bound | _after(place, moment),
        )
    )


def _after(place: Place | None, moment: Moment) -> dict[str, Any]:
    if place is None:
        return {}
    return {
        "after_place": place.group, "after_bucket": moment.bucket(place.due_at), "after_priority": place.priority,
        "after_due": place.due_at, "after_arrived": place.arrived, "after_id": place.id,
    }  # fmt: skip


def _walked(
    session: Session, wanted: Wanted, filters: WorkFilters, moment: Moment, place: Place | None, bound: dict[str, Any]
) -> list[Any]:
    """Bucket by bucket, until there are enough."""
    if not (wanted.units or wanted.dossiers):
        return []
    ranks = list(session.scalars(text(statements.priorities(wanted)), bound))
    begun = moment.bucket(place.due_at) if place else 0
    found: list[Any] = []
    for bucket in range(begun, 3):
        stretches = stretches_of(bucket, filters.due, place if bucket == begun else None)
        if not stretches or not ranks:
            continue
        ahead = place is not None and bucket == begun
        lists = {
            "all_ranks": ranks,
            "same_rank": [rank for rank in ranks if ahead and place and rank == place.priority],
            "lower_ranks": [rank for rank in ranks if not (ahead and place) or rank < place.priority],
        }
        many = bound["many"] - len(found)
        asked = bound | lists | _after(place, moment) | {"many": many}
        found += session.execute(text(statements.walk(wanted, stretches)), asked).all()
        if len(found) >= bound["many"]:
            break
    return found


def stretches_of(bucket: int, due: str, place: Place | None) -> tuple[Stretch, ...]:
    """The parts of a bucket that `due` leaves, from `place` on: the rest of its priority, then the lower ones."""
    allowed_in: dict[str, Iterable[str]] = {
        "": (LATE, TODAY, LATER, NONE), "late": (LATE,), "today": (TODAY,),
        "week": (TODAY, LATER + " AND {due} < :week"), "none": (NONE,),
    }  # fmt: skip
    dues = [one for one in allowed_in[due] if _bucket_of(one) == bucket]
    if place is None:
        return tuple(Stretch(one, "all_ranks") for one in dues)
    dated = " AND ({due}, {arrived}, {id}) > (:after_due, :after_arrived, :after_id)"
    undated = " AND ({arrived}, {id}) > (:after_arrived, :after_id)"
    found = [Stretch(one, "lower_ranks") for one in dues]
    for one in dues:
        if one == NONE:
            found.append(Stretch(one, "same_rank", undated if place.due_at is None else ""))
        elif place.due_at is not None:
            found.append(Stretch(one, "same_rank", dated))
    return tuple(found)


def _bucket_of(due: str) -> int:
    return 0 if due == LATE else 1 if due == TODAY else 2
