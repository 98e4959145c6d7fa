"""What is asked to sign in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Login or e-mail, and password."""

    login = StringField(
        "E-mail ou usuário", [DataRequired("Digite seu e-mail ou, se trabalha na Assembleia, seu usuário.")]
    )
    password = PasswordField("Senha", [DataRequired("Digite sua senha.")])
