"""What is asked for a new document and for a signature; the names are those of the operations."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field, FileField, MultipleFileField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from documents.texts.uploads import CONFERENCES
from webapp.processo.fields import DayField, OneOf, OneShown, choices
from webapp.processo.forms import LEVELS, words

BEGINNINGS = (
    ("modelo", "O modelo do tipo"),
    ("outro", "Outro modelo"),
    ("texto", "Um texto padrão"),
    ("copia", "Cópia de outro documento"),
    ("branco", "Em branco"),
)


class _Needed:
    """Shown as needed; the form's own check says when it is."""

    field_flags = {"required": True}  # noqa: RUF012 - as WTForms reads it

    def __call__(self, form: object, field: Field) -> None:
        """Nothing to say here."""


_TITLE = [Length(max=250, message="Escreva até 250 caracteres.")]


class _Access(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    level = OneShown("Nível de acesso", choices=choices(LEVELS), default="publico")
    hypothesis_id = OneOf(
        "Hipótese legal",
        [_Needed()],
        default="",
        description="Obrigatória quando o nível não é público: a lei que permite restringir.",
    )

    def validate_hypothesis_id(self, field: Field) -> None:
        """Whatever is not public says why."""
        if self.level.data != "publico" and not field.data:
            raise ValidationError("Escolha a hipótese legal que permite restringir o acesso.")
        if self.level.data == "publico":
            field.data = ""


class NewForm(_Access):
    """An internal document: what it begins with."""

    title = StringField(
        "Título", _TITLE, filters=[words],
        description="Aparece na árvore do processo, ao lado do tipo. Não escreva dados pessoais.",
    )  # fmt: skip
    beginning = OneShown("Começar com", choices=choices(BEGINNINGS), default="branco")
    model = OneOf("Modelo", [_Needed()], default="")
    standard = OneOf("Texto padrão", [_Needed()], default="")
    copy_of = StringField(
        "Número do documento", [_Needed()], filters=[words], description="O número de protocolo, como 0000012."
    )

    def validate_copy_of(self, field: Field) -> None:
        """The number, when it is to be copied."""
        if self.beginning.data == "copia" and not field.data:
            raise ValidationError("Escreva o número do documento que será copiado.")

    def validate_standard(self, field: Field) -> None:
        """Which one, when one is wanted."""
        if self.beginning.data == "texto" and not field.data:
            raise ValidationError("Escolha o texto padrão.")

    def validate_model(self, field: Field) -> None:
        """Which one, when another is wanted."""
        if self.beginning.data == "outro" and not field.data:
            raise ValidationError("Escolha o modelo.")


class NewFormDocument(_Access):
    """A document that is a form: its fields come on the next page."""

    title = NewForm.title


class UploadForm(_Access):
    """Files from outside: what they are is the same for all of one sending."""

    files = MultipleFileField(
        "Arquivos", [_Needed()], description="PDF, imagens, textos e planilhas. Você pode escolher vários de uma vez."
    )
    title = StringField(
        "Título", _TITLE, filters=[words], description="Se ficar em branco, cada documento leva o nome do seu arquivo."
    )
    document_date = DayField("Data do documento", [Optional()])
    origin = OneShown(
        "Origem",
        choices=choices(
            (("nato", "Nato-digital: já nasceu em arquivo"), ("digitalizado", "Digitalizado: veio do papel"))
        ),
        default="nato",
    )
    conference = OneOf(
        "Tipo de conferência", [_Needed()], default="", choices=choices((("", "Escolha"), *CONFERENCES.items())),
        description="Do papel que foi digitalizado.",
    )  # fmt: skip

    def validate_conference(self, field: Field) -> None:
        """What was digitised says from which paper."""
        if self.origin.data == "digitalizado" and not field.data:
            raise ValidationError("Escolha o tipo de conferência do documento digitalizado.")
        if self.origin.data == "nato":
            field.data = ""

    def validate_files(self, field: Field) -> None:
        """At least one."""
        if not any(getattr(item, "filename", "") for item in field.data or ()):
            raise ValidationError("Escolha ao menos um arquivo.")


class SignForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """By password, or with a certificate besides."""

    cargo = StringField(
        "Cargo ou função", [DataRequired("Escreva o cargo ou a função com que você assina."), Length(max=120, message="Escreva até 120 caracteres.")],
        filters=[words], description="Aparece abaixo do seu nome na assinatura.",
    )  # fmt: skip
    way = OneShown(
        "Como assinar",
        choices=choices((("senha", "Com a minha senha"), ("certificado", "Com o meu certificado digital"))),
        default="senha",
    )
    password = PasswordField("Sua senha", [_Needed()])
    certificate = FileField(
        "Arquivo do certificado", [_Needed()], description="Com a terminação .p12 ou .pfx. Ele não fica guardado."
    )
    certificate_password = PasswordField("Senha do certificado", [_Needed()])

    def validate_password(self, field: Field) -> None:
        """The account's own, in both ways: a lost file signs nothing."""
        if not field.data:
            raise ValidationError("Digite a sua senha para assinar.")

    def validate_certificate(self, field: Field) -> None:
        """The file, when it signs."""
        if self.way.data == "certificado" and not getattr(field.data, "filename", ""):
            raise ValidationError("Escolha o arquivo do seu certificado.")

    def validate_certificate_password(self, field: Field) -> None:
        """What opens the file."""
        if self.way.data == "certificado" and not field.data:
            raise ValidationError("Digite a senha do certificado.")


class AuthenticateForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The protocolo vouches for a digitised document."""

    password = PasswordField("Sua senha", [DataRequired("Digite a sua senha para autenticar.")])
