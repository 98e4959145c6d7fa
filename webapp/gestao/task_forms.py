"""The form of any user task, filled in: a new process needs no web code. The engine reads and checks the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow.process import Form


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: `raw` what was typed, `errors` what to do about it. Nothing typed is lost."""

    raw: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def posted(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """What was posted for the fields that `form` has, line ends as Unix writes them; the rest is not the form's."""
    found = {item.name: values.get(item.name, "").replace("\r\n", "\n").strip() for item in form.fields}
    return {item.name: _one_line(found[item.name]) if item.kind == "text" else found[item.name] for item in form.fields}


def with_labels(form: Form, errors: Mapping[str, str]) -> dict[str, str]:
    """The engine's words, each beginning with the label of its field, so that the summary reads by itself."""
    labels = {item.name: item.label for item in form.fields}
    return {name: _told(labels[name], text) if name in labels else text for name, text in errors.items()}


def _told(label: str, text: str) -> str:
    if label.endswith("?"):
        return f"{label} {text}"
    return f"{label}: {text[:1].lower()}{text[1:]}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
