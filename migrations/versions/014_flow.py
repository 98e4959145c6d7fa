"""flow: the frequent words of a text in their order, beside its vector, so that frequent phrases are counted in a second."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from documents.search.flow import flow

revision = "014"
down_revision = "013"

_BATCH = 5_000
_WORD = re.compile(r"'([^']*)':([\d,]+)")


def upgrade() -> None:
    op.add_column("search_entry", sa.Column("flow", sa.Text(collation="C"), nullable=False, server_default=""))
    op.alter_column("search_entry", "flow", server_default=None)
    op.execute("ALTER TABLE search_entry ALTER COLUMN flow SET STORAGE MAIN")  # the narrow row keeps it
    if op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM search_entry)")):
        _fill()


def _fill() -> None:
    """The table is written anew, once: updating its rows would leave as many dead ones between them."""
    op.execute('CREATE TEMP TABLE made (id bigint PRIMARY KEY, flow text COLLATE "C") ON COMMIT DROP')
    _make()
    op.execute(
        "CREATE FUNCTION pg_temp.flow_of(bigint) RETURNS text LANGUAGE sql STABLE AS"
        " $$SELECT coalesce((SELECT made.flow FROM pg_temp.made WHERE made.id = $1), '')$$"
    )
    op.execute("SET LOCAL maintenance_work_mem = '512MB'")
    op.execute(  # a change of type forgets the storage, and rows are written as it then stands
        'ALTER TABLE search_entry ALTER COLUMN flow TYPE text COLLATE "C" USING pg_temp.flow_of(id),'
        " ALTER COLUMN flow SET STORAGE MAIN"
    )
    op.execute("DROP FUNCTION pg_temp.flow_of(bigint)")
    op.execute("ANALYZE search_entry")


def _make() -> None:
    connection = op.get_bind()
    reading = sa.text(
        "SELECT id, words::text FROM search_entry WHERE id > :last AND extent = 0 ORDER BY id LIMIT :some"
    )
    writing = sa.text("INSERT INTO made SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:flows AS text[]))")
    last = 0
    while rows := connection.execute(reading, {"last": last, "some": _BATCH}).all():
        last = rows[-1][0]
        flows = [flow(list(_sequence(vector))) for _, vector in rows]
        connection.execute(writing, {"ids": [row[0] for row in rows], "flows": flows})


def _sequence(vector: str) -> Iterator[str]:
    """The words of a tsvector's text in the order of their positions; marks have none."""
    placed = ((int(place), word) for word, places in _WORD.findall(vector) for place in places.split(","))
    return (word for _, word in sorted(placed))
