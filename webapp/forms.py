"""Between WTForms and the operations: what an operation refused is shown at its field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import Field, Form
from wtforms.validators import ValidationError

from workflow.errors import DomainError, InvalidInput


def accepted(rule: Callable[..., object], *others: str) -> Callable[[Form, Field], None]:
    """A validator: what `rule` of a part refuses is told with what the other fields lack, not after it.

    `rule` gets the field's value and those of the fields `others`; the operation asks it again.
    """

    def validate(form: Form, field: Field) -> None:
        try:
            rule(field.data or "", *(form[name].data or "" for name in others))
        except InvalidInput as refusal:
            raise ValidationError(next(iter(refusal.fields.values()), refusal.message)) from None

    return validate


def blame(form: FlaskForm, refusal: DomainError) -> None:
    """Puts the refusal's words at the fields it names; what names no field of this form goes to the form's summary."""
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {}
    for name, message in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, message]
        else:
            form.form_errors.append(message)
    if not fields:
        form.form_errors.append(refusal.message)
