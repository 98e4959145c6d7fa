"""What is asked about a publication; the names are those of the operations, so that a refusal falls on its field."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from documents.publication import rules
from webapp.forms import accepted
from webapp.processo.fields import DayField, OneOf
from webapp.processo.forms import words

DAY_HINT = f"Um dia útil. Hoje, só até as {rules.CLOSES_AT:%Hh%M}."
_LONGEST = Length(max=500, message="Escreva até 500 caracteres.")


class _Needed:
    """Shown as needed; the rule says what is wrong."""

    field_flags = {"required": True}  # noqa: RUF012 - as WTForms reads it

    def __call__(self, form: object, field: object) -> None:
        """Nothing to say here."""


def _summary() -> TextAreaField:
    return TextAreaField(
        "Ementa", [_Needed(), _LONGEST, accepted(rules.summary)], filters=[words], render_kw={"rows": 3},
        description="Em uma ou duas frases, o que o ato faz. Todos poderão ler: não escreva dados pessoais que o ato não traga.",
    )  # fmt: skip


def _reason(label: str, hint: str = "") -> TextAreaField:
    return TextAreaField(
        label, [_Needed(), _LONGEST, accepted(rules.reason)], filters=[words], render_kw={"rows": 3}, description=hint
    )


class DayForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Another day for what repeats or undoes a publication, whose words are fixed."""

    day = DayField("Dia da publicação", [_Needed()], description=DAY_HINT)


class CorrectionForm(DayForm):
    """Another day and ementa for a rectification, which stays in its vehicle."""

    summary = _summary()


class ScheduleForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A first publication, or another day, vehicle and ementa for one that waits."""

    vehicle = OneOf("Onde publicar")
    day = DayField("Dia da publicação", [_Needed()], description=DAY_HINT)
    summary = _summary()


class CancelForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why it will not be published."""

    reason = _reason("Motivo do cancelamento", "Fica no processo; não é publicado.")


class RectifyForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Which document corrects, and what."""

    document_id = OneOf("Documento que retifica", description="Um documento assinado deste processo.")
    reason = _reason(
        "O que está sendo retificado", "É publicado. Por exemplo: no art. 2º, onde se lê “cinco”, leia-se “seis”."
    )
    summary = _summary()
    day = DayField("Dia da publicação", [_Needed()], description=DAY_HINT)


class AgainForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why the same text is published again, or left without effect."""

    reason = _reason("Motivo", "É publicado com o ato.")
    day = DayField("Dia da publicação", [_Needed()], description=DAY_HINT)
