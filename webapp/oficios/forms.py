"""What is filled in about an ofício, its câmaras and their register; the names are those of the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.processo.fields import NumberField, OneOf, OneShown, choices

TEMPLATES = (
    ("almg_seed", "Modelo do Ceac (Of. 002/2018/GRPC/GRI)"),
    ("mrpr3", "Manual de Redação da Presidência, 3ª edição"),
)
BEGINNINGS = (
    ("semente", "O texto do Of. 002/2018: Declaração de Comparecimento"),
    ("frase", "Só a saudação, para escrever o resto"),
    ("anterior", "O texto de um ofício já assinado"),
)
GENDERS = (("", "Não informado"), ("F", "Senhora Presidente"), ("M", "Senhor Presidente"))
DEADLINES = (("calendar", "dias corridos"), ("business", "dias úteis"))


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


class DraftForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Everything of an ofício but its text and its câmaras."""

    subject = StringField(
        "Assunto", [InputRequired("Escreva o assunto."), Length(3, 200, "Escreva o assunto com 3 a 200 caracteres.")],
        filters=[_one_line], description="Vai no assunto da mensagem que as câmaras recebem.",
    )  # fmt: skip
    template = OneShown("Modelo do documento", choices=choices(TEMPLATES), default="almg_seed")
    annex = BooleanField("Anexar o “passo a passo” da Declaração de Comparecimento", default=True)
    requires_reply = BooleanField("O ofício pede resposta")
    deadline_days = NumberField(
        "Prazo, em dias", [InputRequired("Informe o prazo.")], most=365, default=30,
        description="Para responder ou, sem resposta pedida, para confirmar o recebimento. Conta da assinatura.",
    )  # fmt: skip
    deadline_kind = OneShown("Como contar", choices=choices(DEADLINES), default="calendar")
    rectifies = OneOf("Retifica outro ofício", default="")


class NewForm(DraftForm):
    """The same, with what the text begins with."""

    beginning = OneShown("Começar com", choices=choices(BEGINNINGS), default="semente")
    earlier = OneOf("Ofício já assinado", default="")


class SignForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The password once, and as what the person signs."""

    cargo = StringField("Cargo ou função", [InputRequired("Informe o cargo com que você assina."), Length(max=120)])
    password = PasswordField("Sua senha", [InputRequired("Informe a sua senha.")])


class CamaraForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What the Ceac knows of a câmara."""

    email = StringField("E-mail da câmara", [Length(max=254)], description="Um só. Deixe vazio se não houver.")
    phone = StringField("Telefone", [Length(max=20, message="Escreva até 20 caracteres.")])
    president = StringField("Nome do presidente ou da presidente", [Length(max=120)], filters=[_one_line])
    president_gender = OneShown("Tratamento", choices=choices(GENDERS), default="")


class LinkForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The account that will act for the câmara."""

    account_email = StringField(
        "E-mail da conta de usuário externo", [InputRequired("Escreva o e-mail da conta.")],
        description="A pessoa cria a conta em “Usuário externo”, na página de entrada, antes.",
    )  # fmt: skip


class ImportForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The whole register, or nothing of it (EM1)."""

    arquivo = FileField("Arquivo CSV", [FileRequired("Escolha o arquivo.")])


class RedirectForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Where an exemplar goes instead, and why."""

    email = StringField("Novo e-mail da câmara", [InputRequired("Escreva o novo endereço."), Length(max=254)])
    motivo = StringField(
        "Por que o endereço muda",
        [InputRequired("Escreva por que o endereço muda."), Length(3, 200, "Escreva o motivo com 3 a 200 caracteres.")],
        filters=[_one_line], description="Por exemplo: a secretaria da câmara avisou por telefone. Fica no histórico.",
    )  # fmt: skip
    cadastro = BooleanField("Guardar o endereço no cadastro da câmara", default=True)


class StampForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A paper stamp that came back (ST1)."""

    carimbo = TextAreaField(
        "O que está escrito no carimbo", [InputRequired("Copie o carimbo.")],
        description="Como no papel: CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2.",
    )  # fmt: skip
