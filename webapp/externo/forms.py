"""What an external user fills in: a signature, documents to send."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The password once, and as what the person signs."""

    cargo = StringField(
        "Cargo ou função",
        [InputRequired("Informe o cargo ou a função com que você assina."), Length(max=120)],
        description="Por exemplo: Presidente da Câmara, Representante legal.",
    )
    password = PasswordField("Sua senha", [InputRequired("Informe a senha da sua conta.")])


class SendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The files, and what they are."""

    files = MultipleFileField(
        "Arquivos",
        [FileRequired("Escolha pelo menos um arquivo.")],
        description="PDF, imagem, planilha ou texto. Até 20 de cada vez.",
    )
    title = StringField(
        "O que são", [InputRequired("Diga em poucas palavras o que são os documentos."), Length(max=200)],
        description="Por exemplo: Resposta ao ofício 002/2026.",
    )  # fmt: skip
