"""Altering a table by hand, one column at a time, as somebody with the database's password would."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

Verify = Callable[[Session], list[str]]
_CHANGES = {
    "uuid": "gen_random_uuid()",
    "bool": "NOT {0}",
    "timestamptz": "coalesce({0}, now()) + interval '1 hour'",
    "date": "coalesce({0}, current_date) + 1",
    "jsonb": "coalesce({0}, '{{}}') || '{{\"x\": \"y\"}}'",
    "bytea": "sha256(coalesce({0}, 'x'))",
    "varchar": "CASE WHEN {0} = 'x' THEN 'y' ELSE 'x' END",
    "text": "coalesce({0}, '') || 'x'",
    **dict.fromkeys(("int2", "int4", "int8"), "coalesce({0}, 0) + 7919"),
}
"""Another value of each kind of column."""


def columns(session: Session, table: str) -> list[tuple[str, str]]:
    """The columns of a table as they are in the database, with the names of their kinds."""
    query = text("SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = :table")
    return [(row[0], row[1]) for row in session.execute(query, {"table": table})]


def silent_changes(session: Session, table: str, verify: Verify) -> Iterator[str]:
    """The columns of the table's rows that may be altered, and the rows that may be deleted, without `verify` telling."""
    (rows,) = session.execute(text(f"SELECT count(*) FROM {table}")).one()  # noqa: S608 - a test's own table
    assert rows, table
    for name, kind in columns(session, table):
        change = f"UPDATE {table} SET {name} = {_CHANGES[kind].format(name)}"  # noqa: S608
        if not _told(session, table, change, verify):
            yield name
    if not _told(session, table, f"DELETE FROM {table}", verify):  # noqa: S608
        yield "DELETE"


def _told(session: Session, table: str, change: str, verify: Verify) -> list[str]:
    """What is told after a change of one row, which is then undone; constraints stop nobody who owns the database."""
    undo = session.begin_nested()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    checks = text("SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype = 'c'")
    for name in session.scalars(checks, {"table": table}).all():
        session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    session.execute(text(f"{change} WHERE ctid = (SELECT max(ctid) FROM {table})"))  # noqa: S608
    session.expire_all()
    found = verify(session)
    undo.rollback()
    session.expire_all()
    return found
