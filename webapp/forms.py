"""Between WTForms and the operations: what an operation refused is shown at its field, and nothing typed is lost."""

from __future__ import annotations

from flask_wtf import FlaskForm

from workflow.errors import DomainError, InvalidInput


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
