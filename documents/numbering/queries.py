"""Reading about numbers: how an órgão writes them and which comes next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.numbering import rules
from documents.numbering.models import Counter, NumberMask
from documents.numbering.operations import DEFAULT_CODE, DEFAULT_UNIT_CODE
from people import units
from people.models import Organ, Unit
from workflow import clock
from workflow.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Mask:
    """How an órgão writes the numbers of its processos."""

    code: str
    mask: str
    algorithm: str


def mask_of(session: Session, organ: str) -> Mask:
    """The órgão's own mask, else the Sei!MG form with its code."""
    row = session.get(NumberMask, organ)
    if row is not None:
        return Mask(row.code, row.mask, row.algorithm)
    known = session.get(Organ, organ)
    return Mask(known.code if known else DEFAULT_CODE, rules.SEIMG_MASK, "mod97")


def example(session: Session, organ: str) -> str:
    """The number that the órgão's first unit would give next this year; nothing is taken."""
    mask = mask_of(session, organ)
    year = clock.today().year
    last = session.get(Counter, (f"processo:{mask.code}:{DEFAULT_UNIT_CODE}", year))
    seq = (last.last if last else 0) + 1
    return rules.process_number(mask.mask, mask.code, DEFAULT_UNIT_CODE, seq, year, mask.algorithm)


def type_example(session: Session, mask: str) -> str:
    """How a document's number looks: the first of this year, in a unit that has another above it, where there is one."""
    rows = session.execute(select(Unit.sigla).order_by(Unit.parent.is_(None), Unit.sigla).limit(1)).all()
    sigla = rows[0][0] if rows else "UNIDADE"
    try:
        return rules.write(mask, seq=1, year=clock.today().year, siglas=units.path(session, sigla), unit=sigla)
    except InvalidInput:
        return "máscara a corrigir"
