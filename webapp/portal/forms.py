"""What the portal asks for: as little as the law lets it."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired

from people import rules
from webapp.forms import accepted

_EMAIL = "Digite seu e-mail, no formato nome@exemplo.com."
_PASSWORD_HELP = "Pelo menos 10 caracteres. Uma frase curta é fácil de lembrar e difícil de adivinhar."  # noqa: S105


class SignUpForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """PO1: by e-mail."""

    email = StringField("E-mail", [DataRequired(_EMAIL), accepted(rules.normalize_email)])
    password = PasswordField(
        "Crie uma senha",
        [DataRequired("Crie uma senha."), accepted(rules.check_password, "email")],
        description=_PASSWORD_HELP,
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The password of the sign-up, by the link of the message."""

    password = PasswordField(
        "Sua senha",
        [DataRequired("Digite a senha que você criou ao se cadastrar.")],
        description="A que você criou ao se cadastrar.",
    )


class EmailForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The address to send a link to."""

    email = StringField("E-mail", [DataRequired(_EMAIL)])


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A new password, by the link of a message."""

    password = PasswordField("Nova senha", [DataRequired("Crie uma senha.")], description=_PASSWORD_HELP)


class ProfileForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """PO5: the cadastro completo."""

    full_name = StringField(
        "Nome completo",
        [DataRequired("Digite seu nome completo."), accepted(rules.clean_name)],
        description="Como está no seu documento.",
    )
    cpf = StringField("CPF", [DataRequired("Digite os 11 números do CPF."), accepted(rules.normalize_cpf)])


class PasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Change of one's own password."""

    current = PasswordField("Senha atual", [DataRequired("Digite sua senha atual.")])
    password = PasswordField(
        "Nova senha", [DataRequired("Crie uma senha."), accepted(rules.check_password)], description=_PASSWORD_HELP
    )


class EraseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The request for erasure: the person knows that it can't be undone."""

    understood = BooleanField(
        "Entendo que meus dados serão apagados e que isso não pode ser desfeito.",
        [DataRequired("Marque que você entende que a eliminação não pode ser desfeita.")],
    )
