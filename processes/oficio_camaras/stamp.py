"""The receipt stamp: read as câmaras write it, written as the system does. Rules ST1 to ST5."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from workflow import clock
from workflow.errors import InvalidInput

_STAMP = re.compile(r"(.+?)\s+RECEBIDO\s+(\d{2}/\d{2}/\d{4})\s+(\d{2}:\d{2})\s+(\d+)\s+(\d+)/(\d+)")


@dataclass(frozen=True)
class Stamp:
    """A stamp: who, when (America/Sao_Paulo, no seconds: ST5), number as text (ST2), sheet of sheets."""

    entity: str
    day: date
    time: str
    number: str
    sheet: int
    sheets: int

    def written(self) -> str:
        """`CÂMARA MUNICIPAL DE BETIM RECEBIDO 18/01/2019 10:01 092 1/2` (ST3)."""
        return f"{self.entity} RECEBIDO {self.day:%d/%m/%Y} {self.time} {self.number} {self.sheet}/{self.sheets}"


def parse(text: str) -> Stamp:
    """ST1: the parts of a stamp; InvalidInput when it is not one."""
    found = _STAMP.fullmatch(" ".join(text.split()))
    if found is None:
        raise InvalidInput({"carimbo": "Escreva o carimbo como está no papel: CÂMARA MUNICIPAL DE … RECEBIDO "
                                       "18/01/2019 10:01 092 1/2."})  # fmt: skip
    entity, day, time, number, sheet, sheets = found.groups()
    try:
        instant = datetime.strptime(f"{day} {time}", "%d/%m/%Y %H:%M")  # noqa: DTZ007 - a day and an hour, no zone yet
    except ValueError:
        raise InvalidInput({"carimbo": f"A data {day} {time} do carimbo não existe."}) from None
    if not 1 <= int(sheet) <= int(sheets):
        raise InvalidInput({"carimbo": f"A folha {sheet}/{sheets} do carimbo não existe."})
    return Stamp(entity, instant.date(), time, number, int(sheet), int(sheets))


def instant_of(stamp: Stamp) -> datetime:
    """The instant that the stamp names, in the legal time zone (ST5)."""
    hour, minute = stamp.time.split(":")
    return datetime(stamp.day.year, stamp.day.month, stamp.day.day, int(hour), int(minute), tzinfo=clock.TZ)


def number_text(sequence: int) -> str:
    """ST2, ST3: the câmara's sequence of the year, at least three digits, zero-padded."""
    return f"{sequence:03d}"


def entity_of(name: str) -> str:
    """ST3: `CÂMARA MUNICIPAL DE BETIM`."""
    return f"CÂMARA MUNICIPAL DE {name.upper()}"


def stamps(name: str, received_at: datetime, number: str, sheets: int) -> tuple[Stamp, ...]:
    """ST3: one for each sheet of the document."""
    local = clock.local(received_at)
    return tuple(
        Stamp(entity_of(name), local.date(), f"{local:%H:%M}", number, sheet, sheets) for sheet in range(1, sheets + 1)
    )


def check_not_before(received_on: date, signed_at: datetime) -> None:
    """ST4: nothing is received before it was signed; the same day is fine."""
    signed_on = clock.local(signed_at).date()
    if received_on < signed_on:
        raise InvalidInput(
            {"data": f"A data do recebimento ({received_on:%d/%m/%Y}) é anterior à da assinatura ({signed_on:%d/%m/%Y}). "
                     "Confira e corrija."}
        )  # fmt: skip
