"""Taking numbers. A counter row is locked from the moment it is taken to the end of the transaction: take it late.

A rollback gives the number back, so there are no gaps; nothing ever gives a number twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType
from documents.numbering import rules
from documents.numbering.models import Counter, NumberMask
from people import units
from people.models import Organ, Unit
from workflow import clock, history
from workflow.actor import Actor
from workflow.errors import InvalidInput, NotFound

__all__ = ["new_document_number", "new_process_number", "new_type_number", "next_number", "own_number", "set_mask"]

NEXT = text(
    "INSERT INTO counter (scope, year, last) VALUES (:scope, :year, 1)"
    " ON CONFLICT (scope, year) DO UPDATE SET last = counter.last + 1 RETURNING last"
)
_YEAR = re.compile(r"/(\d{4})-\d+$")
DEFAULT_CODE = "0100"
DEFAULT_UNIT_CODE = "01"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number is given: the órgão and the unit, with their codes."""

    organ: str
    organ_code: str
    unit_code: str
    mask: str
    algorithm: str

    @property
    def scope(self) -> str:
        """The sequence of processos: by codes, since several units may share one."""
        return f"processo:{self.organ_code}:{self.unit_code}"


def next_number(session: Session, scope: str, year: int) -> int:
    """The next number of a scope and year, from 1; whoever else asks waits until this transaction ends."""
    session.flush()
    return int(session.execute(NEXT, {"scope": scope, "year": year}).scalar_one())


def new_process_number(session: Session, unit: str) -> str:
    """The next number of a processo that this unit opens, in the form of its órgão; yearly."""
    place = place_of(session, unit)
    year = clock.today().year
    seq = next_number(session, place.scope, year)
    return rules.process_number(place.mask, place.organ_code, place.unit_code, seq, year, place.algorithm)


def new_document_number(session: Session) -> int:
    """The protocol number of a document. From a sequence of the database: unique, never reused, and nobody waits."""
    return int(session.execute(text("SELECT nextval('protocol_number')")).scalar_one())


def new_type_number(session: Session, type_key: str, unit: str) -> str:
    """The number that a document of this type gets when it is first signed; yearly, by unit or by órgão (OF2, OF3).

    InvalidInput when the type has no numbering of its own.
    """
    kind = session.get(DocumentType, type_key)
    if kind is None:
        raise NotFound("Não encontramos este tipo de documento.", type=type_key)
    if kind.numbering == "none":
        raise InvalidInput({"type": "Este tipo de documento não tem numeração própria."})
    year = clock.today().year
    whose = unit if kind.numbering == "unit" else f"orgao:{place_of(session, unit).organ}"
    siglas = units.path(session, unit)
    seq = next_number(session, f"tipo:{type_key}:{whose}", year)
    return rules.write(kind.mask, seq=seq, year=year, siglas=siglas, unit=unit)


def place_of(session: Session, unit: str) -> Place:
    """The codes and the mask that hold for a unit; the Sei!MG form where the órgão has said nothing else."""
    path = units.path(session, unit)
    rows = {row.sigla: row for row in session.scalars(select(Unit).where(Unit.sigla.in_(path)))}
    line = [rows[sigla] for sigla in reversed(path) if sigla in rows]
    organ_sigla = next((row.organ for row in line if row.organ), None)
    unit_code = next((row.code for row in line if row.code), DEFAULT_UNIT_CODE)
    organ = session.get(Organ, organ_sigla) if organ_sigla else session.scalar(select(Organ).order_by(Organ.code))
    sigla = organ.sigla if organ else "ALMG"
    code = organ.code if organ else DEFAULT_CODE
    mask = session.get(NumberMask, sigla)
    if mask is None:
        return Place(sigla, code, unit_code, rules.SEIMG_MASK, "mod97")
    return Place(sigla, mask.code, unit_code, mask.mask, mask.algorithm)


def own_number(session: Session, number: str, unit: str) -> rules.NumberCheck:
    """A number that somebody informs for a new processo, instead of one from the sequence.

    Of another órgão: wrong digits are a warning. Of our own órgão: wrong digits are an error, and so is a number of a
    year whose sequence this system keeps, since it would be given twice.
    """
    found = rules.check(number)
    place = place_of(session, unit)
    year = _YEAR.search(found.number)
    if found.form is None or year is None or not found.number.startswith(f"{place.organ_code}."):
        return found
    if not found.ok:
        raise InvalidInput({"number": found.warning})
    ours = Counter.scope.startswith(f"processo:{place.organ_code}:", autoescape=True)
    kept = session.scalar(select(Counter.last).where(ours, Counter.year == int(year[1])).limit(1))
    if kept is not None or int(year[1]) >= clock.today().year:
        raise InvalidInput({"number": "Números deste ano são dados pelo sistema. Deixe o campo em branco."})
    return found


def set_mask(session: Session, organ: str, code: str, mask: str, algorithm: str, *, actor: Actor) -> NumberMask:
    """How an órgão writes its numbers from now on; those given stay as they are."""
    rules.process_number(mask, code, DEFAULT_UNIT_CODE, 1, clock.today().year, algorithm)
    if not code.isdecimal() or not 2 <= len(code) <= 5:
        raise InvalidInput({"code": "O código do órgão tem de dois a cinco números, por exemplo 0100."})
    row = session.merge(NumberMask(organ=organ, code=code, mask=mask, algorithm=algorithm))
    session.flush()
    history.record(session, "mascara_de_numero", {"organ": organ, "mask": mask, "algorithm": algorithm}, actor=actor)
    return row


history.register_kinds({"mascara_de_numero": "Forma dos números de processo de {organ} definida."})
