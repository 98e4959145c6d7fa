"""What the attendant of the CAC fills in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired

_SEEN = "O documento com foto foi apresentado e conferido"
_MARK = "Confira o documento com foto e marque que ele foi visto."


class ProofForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """PO6: what is in the document that the holder shows."""

    full_name = StringField("Nome completo, como está no documento", [DataRequired("Digite o nome do documento.")])
    cpf = StringField("CPF do documento", [DataRequired("Digite o CPF do documento.")])
    document_seen = BooleanField(_SEEN, [DataRequired(_MARK)])


class AddCpfForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """D8: a registration without CPF, or with one that nobody has checked."""

    cpf = StringField("CPF do documento", [DataRequired("Digite o CPF do documento.")])
    document_seen = BooleanField(_SEEN, [DataRequired(_MARK)])


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
