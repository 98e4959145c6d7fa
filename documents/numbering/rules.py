"""Numbers of processos and of documents: check digits, masks, and what is wrong with a number that came from outside.

Sources: Portaria Interministerial 11/2019 (NUP); ISO/IEC 7064 MOD 97-10 (the Sei!MG form, whose rule was inferred from
real numbers); Of. 002/2018/GRPC/GRI (the ofício's mask, OF1).
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

from workflow.errors import InvalidInput

Algorithm = Literal["mod97", "mod11_federal", "mod11_trf4"]
ALGORITHMS: dict[str, str] = {
    "mod97": "Sei!MG (módulo 97)",
    "mod11_federal": "NUP federal (módulo 11)",
    "mod11_trf4": "Módulo 11 com pesos de 2 a 9",
}
SEIMG_MASK = "{organ:4}.{unit:2}.{seq:07d}/{year}-{dv}"
OFICIO = re.compile(r"^Of\. (?!000/)(?!0\d{3,}/)\d{3,}/\d{4}/[A-Z][A-Za-z]*(/[A-Z][A-Za-z]*)*$")
"""OF1."""

_SPEC = re.compile(r"^0?[0-9]{0,2}d?$")
_PROCESS_FIELDS = frozenset({"organ", "unit", "seq", "year", "yy", "dv"})
_TYPE_FIELDS = frozenset({"seq", "year", "siglas", "unit"})


def check_digits(body: str, algorithm: str) -> str:
    """The check digits of a number's body, of which only the digits count."""
    digits = [int(char) for char in body if char in string.digits]
    if algorithm == "mod97":
        return _mod97(digits)
    if algorithm == "mod11_federal":
        return _mod11_federal(digits)
    if algorithm == "mod11_trf4":
        return _mod11_trf4(digits)
    raise InvalidInput({"algorithm": "Escolha uma das regras de dígito verificador da lista."}, algorithm=algorithm)


def _mod97(digits: Sequence[int]) -> str:
    """ISO/IEC 7064 MOD 97-10: with these two digits the whole, read as one integer, leaves 1 when divided by 97."""
    return f"{98 - int(''.join(map(str, digits)) or '0') * 100 % 97:02d}"


def _mod11_federal(digits: Sequence[int]) -> str:
    """NUP: weights 2, 3, 4… from right to left over all that precedes; the second digit covers the first."""
    found = list(digits)
    for _ in range(2):
        total = sum(digit * weight for weight, digit in enumerate(reversed(found), start=2))
        found.append((11 - total % 11) % 10)
    return f"{found[-2]}{found[-1]}"


def _mod11_trf4(digits: Sequence[int]) -> str:
    """One digit: weights 2 to 9 over and over from right to left; 10 and 11 become 0."""
    total = sum(digit * weight for digit, weight in zip(reversed(digits), cycle(range(2, 10)), strict=False))
    digit = 11 - total % 11
    return "0" if digit > 9 else str(digit)


def process_number(mask: str, organ_code: str, unit_code: str, seq: int, year: int, algorithm: str) -> str:
    """A processo's own number. The digits are those of everything in the mask that stands before `{dv}`."""
    require_process_mask(mask)
    values = {"organ": organ_code, "unit": unit_code, "seq": seq, "year": year, "yy": f"{year % 100:02d}", "dv": ""}
    body, _, _ = mask.partition("{dv}")
    written = body.format_map(values)
    return written + check_digits(written, algorithm) + mask[len(body) + len("{dv}") :]


def require_process_mask(mask: str) -> None:
    """InvalidInput unless the mask has a sequence, a year and, at its end, the check digits; and nothing strange."""
    names = _fields(mask, _PROCESS_FIELDS)
    ends = mask.endswith("{dv}") and names.count("dv") == 1
    if not ends or "seq" not in names or not {"year", "yy"} & set(names):
        raise InvalidInput({"mask": "A máscara precisa de {seq}, de {year} e, no fim, de {dv}."})


def write(mask: str, *, seq: int, year: int, siglas: Sequence[str] = (), unit: str = "") -> str:
    """The number of a document of its type: `Of. 002/2018/GRPC/GRI`, units larger → smaller (OF1)."""
    require_type_mask(mask)
    if seq < 1:
        raise ValueError("numbers begin at 1")
    return mask.format_map({"seq": seq, "year": year, "siglas": "/".join(siglas or (unit,)), "unit": unit})


def require_type_mask(mask: str) -> None:
    """InvalidInput unless the mask has a sequence and a year, and nothing strange."""
    names = _fields(mask, _TYPE_FIELDS)
    if not {"seq", "year"} <= set(names):
        raise InvalidInput({"mask": "A máscara precisa de {seq} e de {year}, por exemplo {seq:03d}/{year}/{unit}."})


def _fields(mask: str, known: frozenset[str]) -> list[str]:
    """The names in a mask; only plain names and widths, since administrators type masks."""
    try:
        parts = list(string.Formatter().parse(mask))
    except ValueError:
        raise InvalidInput({"mask": "Confira as chaves { } da máscara: cada uma precisa do seu par."}) from None
    names = []
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in known or conversion or not _SPEC.match(spec or ""):
            raise InvalidInput(
                {"mask": f"A máscara só pode usar {', '.join('{' + one + '}' for one in sorted(known))}."}
            )
        names.append(name)
    return names


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """What we can say of a number: its form, and whether its digits are those of the form's rule.

    `ok` is None when the form is none that we know. `expected` are the digits that the rule gives.
    """

    number: str
    form: str | None
    ok: bool | None
    expected: str = ""
    warning: str = ""


_FORMS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("seimg", "mod97", re.compile(r"(\d{4}\.\d{2}\.\d{7}/\d{4})-(\d{2})")),
    ("nup", "mod11_federal", re.compile(r"(\d{5}\.\d{6}/\d{4})-(\d{2})")),
    ("nipe", "mod11_federal", re.compile(r"(\d{2}\.\d{6}\.\d{6}/\d{4})-(\d{2})")),
    ("trf4", "mod11_trf4", re.compile(r"(\d{2}\.\d\.\d{9})-(\d)")),
)


def check(number: str) -> NumberCheck:
    """A number that came from outside: wrong digits are a warning, never a refusal (a university's own rule differed
    for years; identifiers.md, section 3)."""
    text = number.strip()
    for form, algorithm, pattern in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            expected = check_digits(match[1], algorithm)
            ok = expected == match[2]
            warning = "" if ok else f"O dígito verificador não confere: pela regra, seria {expected}. Confira o número."
            return NumberCheck(text, form, ok, expected, warning)
    return NumberCheck(text, None, None, "", "Não reconhecemos a forma deste número. Confira se está completo.")
