"""What the attendant types."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired


class DetailsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Full name and CPF, as the document says (R4: the CPF is asked for and not demanded)."""

    nome = StringField("Nome completo", [DataRequired("Escreva o nome completo, como está no documento.")])
    cpf = StringField(
        "CPF", description="Peça o CPF. Se a pessoa não tiver, continue: a declaração de comparecimento depende dele."
    )


class WaiverForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why it is impossible to show a document, in the words of the Gpol (art. 3º, § 6º; R11)."""

    justificativa = TextAreaField(
        "Por que é impossível apresentar documento?",
        [DataRequired("Explique, em até 500 caracteres, por que não há como apresentar documento.")],
    )
