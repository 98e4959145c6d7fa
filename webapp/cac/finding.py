"""Looking somebody up by CPF or name, as several pages of the desk do."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from people import queries
from people.queries import PersonRow
from workflow.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class Found:
    """What was looked for (`q` of the form), who was found, and why nothing could be looked for."""

    text: str
    people: tuple[PersonRow, ...] = ()
    error: str = ""

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it."""
        return 422 if self.error else 200


def look_up(db: Session) -> Found:
    """By CPF or by name; homonyms all come, and the document decides. POST only: no CPF rests in an address."""
    if "q" not in request.form:
        return Found("")
    text = request.form["q"]
    try:
        return Found(text, tuple(queries.search_people(db, text)))
    except InvalidInput as refusal:
        return Found(text, error=next(iter(refusal.fields.values()), refusal.message))


def person_row(db: Session, person_id: UUID) -> PersonRow:
    """A living person, or NotFound."""
    found = queries.person(db, person_id)
    if found is None:
        raise NotFound("Não encontramos essa pessoa.")
    return found
