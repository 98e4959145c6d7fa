"""What the person's own account asks for."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired

from people import rules
from webapp.forms import accepted

_CODE_HELP = "Os 6 números que o aplicativo mostra agora."


class EnrolForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The first code of the authenticator."""

    code = StringField("Código do aplicativo", [DataRequired("Digite o código.")], description=_CODE_HELP)


class ProveForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A code, before something of the second factor changes."""

    code = StringField(
        "Código do aplicativo ou de recuperação",
        [DataRequired("Digite o código.")],
        description="É a prova de que é você mesmo.",
    )


class SubstitutionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Who substitutes whom, and when. `substituted` is asked of a chefia only."""

    substituted = SelectField("Quem será substituído", [DataRequired("Escolha quem será substituído.")])
    substitute = SelectField("Quem substitui", [DataRequired("Escolha quem substitui.")])
    starts_on = DateField("Do dia", [DataRequired("Escolha o primeiro dia.")])
    ends_on = DateField("Até o dia", [DataRequired("Escolha o último dia.")])


class ExternalForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The account of an external user."""

    full_name = StringField("Nome completo", [DataRequired("Escreva seu nome completo."), accepted(rules.clean_name)])
    cpf = StringField("CPF", [DataRequired("Digite seu CPF."), accepted(rules.normalize_cpf)])
    email = StringField(
        "E-mail",
        [DataRequired("Digite seu e-mail, no formato nome@exemplo.com."), accepted(rules.normalize_email)],
        description="Enviaremos a ele o endereço de confirmação e os avisos dos processos.",
    )
    password = PasswordField(
        "Crie uma senha",
        [DataRequired("Crie uma senha."), accepted(rules.check_password, "email", "full_name")],
        description="Pelo menos 10 caracteres. Ela vale como assinatura: não a conte a ninguém.",
    )
    version = HiddenField()
    accepted = BooleanField(
        "Li e aceito o termo de concordância e veracidade",
        [DataRequired("Para abrir a conta é preciso ler e aceitar o termo.")],
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The password of the sign-up, by the link of the message."""

    password = PasswordField(
        "Sua senha",
        [DataRequired("Digite a senha que você criou ao abrir a conta.")],
        description="A que você criou ao abrir a conta.",
    )


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A new password in the place of the present one."""

    current = PasswordField("Senha atual", [DataRequired("Digite a senha atual.")])
    password = PasswordField(
        "Nova senha",
        [DataRequired("Crie uma senha.")],
        description="Pelo menos 10 caracteres. Uma frase curta é fácil de lembrar e difícil de adivinhar.",
    )
