"""Acts that tie processos together: relate (symmetric, can be undone) and attach (for good)."""

from __future__ import annotations

from uuid import UUID

from flask_wtf import FlaskForm

from documents.dossier import operations, page_queries
from documents.dossier import queries as dossiers
from documents.dossier.errors import DossierNotFound
from webapp.processo import forms
from webapp.processo.acts import Act, Target, act
from webapp.processo.fields import choices
from workflow.errors import InvalidInput

GROUP = "ligar"


def _other(target: Target, form: FlaskForm) -> UUID:
    """The processo of that number, which the actor may see; a sigiloso of others is as one that does not exist."""
    try:
        found = dossiers.by_number(target.session, form.number.data, target.actor)
    except DossierNotFound:
        sentence = "Não encontramos um processo com este número. Confira e digite de novo."
        raise InvalidInput({"number": sentence}) from None
    if found.id == target.dossier.id:
        raise InvalidInput({"number": "Este é o número do próprio processo. Digite o do outro."})
    return found.id


def _relate(target: Target, form: FlaskForm) -> str:
    operations.relate(target.session, target.dossier.id, _other(target, form), actor=target.actor)
    return f"Processo relacionado a {form.number.data}."


act(Act(
    "relacionar", "Relacionar a outro", GROUP, _relate, forms.RelatedForm, submit="Relacionar",
    title="Relacionar a outro processo",
    explanation="A relação aparece nos dois processos e pode ser desfeita.",
))  # fmt: skip


def _prepare_unrelate(target: Target, form: FlaskForm) -> None:
    found = dossiers.related(target.session, target.dossier.id, target.actor)
    form.other_id.choices = choices((str(one.id), one.number) for one in found)


def _unrelate(target: Target, form: FlaskForm) -> str:
    operations.unrelate(target.session, target.dossier.id, UUID(form.other_id.data), actor=target.actor)
    return "Relação desfeita."


act(Act(
    "desfazer-relacao", "Desfazer relação", GROUP, _unrelate, forms.ChooseOtherForm, _prepare_unrelate,
    offered=lambda here: here.open_here and here.related, submit="Desfazer a relação",
))  # fmt: skip


def _attach(target: Target, form: FlaskForm) -> str:
    operations.attach(target.session, target.dossier.id, _other(target, form), actor=target.actor)
    return f"Processo anexado a {form.number.data}."


act(Act(
    "anexar", "Anexar a outro", GROUP, _attach, forms.AttachForm, danger=True,
    title="Anexar este processo a outro", submit="Anexar",
    explanation="A anexação é definitiva: este processo passa a fazer parte do outro, não recebe mais documentos "
    "nem anda sozinho. Só a administração do sistema a desfaz.",
))  # fmt: skip


def _prepare_detach(target: Target, form: FlaskForm) -> None:
    if target.dossier.attached_to is not None:
        numbers = page_queries.numbers_of(target.session, [target.dossier.attached_to])
        form.reason.description = f"Está anexado a {numbers[target.dossier.attached_to]}."


def _detach(target: Target, form: FlaskForm) -> str:
    operations.detach(target.session, target.dossier.id, form.reason.data, actor=target.actor)
    return "Anexação desfeita."


act(Act(
    "desanexar", "Desfazer a anexação", GROUP, _detach, forms.ReasonForm, _prepare_detach, action="dossier.detach",
    offered=lambda here: here.status == "attached", danger=True, submit="Desfazer a anexação",
))  # fmt: skip
