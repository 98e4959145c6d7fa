"""What the câmara's pages read beyond the ofícios' own queries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from documents.numbering.models import Counter
from processes.oficio_camaras import stamp
from workflow import clock


def next_number(session: Session, ibge: str) -> str:
    """The protocol number that a receipt of this câmara would get now (ST3); nothing is taken."""
    last = session.get(Counter, (f"recebimento:{ibge}", clock.today().year))
    return stamp.number_text((last.last if last else 0) + 1)
