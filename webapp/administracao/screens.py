"""A screen of the administration that keeps a list of things: what it lists, its form, how it reads and saves one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from workflow.actor import Actor
from workflow.process import Form


@dataclass(frozen=True)
class Line:
    """One thing in the list: its key in the address, its cells, and whether it is in use."""

    key: str
    cells: tuple[str, ...]
    active: bool = True


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


def pairs(rows: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """A mapping as the choices of a field."""
    return tuple(rows.items())


def yes(value: bool) -> str:
    """A boolean as a form writes it."""
    return "sim" if value else "nao"
