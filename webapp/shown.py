"""How values are shown to people: Jinja filters, all in Brazilian Portuguese and in local time.

`|date` 24/11/2026 · `|time` 14h05 · `|instant` 24/11/2026, 14h05 · `|long_date` terça-feira, 24 de novembro de 2026
`|masked_cpf` ***.982.247-** · `|cpf` 529.982.247-25 (only for its owner or who proves it) · `|ago` há 5 minutos
`|validation_code` 7K3M-Q2XA-9TZ4-HB6W
"""

from __future__ import annotations

from datetime import date, datetime

from documents import codes
from workflow import clock

WEEKDAYS = (
    "segunda-feira",
    "terça-feira",
    "quarta-feira",
    "quinta-feira",
    "sexta-feira",
    "sábado",
    "domingo",
)
MONTHS = (
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)


def _day(value: date | datetime) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def show_date(value: date | datetime | None) -> str:
    """24/11/2026"""
    return "" if value is None else _day(value).strftime("%d/%m/%Y")


def show_time(value: datetime | None) -> str:
    """14h05"""
    return "" if value is None else clock.local(value).strftime("%Hh%M")


def show_instant(value: datetime | None) -> str:
    """24/11/2026, 14h05"""
    return "" if value is None else f"{show_date(value)}, {show_time(value)}"


def long_date(value: date | datetime | None) -> str:
    """terça-feira, 24 de novembro de 2026"""
    if value is None:
        return ""
    day = _day(value)
    return f"{WEEKDAYS[day.weekday()]}, {'1º' if day.day == 1 else day.day} de {MONTHS[day.month - 1]} de {day.year}"


def cpf(value: str | None) -> str:
    """529.982.247-25; as it is when it isn't eleven digits."""
    digits = "".join(c for c in value or "" if c.isdigit())
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}" if len(digits) == 11 else value or ""


def masked_cpf(value: str | None) -> str:
    """***.982.247-** (VA3)"""
    digits = "".join(c for c in value or "" if c.isdigit())
    return f"***.{digits[3:6]}.{digits[6:9]}-**" if len(digits) == 11 else ""


def validation_code(value: str | None) -> str:
    """7K3M-Q2XA-9TZ4-HB6W (DE8)"""
    return codes.formatted(value) if value else ""


def ago(value: datetime, reference: datetime | None = None) -> str:
    """há 5 minutos"""
    seconds = int(((reference or clock.now()) - value).total_seconds())
    if seconds < 60:
        return "agora"
    for size, one, many in ((86400, "dia", "dias"), (3600, "hora", "horas"), (60, "minuto", "minutos")):
        if seconds >= size:
            amount = seconds // size
            return f"há {amount} {one if amount == 1 else many}"
    return "agora"


FILTERS = {
    "date": show_date,
    "time": show_time,
    "instant": show_instant,
    "long_date": long_date,
    "cpf": cpf,
    "masked_cpf": masked_cpf,
    "ago": ago,
    "validation_code": validation_code,
}
