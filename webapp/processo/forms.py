"""What is filled in for each act; the names are those of the operations, so that a refusal falls on its field."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from webapp.processo.fields import DayField, NumberField, OneOf, OneShown, SeveralOf, choices

LEVELS = (
    ("publico", "Público: qualquer servidor pode ler"),
    ("restrito", "Restrito: só as unidades por onde passou"),
    ("sigiloso", "Sigiloso: só as pessoas com credencial"),
)
PRIORITIES = (("0", "Normal"), ("1", "Alta"), ("2", "Urgente"))
_NUMBER = "Número do outro processo"
_ABOUT = "Em poucas palavras, do que trata. Não escreva CPF nem outros dados pessoais."
_NUMBER_HINT = "Como está na capa, por exemplo 0100.07.0000002/2026-31."


def words(text: str | None) -> str:
    """White space made single."""
    return " ".join((text or "").split())


def stripped(text: str | None) -> str:
    """Without the empty lines at both ends."""
    return (text or "").replace("\r\n", "\n").strip()


def _asked(sentence: str, most: int) -> list[object]:
    return [DataRequired(sentence), Length(max=most, message=f"Escreva até {most} caracteres.")]


class Act(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The form of an act."""


class WhenForm(Act):
    """A day, or a number of days."""

    on = DayField("Até o dia", [Optional()])
    days = NumberField("Ou em quantos dias", [Optional()])
    business = BooleanField("Contar só dias úteis", default=True)

    def validate_days(self, field: Field) -> None:
        """One of both."""
        if field.data and self.on.data:
            raise ValidationError("Preencha o dia ou a quantidade de dias, não os dois.")


class SendForm(Act):
    """To which units, and what is asked of them."""

    units = SeveralOf("Enviar para", [DataRequired("Marque ao menos uma unidade.")])
    keep_open = BooleanField("Manter o processo aberto também na minha unidade")
    notify = BooleanField("Avisar as unidades por e-mail")
    on = DayField("Pedir retorno até o dia", [Optional()])
    days = NumberField("Ou pedir retorno em quantos dias", [Optional()])
    business = BooleanField("Contar só dias úteis", default=True)

    def validate_days(self, field: Field) -> None:
        """One of both."""
        if field.data and self.on.data:
            raise ValidationError("Preencha o dia ou a quantidade de dias, não os dois.")


class AssignForm(Act):
    """Who of the unit takes care of it."""

    account_id = OneOf("Quem cuida")


class PriorityForm(Act):
    """How pressing it is in the unit."""

    priority = OneShown("Prioridade", choices=choices(PRIORITIES))


class DayForm(Act):
    """One day."""

    on = DayField("Dia", [DataRequired("Escolha o dia.")])


class ReturnForm(Act):
    """Of which unit, until when."""

    unit = OneOf("Unidade que deve devolver")
    on = DayField("Devolver até o dia", [DataRequired("Escolha o dia.")])


class ReasonForm(Act):
    """Why."""

    reason = TextAreaField("Motivo", _asked("Escreva o motivo.", 500), filters=[words])


class DeleteForm(Act):
    """Asked once more; nothing to fill in."""


class RelatedForm(Act):
    """Another processo, by its number."""

    number = StringField(_NUMBER, _asked("Escreva o número do outro processo.", 60), description=_NUMBER_HINT)


class AttachForm(RelatedForm):
    """For good: asked once more."""

    sure = BooleanField(
        "Entendi que a anexação é definitiva", [DataRequired("Marque que entendeu: a anexação é definitiva.")]
    )


class ChooseOtherForm(Act):
    """One of the related or attached processos."""

    other_id = OneOf("Processo")


class AcknowledgeForm(Act):
    """Irrevocable: asked once more."""

    sure = BooleanField(
        "Li e entendi que a ciência não pode ser desfeita",
        [DataRequired("Marque que leu: a ciência não pode ser desfeita.")],
    )


class WatchForm(Act):
    """In which group the unit follows it."""

    group = StringField(
        "Grupo", [Length(max=60, message="Escreva até 60 caracteres.")], filters=[words],
        description="Um nome que a unidade usa para achar os processos que acompanha. Sem nome: “Geral”.",
    )  # fmt: skip


