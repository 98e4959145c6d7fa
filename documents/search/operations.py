"""Putting documents and dossiers into the search, in the transaction of the act: what was saved is found at once.

    index_document(session, document, text)     # after each save or upload; text: its words, without markup
    index_document(session, document)           # its title, number or type changed: the text stays
    index_dossier(session, dossier)             # opened, or its specification or parties changed

Whoever may see a document is decided when somebody searches, from the dossier itself: a change of level, a cancelled
or a deleted document needs no call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import cast
from sqlalchemy.types import Text

from documents.dossier.models import DocumentType, Dossier, DossierDocument, DossierParty, DossierType
from documents.search.flow import flow
from documents.search.models import SearchEntry, SearchPart
from documents.search.vectors import Vectors, number_mark, vectors
from documents.search.words import folded_words


@dataclass(frozen=True)
class Entry:
    """What the search is told. `document_id` None: the dossier itself. `numbers`: what people quote it by.

    `heading`: words that find it beside its text (title, type, numbers, parties); they come first. `text` None keeps
    the text of before.
    """

    dossier_id: UUID
    document_id: UUID | None
    kind: str
    type_key: str
    unit: str
    created_at: datetime
    author: UUID | None = None
    numbers: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    text: str | None = None

    @property
    def subject(self) -> UUID:
        """The thing that is found."""
        return self.document_id or self.dossier_id


def index_document(session: Session, document: DossierDocument, body: str | None = None) -> None:
    """Index a document of the tree; `body` None keeps the words that were indexed before."""
    type_name = session.scalar(select(DocumentType.name).where(DocumentType.key == document.type_key)) or ""
    index(
        session,
        Entry(
            dossier_id=document.dossier_id,
            document_id=document.id,
            kind=document.kind,
            type_key=document.type_key,
            unit=document.unit,
            created_at=document.created_at,
            author=document.created_by,
            numbers=(
                str(document.number),
                f"{document.number:07d}",
                *([document.type_number] if document.type_number else []),
            ),
            heading=(
                f"{type_name} {document.number:07d}",
                str(document.number),
                document.type_number or "",
                document.title or "",
                document.file_name or "",
            ),
            text=body,
        ),
    )


def index_dossier(session: Session, dossier: Dossier) -> None:
    """Index a dossier by its number, type, specification and parties, as they are now."""
    session.flush()
    type_name = session.scalar(select(DossierType.name).where(DossierType.key == dossier.type_key)) or ""
    parties = session.scalars(
        select(DossierParty.name).where(DossierParty.dossier_id == dossier.id).order_by(DossierParty.name_folded)
    ).all()
    index(
        session,
        Entry(
            dossier_id=dossier.id,
            document_id=None,
            kind="dossier",
            type_key=dossier.type_key,
            unit=dossier.origin_unit,
            created_at=dossier.created_at,
            author=dossier.created_by,
            numbers=(dossier.number,),
            heading=(dossier.number, type_name, dossier.specification or ""),
            parties=tuple(parties),
            text="",
        ),
    )


def index(session: Session, entry: Entry) -> None:
    """Put an entry into the search, or renew it; call it in the transaction of the act."""
    body = _body(session, entry)
    shown = _joined([*entry.heading, *entry.parties])
    found = folded_words(f"{shown}\n{body}")
    made = vectors(found, _marks(entry))
    identifier = _write(session, entry, made, "" if made.extent else flow(found), body)
    session.execute(delete(SearchPart).where(SearchPart.entry_id == identifier))
    if made.parts:
        _write_parts(session, identifier, made.parts)
    _learn(session, found)


def forget(session: Session, subject: UUID) -> None:
    """Take a document or a dossier's own row out of the search; needed only when the thing itself is destroyed."""
    session.execute(delete(SearchEntry).where(SearchEntry.subject == subject))


def _body(session: Session, entry: Entry) -> str:
    if entry.text is not None:
        return entry.text.replace("\x00", " ").encode("utf-8", "replace").decode()  # files hold what no text may
    return session.scalar(select(SearchEntry.body).where(SearchEntry.subject == entry.subject)) or ""


def _joined(texts: Sequence[str]) -> str:
    return "\n".join(one for one in texts if one)


def _marks(entry: Entry) -> list[str]:
    """Numbers without their punctuation, and the words of the parties' names."""
    marks = {number_mark("".join(folded_words(number))) for number in entry.numbers}
    marks |= {f"@{word}" for name in entry.parties for word in folded_words(name)}
    return sorted(mark for mark in marks if len(mark) > 1)


def _write(session: Session, entry: Entry, made: Vectors, frequent: str, body: str) -> int:
    values = {
        "stamp": int(entry.created_at.timestamp() * 1_000_000),
        "subject": entry.subject,
        "dossier_id": entry.dossier_id,
        "author": entry.author,
        "extent": made.extent,
        "kind": entry.kind,
        "unit": entry.unit,
        "type_key": entry.type_key,
        "words": cast(bindparam("vector", made.whole, Text), TSVECTOR),
        "flow": frequent,
        "body": body,
    }
    statement = upsert(SearchEntry).values(values)
    changed = {name: value for name, value in values.items() if name != "subject"}
    written = session.execute(
        statement.on_conflict_do_update(index_elements=["subject"], set_=changed).returning(SearchEntry.id)
    )
    return int(written.scalar_one())


def _write_parts(session: Session, identifier: int, parts: Sequence[str]) -> None:
    statement = insert(SearchPart).values(
        entry_id=identifier, part=bindparam("number"), words=cast(bindparam("vector", type_=Text), TSVECTOR)
    )
    session.connection().execute(statement, [{"number": number, "vector": part} for number, part in enumerate(parts)])


def _learn(session: Session, found: Sequence[str]) -> None:
    """New words join the vocabulary; two writers may each add the same one, and neither waits."""
    statement = text(
        "INSERT INTO search_word (word) SELECT fresh.word FROM unnest(:words) AS fresh (word)"
        ' WHERE NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = fresh.word COLLATE "C")'
    ).bindparams(bindparam("words", sorted(set(found)), ARRAY(Text)))
    session.execute(statement)
