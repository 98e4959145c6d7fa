"""What the attendant types."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired

from people import rules


class DetailsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Full name and CPF, as the document says (R4: the CPF is asked for and not demanded)."""

    nome = StringField("Nome completo", [DataRequired("Escreva o nome completo, como está no documento.")])
    cpf = StringField(
        "CPF", description="Peça o CPF. Se a pessoa não tiver, continue: a declaração de comparecimento depende dele."
    )
    sugerido = HiddenField()
    """The capitals were offered once: what comes back is what the attendant wants."""

    def offers_capitals(self) -> bool:
        """Puts the name with capitals into the form, once: it goes on the official paper as it stands there."""
        typed = " ".join((self.nome.data or "").split())
        if self.sugerido.data or rules.with_capitals(typed) == typed:
            return False
        self.nome.data, self.sugerido.data = rules.with_capitals(typed), "sim"
        return True


class WaiverForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why it is impossible to show a document, in the words of the Gpol (art. 3º, § 6º; R11)."""

    justificativa = TextAreaField(
        "Por que é impossível apresentar documento?",
        [DataRequired("Explique, em até 500 caracteres, por que não há como apresentar documento.")],
    )