class TextForm(Act):
    """Something written about the processo."""

    text = TextAreaField("Texto", _asked("Escreva o texto.", 4000), filters=[stripped])


class NoteForm(Act):
    """The unit's own note."""

    text = TextAreaField("Anotação", _asked("Escreva a anotação.", 1000), filters=[stripped])
    urgent = BooleanField("Urgente: aparece com destaque na caixa da unidade")


class MarkForm(Act):
    """A marker of the unit on the processo."""

    marker_id = OneOf("Marcador")
    name = StringField(
        "Nome do marcador novo", [Length(max=60, message="Escreva até 60 caracteres.")], filters=[words],
        description="Preencha só para criar um marcador.",
    )  # fmt: skip
    colour = OneOf("Cor do marcador novo")
    text = StringField("Texto", [Length(max=500, message="Escreva até 500 caracteres.")], filters=[words])


class UnmarkForm(Act):
    """Which marker goes."""

    marker_id = OneOf("Marcador")


class AccessForm(Act):
    """Level, with the law that allows it."""

    level = OneShown("Nível de acesso", choices=choices(LEVELS))
    hypothesis_id = OneOf(
        "Hipótese legal", description="Obrigatória quando o nível não é público: a lei que permite restringir."
    )


class CredentialForm(Act):
    """Who may see a sigiloso."""

    account_id = OneOf("Pessoa")


class PartiesForm(Act):
    """Interested parties, one a line."""

    parties = TextAreaField(
        "Interessados", [Length(max=8000, message="Escreva até 8000 caracteres.")], filters=[stripped],
        description="Um nome por linha.",
    )  # fmt: skip


class SpecificationForm(Act):
    """What it is about, in a few words."""

    specification = StringField(
        "Especificação", [Length(max=250, message="Escreva até 250 caracteres.")], filters=[words],
        description=_ABOUT,
    )  # fmt: skip


class GrantForm(Act):
    """Access of an external user."""

    email = StringField(
        "E-mail do usuário externo", _asked("Escreva o e-mail do usuário externo.", 254), filters=[words]
    )
    days = NumberField(
        "Por quantos dias úteis", [DataRequired("Escreva por quantos dias úteis vale o acesso.")], most=365, default=30
    )
    scope = OneShown(
        "O que pode ler", choices=choices((("todos", "O processo inteiro"), ("alguns", "Só os documentos marcados"))),
        default="todos",
    )  # fmt: skip
    document_ids = SeveralOf("Documentos")
    may_sign = BooleanField("Pode assinar os documentos marcados")
    may_add = BooleanField("Pode incluir documentos")

    def validate_document_ids(self, field: Field) -> None:
        """Some, when not all."""
        if self.scope.data == "alguns" and not field.data:
            raise ValidationError("Marque ao menos um documento, ou escolha o processo inteiro.")


class BundleForm(Act):
    """Which documents go into the file."""

    document_ids = SeveralOf("Documentos", [DataRequired("Marque ao menos um documento.")])
    way = OneShown(
        "Em que formato",
        choices=choices((("pdf", "Um PDF só, na ordem da árvore"), ("zip", "Um ZIP, com cada documento num arquivo"))),
        default="pdf",
    )


class NewForm(AccessForm):
    """A new processo of a type."""

    specification = StringField(
        "Especificação", [Length(max=250, message="Escreva até 250 caracteres.")], filters=[words],
        description=_ABOUT,
    )  # fmt: skip
    parties = TextAreaField(
        "Interessados", [Length(max=8000, message="Escreva até 8000 caracteres.")], filters=[stripped],
        description="Um nome por linha.",
    )  # fmt: skip
    numbering = OneShown(
        "Número",
        choices=choices(
            (("automatico", "Dar o próximo número da unidade"), ("informado", "Informar o número que já tem"))
        ),
        default="automatico",
    )
    number = StringField(
        "Número recebido", [Length(max=60, message="Escreva até 60 caracteres.")], filters=[words],
        description="Só para processo que nasceu em outro órgão ou em papel.",
    )  # fmt: skip
    wrong_digit_known = BooleanField("Conferi: o número veio assim, com este dígito")

    def validate_number(self, field: Field) -> None:
        """Asked when it is informed."""
        if self.numbering.data == "informado" and not field.data:
            raise ValidationError("Escreva o número que o processo já tem.")
