"""How a page of results is found: newest first, in time, whether its words are in ten documents or in every one.

- few rows expected: all of them by the index (GIN), sorted; the total comes with them;
- many expected: a walk over the newest rows, each tested, which fills the page soon; when it doesn't, the index after all;
- little to choose from (one processo, a few numbers): every row of it is tested.

A row whose words are read costs 6 µs, one tested by its flow 0.5 µs, an entry of an index list 0.05 µs on a quiet
machine, whence the figures below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select, text, tuple_, union
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier
from documents.search.compiled import Compiled, Reach, asked, in_parts
from documents.search.models import SearchEntry
from documents.search.results import Place, SearchTooSlow

TIMEOUT_S = 5.0
FEW, FEW_OF_ALL = 3_000, 0.008
"""Rows expected, by number or as a share, up to which the index is asked at once."""
FEW_READ = 1_000
"""Rows expected, up to which all that the index finds are tested, though their words must be read, for the total."""
FEW_SORTED = 40_000
"""Rows expected, up to which those that need reading are sorted first: a walk does not know how many of them will stand."""
STEP = 4_000
"""Rows that a walk tests first."""
FARTHEST = 24_000
"""Rows that it goes on to when what it found says that the page will be full by then."""

Condition = ColumnElement[bool]
_E = SearchEntry.__table__.c
_COLUMNS = (_E.stamp, _E.id, _E.dossier_id, _E.subject, _E.kind)
_NEWEST = (_E.stamp.desc(), _E.id.desc())


_LIMITS = text(
    "SELECT set_config('statement_timeout', :timeout, true), set_config('work_mem', '64MB', true),"
    " set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)"
)


_TOGETHER = text(
    "SELECT set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),"
    " set_config('min_parallel_table_scan_size', '0', true)"
)
"""Counting hundreds of thousands of rows is worth several processes, whatever the planner expects of them."""


@dataclass(frozen=True)
class Scope:
    """Which rows count: `rows` over SearchEntry; `seen` gives, for the columns of rows found, what the joined Dossier
    and the document must be; `few`: so few rows that each is tested."""

    rows: tuple[Condition, ...]
    seen: Callable[[Any], Sequence[Condition]]
    few: bool = False


@dataclass(frozen=True)
class Hits:
    """Rows found, newest first, at most as many as asked for; the total where it came for free."""

    places: tuple[Place, ...]
    total: int | None


@contextmanager
def limits(session: Session, timeout_s: float = TIMEOUT_S) -> Iterator[None]:
    """A time limit and the planner's settings for the reading inside, taken back at its end (a savepoint)."""
    nested = session.begin_nested()
    try:
        session.execute(_LIMITS, {"timeout": str(int(timeout_s * 1000))})
        yield
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled):
            raise SearchTooSlow() from error
        raise
    finally:
        nested.rollback()


def page(session: Session, found: Compiled | None, scope: Scope, after: Place | None, size: int) -> Hits:
    """The first `size` rows after a place."""
    if found is None:
        return _everything(session, scope, after, size)
    hits = _texts(session, found, scope, after, size)
    long = _places(session, _long(found, scope).where(*_beyond(_E, after)).order_by(*_NEWEST).limit(size))
    if not long:
        return hits
    merged = sorted((*hits.places, *long), key=lambda place: (place.stamp, place.id), reverse=True)
    return Hits(tuple(merged[:size]), None)


def count(session: Session, found: Compiled | None, scope: Scope) -> int:
    """How many rows there are, exactly."""
    if found is None:
        inner = select(*_COLUMNS).where(*scope.rows).subquery()
        return _number(session, select(func.count()).select_from(_seen(inner, scope).subquery()))
    session.execute(_TOGETHER)
    with _by_index(session):
        hits = _tested(found, scope) if scope.few else _indexed(found, scope)
        total = _number(session, select(func.count()).select_from(_seen(hits, scope).subquery()))
    return total + _number(session, select(func.count()).select_from(_long(found, scope).subquery()))


def _everything(session: Session, scope: Scope, after: Place | None, size: int) -> Hits:
    rows = select(_E.stamp, _E.id).join(Dossier, Dossier.id == _E.dossier_id).where(*scope.rows, *scope.seen(_E))
    places = _places(session, rows.where(*_beyond(_E, after)).order_by(*_NEWEST).limit(size))
    return Hits(places, len(places) if after is None and len(places) < size else None)


def _texts(session: Session, found: Compiled, scope: Scope, after: Place | None, size: int) -> Hits:
    """All texts but those that are looked for in their parts."""
    if scope.few:
        return _counted(session, _seen(_tested(found, scope), scope), after, size)
    costly = any(reach.costly for reach in found.reaches)
    if found.rows > FEW and found.share > FEW_OF_ALL and not (costly and found.rows <= FEW_SORTED):
        walked = _walk(session, found, scope, after, size)
        if walked is not None:
            return walked
    with _by_index(session):
        if costly and found.rows > FEW_READ:
            return _newest_reached(session, found, scope, after, size)
        return _counted(session, _seen(_indexed(found, scope), scope), after, size)


def _walk(session: Session, found: Compiled, scope: Scope, after: Place | None, size: int) -> Hits | None:
    """The newest rows, tested; None when the page would not be full after FARTHEST rows."""
    places: tuple[Place, ...] = ()
    place, rows = after, STEP
    while True:
        places += _places(session, _seen(_newest(found, scope, place, rows), scope), size - len(places))
        if len(places) == size:
            return Hits(places, None)
        place = _end_of_walk(session, found, scope, place, rows)
        if place is None:
            return Hits(places, len(places) if after is None else None)
        if rows > STEP or not places or STEP * size > FARTHEST * len(places):
            return None
        rows = FARTHEST - STEP


