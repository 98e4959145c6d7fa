"""Tables of the search: one narrow row a document or dossier, parts of long texts, the vocabulary, saved searches.

`search_entry.words` and `body` rest outside of the row (toast_tuple_target 128), so that a million rows are 600 MB and
counting or sorting hundreds of thousands of them stays in memory. `words` holds, besides the words with their
positions, marks that no typed word can equal, since a word has only letters and digits: `~` two neighbouring words
hashed (vectors.pair), `^` how words begin, `=` the digits of a number, `@` the names of the parties.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from documents.dossier.models import DossierDocument
from workflow.database import Base, UtcDateTime


def _gin(table: str) -> Index:
    """No pending list: every search would read it whole."""
    return Index(f"ix_{table}_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"})


class SearchEntry(Base):
    """A document of a dossier, or a dossier itself, as the search finds it. Newest first is `stamp`, then `id`.

    `extent`: 0, `words` holds everything; 1, a long text: `words` holds every word without positions, phrases are
    looked for in its parts; 2, an enormous one: words, too, are looked for in its parts.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('dossier', 'internal', 'form', 'external')", name="kind_known"),
        CheckConstraint("extent IN (0, 1, 2)", name="extent_known"),
        _gin("search_entry"),
        Index("ix_search_entry_stamp", "stamp", "id"),
        Index("ix_search_entry_dossier_id", "dossier_id", "stamp", "id"),
        Index("ix_search_entry_unit", "unit", "stamp", "id"),
        Index("ix_search_entry_type_key", "type_key", "stamp", "id"),
        Index("ix_search_entry_author", "author", "stamp", "id"),
        Index("ix_search_entry_long", "stamp", "id", postgresql_where="extent > 0"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    stamp: Mapped[int] = mapped_column(BigInteger)
    """Microseconds since 1970 of when it was made."""
    subject: Mapped[UUID] = mapped_column(unique=True)
    """The document, or the dossier when this is the dossier's own row."""
    dossier_id: Mapped[UUID] = mapped_column()
    author: Mapped[UUID | None] = mapped_column()
    extent: Mapped[int] = mapped_column(SmallInteger, default=0)
    kind: Mapped[str] = mapped_column(String(8))
    unit: Mapped[str] = mapped_column(String(20))
    type_key: Mapped[str] = mapped_column(String(60))
    words: Mapped[Any] = mapped_column(TSVECTOR)
    flow: Mapped[str] = mapped_column(Text(collation="C"))
    """The frequent words in their order (documents.search.flow); empty for a long text."""
    body: Mapped[str] = mapped_column(Text)
    """The text as it is read, for the highlights."""


class SearchPart(Base):
    """A part of a long text, with the positions of its words; parts overlap, so that no phrase is cut."""

    __tablename__ = "search_part"
    __table_args__ = (_gin("search_part"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entry.id", ondelete="CASCADE"), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    words: Mapped[Any] = mapped_column(TSVECTOR)


class SearchWord(Base):
    """The vocabulary, for `*` and `?`. A word may stand twice: writers never wait for one another here."""

    __tablename__ = "search_word"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    word: Mapped[str] = mapped_column(String(200, collation="C"), index=True)


class SavedSearch(Base):
    """A search that an account keeps."""

    __tablename__ = "saved_search"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The fields of the search page by name, those that are filled in."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


Index(
    "ix_dossier_document_unfinished",
    DossierDocument.id,
    DossierDocument.unit,
    DossierDocument.status,
    postgresql_where=DossierDocument.status.in_(("draft", "deleted")),
)
