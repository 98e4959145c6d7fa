"""A screen of the administration that keeps a list of things: what it lists, its form, how it reads and saves one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from documents.dossier.registry import KEY
from workflow import forms
from workflow.actor import Actor
from workflow.errors import InvalidInput
from workflow.process import Form


@dataclass(frozen=True)
class Line:
    """One thing in the list: its key in the address, its cells, and whether it is in use."""

    key: str
    cells: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True)
class Rule:
    """What one field must be: `check(session, key of what is changed or None, raw)` raises InvalidInput."""

    name: str
    check: Callable[[Session, str | None, Mapping[str, str]], object]


@dataclass(frozen=True)
class Screen:
    """`form(session, key)`: the fields, without the key's own when something is changed; `values(session, key)`: as they
    are now, in the form's own writing; `save(session, key, values, actor)`: key None makes a new one."""

    slug: str
    title: str
    one: str
    lead: str
    action: str
    columns: tuple[str, ...]
    lines: Callable[[Session], list[Line]]
    form: Callable[[Session, str | None], Form]
    values: Callable[[Session, str], Mapping[str, str]]
    save: Callable[[Session, str | None, Mapping[str, Any], Actor], object]
    empty: str
    editor: bool = False
    """Whether its fields of many lines hold the text of documents, for the editor."""
    rules: tuple[Rule, ...] = ()
    """What single fields must be, told together with what is missing; `save` asks it again."""
    delete: Callable[[Session, str, Actor], object] | None = None
    """Of things that are deleted, since they are not taken out of use."""


def problems(
    session: Session, form: Form, key: str | None, raw: Mapping[str, str], rules: Sequence[Rule]
) -> dict[str, str]:
    """Everything that is wrong with a form, all at once: what is declared of its fields, then the rules of single ones."""
    errors: dict[str, str] = {}
    try:
        forms.validate(form, raw)
    except InvalidInput as refusal:
        errors.update(refusal.fields)
    asked = {field.name for field in form.fields}
    for rule in rules:
        if rule.name not in asked or rule.name in errors or not raw.get(rule.name):
            continue
        try:
            rule.check(session, key, raw)
        except InvalidInput as refusal:
            errors[rule.name] = next(iter(refusal.fields.values()), refusal.message)
    return errors


def new_key(lines: Callable[[Session], list[Line]]) -> Rule:
    """An identifier: its form, and that nothing has it yet."""

    def check(session: Session, _key: str | None, raw: Mapping[str, str]) -> None:
        if not KEY.fullmatch(raw["key"]):
            raise InvalidInput({"key": "Use letras minúsculas sem acento, números e _, começando por letra."})
        if raw["key"] in {line.key for line in lines(session)}:
            raise InvalidInput({"key": "Já existe um com este identificador. Escolha outro."})

    return Rule("key", check)


def own_name(lines: Callable[[Session], list[Line]]) -> Rule:
    """A name that nothing else in the list has; it is the first cell of a line."""

    def check(session: Session, key: str | None, raw: Mapping[str, str]) -> None:
        if any(line.cells[0] == raw["name"] and line.key != key for line in lines(session)):
            raise InvalidInput({"name": "Já existe um com este nome."})

    return Rule("name", check)


def pairs(rows: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """A mapping as the choices of a field."""
    return tuple(rows.items())


def yes(value: bool) -> str:
    """A boolean as a form writes it."""
    return "sim" if value else "nao"