def _rows(found: Compiled, scope: Scope) -> tuple[Condition, ...]:
    return (*scope.rows, _E.extent < found.long_from)


def _newest(found: Compiled, scope: Scope, after: Place | None, rows: int) -> FromClause:
    walked = select(*_COLUMNS, _E.words).where(*_rows(found, scope), *_beyond(_E, after))
    return _tested_rows(walked.order_by(*_NEWEST).limit(rows), found)


def _end_of_walk(session: Session, found: Compiled, scope: Scope, after: Place | None, rows: int) -> Place | None:
    last = select(_E.stamp, _E.id).where(*_rows(found, scope), *_beyond(_E, after)).order_by(*_NEWEST)
    places = _places(session, last.offset(rows - 1), 1)
    return places[0] if places else None


def _indexed(found: Compiled, scope: Scope) -> FromClause:
    """The rows that the index finds and that stand the tests."""
    reached = [_reached(reach, found, scope) for reach in found.reaches]
    return reached[0].cte("hit") if len(reached) == 1 else union(*reached).cte("hit")


def _reached(reach: Reach, found: Compiled, scope: Scope) -> Select[Any]:
    near = _near(reach, found, scope)
    if reach.costly:
        return _checked(near.offset(0), reach)
    return near.with_only_columns(*_COLUMNS).where(*([reach.stands(_E)] if reach.tested else []))


def _near(reach: Reach, found: Compiled, scope: Scope) -> Select[Any]:
    asking = _E.words.bool_op("@@")(asked(reach.tsquery))
    return select(*_COLUMNS, _E.words, _E.flow).where(asking, *_rows(found, scope))


def _checked(near: Select[Any], reach: Reach) -> Select[Any]:
    """OFFSET keeps the tests outside, so that PostgreSQL does not look for them in the index."""
    rows = near.subquery("near")
    return select(*_own(rows)).where(reach.stands(rows.c))


def _own(rows: FromClause) -> list[ColumnElement[Any]]:
    return [rows.c[column.name] for column in _COLUMNS]


def _newest_reached(session: Session, found: Compiled, scope: Scope, after: Place | None, size: int) -> Hits:
    """The newest of them: what the index finds is sorted before it is tested, so that few rows' words are read."""
    places: set[Place] = set()
    for reach in found.reaches:
        near = _near(reach, found, scope).where(*_beyond(_E, after)).order_by(*_NEWEST).offset(0)
        places |= set(_places(session, _seen(_checked(near, reach).subquery("hit"), scope), size))
    newest = sorted(places, key=lambda place: (place.stamp, place.id), reverse=True)[:size]
    return Hits(tuple(newest), len(newest) if after is None and len(newest) < size else None)


def _tested(found: Compiled, scope: Scope) -> FromClause:
    return _tested_rows(select(*_COLUMNS, _E.words).where(*_rows(found, scope)).offset(0), found)


def _tested_rows(rows: Select[Any], found: Compiled) -> FromClause:
    """OFFSET and LIMIT keep the test outside, so that PostgreSQL does not look for it in the index."""
    near = rows.subquery("near")
    return select(*_own(near)).where(near.c.words.bool_op("@@")(asked(found.full))).cte("hit")


def _long(found: Compiled, scope: Scope) -> Select[Any]:
    rows = select(_E.stamp, _E.id).join(Dossier, Dossier.id == _E.dossier_id)
    return rows.where(in_parts(found), *scope.rows, *scope.seen(_E))


def _seen(hits: FromClause, scope: Scope) -> Select[Any]:
    """Those of them that the actor may see."""
    joined = select(hits.c.stamp, hits.c.id).join(Dossier, Dossier.id == hits.c.dossier_id)
    return joined.where(*scope.seen(hits.c))


def _counted(session: Session, seen: Select[Any], after: Place | None, size: int) -> Hits:
    """A page of them, and how many there are."""
    rows = seen.cte("seen")
    total = select(func.count()).select_from(rows).scalar_subquery()
    newest = select(rows.c.stamp, rows.c.id, total).where(*_beyond(rows.c, after))
    found = session.execute(newest.order_by(rows.c.stamp.desc(), rows.c.id.desc()).limit(size)).all()
    if not found:
        return Hits((), 0 if after is None else None)
    return Hits(tuple(Place(stamp, identifier) for stamp, identifier, _ in found), found[0][2])


def _beyond(columns: Any, after: Place | None) -> list[Condition]:
    if after is None:
        return []
    return [tuple_(columns.stamp, columns.id) < tuple_(literal(after.stamp), literal(after.id))]


def _places(session: Session, rows: Select[Any], size: int | None = None) -> tuple[Place, ...]:
    if size is not None:
        stamp, identifier = rows.selected_columns[:2]
        rows = rows.order_by(None).order_by(stamp.desc(), identifier.desc()).limit(size)
    return tuple(Place(stamp, identifier) for stamp, identifier in session.execute(rows))


def _number(session: Session, statement: Select[Any]) -> int:
    return int(session.execute(statement).scalar_one())


@contextmanager
def _by_index(session: Session) -> Iterator[None]:
    """PostgreSQL does not know what reading a row's words costs: without this it would read all rows of a frequent one."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    yield
    session.execute(text("SET LOCAL enable_seqscan = on"))
