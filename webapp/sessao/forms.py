"""What is asked to sign in."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from people import rules


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Login or e-mail, and password."""

    login = StringField(
        "E-mail ou usuário", [DataRequired("Digite seu e-mail ou, se trabalha na Assembleia, seu usuário.")]
    )
    password = PasswordField("Senha", [DataRequired("Digite sua senha.")])

    @property
    def typed(self) -> str:
        """The login to look for."""
        return self.login.data or ""


class ExternalSignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """E-mail and password of an external user."""

    email = StringField("E-mail", [DataRequired("Digite o e-mail da sua conta de usuário externo.")])
    password = PasswordField("Senha", [DataRequired("Digite sua senha.")])

    @property
    def typed(self) -> str:
        """The login to look for."""
        return rules.external_login((self.email.data or "").strip().casefold())


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The second step."""

    code = StringField(
        "Código",
        [DataRequired("Digite o código.")],
        description="Os 6 números que o aplicativo autenticador mostra agora, ou um dos seus códigos de recuperação.",
    )
