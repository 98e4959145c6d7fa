"""What the attendant of the CAC fills in."""

from __future__ import annotations

import re

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, ValidationError

from people.persons import UNDO_REASONS

_SEEN = "O documento com foto foi apresentado e conferido"
_MARK = "Confira o documento com foto e marque que ele foi visto."
_IDENTIFIES = re.compile(r"\d{3}\D?\d{3}\D?\d{3}\D?\d{2}|\S+@\S+")


def one_line(text: str | None) -> str:
    """White space made single, no full stop at the end: the pages put the reason inside a sentence."""
    return " ".join((text or "").split()).rstrip(" .")


def names_nobody(_: FlaskForm, field: Field) -> None:
    """What anybody reads may hold no CPF and no e-mail (LGPD, art. 6º, III)."""
    if _IDENTIFIES.search(field.data or ""):
        raise ValidationError("Escreva o motivo sem CPF e sem e-mail: qualquer pessoa poderá lê-lo.")


class ProofForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """PO6: what is in the document that the holder shows."""

    full_name = StringField("Nome completo, como está no documento", [DataRequired("Digite o nome do documento.")])
    cpf = StringField("CPF do documento", [DataRequired("Digite o CPF do documento.")])
    document_seen = BooleanField(_SEEN, [DataRequired(_MARK)])
    other_cpf = BooleanField("Conferi de novo no documento: o CPF certo é o que digitei, e não o que a conta declarou")
    name_that_holds = RadioField("Qual é o nome da pessoa?", validate_choice=False)


class AddCpfForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """D8: a registration without CPF, or with one that nobody has checked."""

    cpf = StringField("CPF do documento", [DataRequired("Digite o CPF do documento.")])
    document_seen = BooleanField(_SEEN, [DataRequired(_MARK)])


def a_reason(_: FlaskForm, field: Field) -> None:
    """One of those shown; WTForms' own check speaks English."""
    if field.data not in UNDO_REASONS:
        raise ValidationError("Marque por que a comprovação é desfeita.")


class UndoForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The account was tied to a person whose it is not."""

    reason = RadioField(
        "Por quê?",
        [a_reason],
        choices=[SelectChoice(slug, words) for slug, words in UNDO_REASONS.items()],
        validate_choice=False,
    )


class IssueForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """DE6: who asks, and what was shown. Nothing of it is copied."""

    who = RadioField(
        "Quem está pedindo?",
        [DataRequired("Marque quem está pedindo.")],
        choices=[
            SelectChoice("holder", "A própria pessoa"),
            SelectChoice("third_party", "Outra pessoa, com procuração"),
        ],
        default="holder",
    )
    document_seen = BooleanField(_SEEN, [DataRequired(_MARK)])
    power_of_attorney = BooleanField("A procuração foi apresentada e conferida")


def among_choices(_: FlaskForm, field: RadioField) -> None:
    """One of those shown; WTForms' own check speaks English."""
    if field.data not in [option.data for option in field]:
        raise ValidationError("Marque de quem é esta entrada.")


class CancelForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """D6: why a declaration is cancelled; whoever validates its code reads it."""

    reason = TextAreaField(
        "Motivo do cancelamento",
        [
            DataRequired("Escreva o motivo do cancelamento."),
            Length(3, 200, "Escreva o motivo do cancelamento, com 3 a 200 caracteres."),
            names_nobody,
        ],
        filters=[one_line],
    )


class CorrectionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """DE12: whose the entry was, and how the mistake was found. `right_person` gets its choices from the search."""

    right_person = RadioField("De quem é esta entrada?", [among_choices], validate_choice=False)
    explanation = TextAreaField(
        "Como se descobriu o engano",
        [
            DataRequired("Explique como se descobriu o engano."),
            Length(3, 500, "Explique como se descobriu o engano, com 3 a 500 caracteres."),
        ],
        filters=[one_line],
    )
