"""Forms of the administration that no screen declares."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField


class CertificateForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """The file that holds a person's certificate."""

    certificate = FileField(
        "Arquivo do certificado",
        [FileRequired("Escolha o arquivo do certificado.")],
        description="De preferência .cer ou .pem, que não trazem a chave privada. De um .p12 ou .pfx guardamos só o certificado.",
    )
    passphrase = PasswordField("Senha do arquivo, se for .p12 ou .pfx")
