"""Tables of numbers: one counter row a scope and year, and how each órgão writes its processo numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from workflow.database import Base


class Counter(Base):
    """The last number given in a scope and year (year 0: the scope never restarts)."""

    __tablename__ = "counter"

    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class NumberMask(Base):
    """How an órgão writes the numbers of its processos: a mask and the rule of the check digits."""

    __tablename__ = "number_mask"

    organ: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Sigla of the órgão (ALMG)."""
    code: Mapped[str] = mapped_column(String(5))
    """Its digits in the number: `0100` in the Sei!MG form."""
    mask: Mapped[str] = mapped_column(String(80))
    """`{organ:4}.{unit:2}.{seq:07d}/{year}-{dv}` is the Sei!MG form."""
    algorithm: Mapped[str] = mapped_column(String(20))
    """mod97 (Sei!MG), mod11_federal (NUP) or mod11_trf4 (identifiers.md, section 3)."""
