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
    if not op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM search_entry)")):
        return
    op.execute("DROP INDEX ix_search_entry_words")  # else each row changed is indexed word by word
    _fill()
    op.execute("CLUSTER search_entry USING ix_search_entry_stamp")  # without the rows of before
    op.execute("CREATE INDEX ix_search_entry_words ON search_entry USING gin (words) WITH (fastupdate = off)")
    op.execute("ANALYZE search_entry")


def _fill() -> None:
    connection = op.get_bind()
    last = 0
    while True:
        rows = connection.execute(
            sa.text(
                "SELECT id, words::text FROM search_entry WHERE id > :last AND extent = 0 ORDER BY id LIMIT :batch"
            ),
            {"last": last, "batch": _BATCH},
        ).all()
        if not rows:
            return
        last = rows[-1][0]
        connection.execute(
            sa.text(
                "UPDATE search_entry SET flow = made.flow"
                " FROM unnest(CAST(:ids AS bigint[]), CAST(:flows AS text[])) AS made (id, flow)"
                " WHERE search_entry.id = made.id"
            ),
            {"ids": [row[0] for row in rows], "flows": [flow(list(_sequence(row[1]))) for row in rows]},
        )


def _sequence(vector: str) -> Iterator[str]:
    """The words of a tsvector's text in the order of their positions; marks have none."""
    placed = ((int(place), word) for word, places in _WORD.findall(vector) for place in places.split(","))
    return (word for _, word in sorted(placed))
