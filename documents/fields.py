"""The blanks of a model, checked and written as a document writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache

from fontTools.ttLib import TTFont

from documents.assets import fonts
from documents.kinds import Kind, KindField
from documents.texts.sanitising import plain, sanitise
from people import rules
from workflow.errors import InvalidInput

FieldValue = str | date


def written(kind: Kind, given: Mapping[str, FieldValue]) -> dict[str, str]:
    """Each field as printed (`dd/mm/aaaa`, `000.000.000-00`); InvalidInput names what is missing or impossible."""
    texts: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field in kind.fields:
        if not field.required and not given.get(field.name):
            texts[field.name] = ""
            continue
        try:
            texts[field.name] = _WRITERS[field.kind](field, given.get(field.name))
        except ValueError as wrong:
            problems[field.name] = str(wrong)
    unknown = set(given) - {field.name for field in kind.fields}
    if unknown:
        raise InvalidInput(message="O documento não tem um dos campos enviados.", unknown=sorted(unknown))
    if problems:
        raise InvalidInput(problems, "O documento não pôde ser emitido: confira os dados.")
    return texts


def masked_cpf(text: str) -> str:
    """`***.982.247-**`: what a validation shows (VA3)."""
    return rules.mask_cpf("".join(letter for letter in text if letter.isdigit()))


def unprintable(text: str) -> str:
    """The characters of a text that the documents' letters do not write, as told to a person; empty when none."""
    strange = sorted({letter for letter in text if letter != "\n" and not _printable(letter)})
    return ", ".join(_shown(letter) for letter in strange[:5])


def _text(field: KindField, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"Informe: {field.label}.")
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if len(text) > field.max_length:
        raise ValueError(f"{field.label}: use no máximo {field.max_length} caracteres.")
    strange = unprintable(text)
    if strange:
        raise ValueError(f"{field.label}: retire ou troque o que a letra do documento não escreve: {strange}.")
    return text


def _html(field: KindField, value: object) -> str:
    """A text with markup, cleaned here once more: what is printed unescaped has passed this line."""
    if not isinstance(value, str) or (field.required and not plain(value)):
        raise ValueError(f"Informe: {field.label}.")
    try:
        clean = sanitise(unicodedata.normalize("NFC", value))
    except InvalidInput as refused:
        raise ValueError(" ".join(refused.fields.values())) from None
    if len(clean) > field.max_length:
        raise ValueError(f"{field.label}: use no máximo {field.max_length} caracteres.")
    strange = unprintable(plain(clean))
    if strange:
        raise ValueError(f"{field.label}: retire ou troque o que a letra do documento não escreve: {strange}.")
    return clean


def _cpf(field: KindField, value: object) -> str:
    try:
        return rules.format_cpf(rules.normalize_cpf(value if isinstance(value, str) else ""))
    except InvalidInput:
        raise ValueError(f"{field.label}: informe um número válido, com 11 dígitos.") from None


def _date(field: KindField, value: object) -> str:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{field.label}: informe uma data válida.") from None
    if type(value) is not date:
        raise ValueError(f"Informe: {field.label}.")
    return f"{value:%d/%m}/{value.year:04d}"


_WRITERS = {"text": _text, "cpf": _cpf, "date": _date, "html": _html}


def _printable(letter: str) -> bool:
    """In the packaged fonts (PDF/A forbids .notdef: ISO 19005-3, 6.2.11.8) and no control or bidi override."""
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and ord(letter) in _glyphs()


def _shown(letter: str) -> str:
    visible = unicodedata.category(letter)[0] not in "CZ"
    return f"“{letter}”" if visible else f"caractere U+{ord(letter):04X}"


@cache
def _glyphs() -> frozenset[int]:
    """The characters that every packaged font can write."""
    sets = []
    for path in fonts():
        with TTFont(path, lazy=True) as font:
            sets.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*sets)
