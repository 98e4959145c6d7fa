"""Acts that write into the processo: manual entry, comment, ciência, and those on one document."""

from __future__ import annotations

from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from documents.dossier import operations, page_queries
from documents.dossier import queries as dossiers
from documents.dossier.models import DossierDocument
from webapp.processo import forms, situation, words
from webapp.processo.acts import FITS, Act, Target, act, answered
from webapp.processo.blueprint import blueprint
from webapp.processo.fields import choices
from webapp.security import actor, requires
from workflow.database import transaction

IRREVOCABLE = "A ciência é definitiva: fica registrada com seu nome, a unidade e a hora, e ninguém pode desfazê-la."


def _entry(target: Target, form: FlaskForm) -> str:
    operations.add_entry(target.session, target.dossier.id, form.text.data, actor=target.actor)
    return "Andamento registrado."


act(Act(
    "andamento", "Registrar andamento", "dados", _entry, forms.TextForm, title="Registrar um andamento",
    submit="Registrar", explanation="O registro não poderá ser alterado nem apagado.",
))  # fmt: skip


def _comment(target: Target, form: FlaskForm) -> str:
    document_id = target.document.id if target.document is not None else None
    operations.comment(target.session, target.dossier.id, form.text.data, actor=target.actor, document_id=document_id)
    return "Comentário incluído."


_SEEN_BY_ALL = "Quem pode ler o processo lê o comentário, também em outras unidades."
act(Act(
    "comentar", "Comentar", "dados", _comment, forms.TextForm, offered=lambda here: here.status != "attached",
    explanation=_SEEN_BY_ALL,
))  # fmt: skip
act(Act(
    "comentar-documento", "Comentar", "documentos", _comment, forms.TextForm, on_document=True,
    offered=lambda here: here.status != "attached", explanation=_SEEN_BY_ALL,
))  # fmt: skip


def _acknowledge(target: Target, _: FlaskForm) -> str:
    document_id = target.document.id if target.document is not None else None
    operations.acknowledge(target.session, target.dossier.id, document_id, actor=target.actor)
    return "Ciência registrada."


act(Act(
    "ciencia", "Dar ciência no processo", "dados", _acknowledge, forms.AcknowledgeForm, submit="Dar ciência",
    explanation=IRREVOCABLE,
))  # fmt: skip
act(Act(
    "ciencia-no-documento", "Dar ciência", "documentos", _acknowledge, forms.AcknowledgeForm, on_document=True,
    title="Dar ciência no documento", submit="Dar ciência", explanation=IRREVOCABLE,
))  # fmt: skip


def _cancel(target: Target, form: FlaskForm) -> str:
    assert target.document is not None
    operations.cancel_document(target.session, target.document.id, form.reason.data, actor=target.actor)
    return f"Documento {target.document.number:07d} cancelado."


def _delete(target: Target, _: FlaskForm) -> str:
    assert target.document is not None
    operations.delete_document(target.session, target.document.id, actor=target.actor)
    return f"Documento {target.document.number:07d} excluído."


def _ours(document: DossierDocument) -> bool:
    return document.unit == actor().unit and document.status not in ("cancelled", "deleted")


def _deletable(document: DossierDocument) -> bool:
    return _ours(document) and document.seen_at is None and document.locked_at is None


FITS["cancelar"] = lambda document: _ours(document) and not (document.status == "draft" and document.seen_at is None)
FITS["excluir"] = _deletable
FITS["ciencia-no-documento"] = lambda document: document.status in ("signed", "filed")
FITS["nivel"] = _ours

act(Act(
    "cancelar", "Cancelar", "documentos", _cancel, forms.ReasonForm, on_document=True, danger=True,
    title="Cancelar o documento", submit="Cancelar o documento",
    explanation="O documento continua na árvore, riscado, com o motivo. O cancelamento não pode ser desfeito.",
))  # fmt: skip
act(Act(
    "excluir", "Excluir", "documentos", _delete, forms.DeleteForm, on_document=True, danger=True,
    title="Excluir o documento", submit="Excluir o documento", closes_document=True,
    explanation="Só é possível porque nenhuma outra unidade o viu. O documento some da árvore, e isto não pode ser desfeito.",
))  # fmt: skip


def prepare_level(target: Target, form: FlaskForm) -> None:
    """Hypotheses of the law, and the level as it is."""
    found = words.hypotheses(dossiers.hypotheses(target.session))
    form.hypothesis_id.choices = choices([("", "Nenhuma: o acesso é público"), *found])
    thing = target.document or target.dossier
    if not form.is_submitted():
        form.level.data = thing.level
        form.hypothesis_id.data = str(thing.hypothesis_id or "")


def _level(target: Target, form: FlaskForm) -> str:
    chosen = situation.document_asked(form.hypothesis_id.data) if form.level.data != "publico" else None
    document_id = target.document.id if target.document is not None else None
    operations.change_access(
        target.session, target.dossier.id, form.level.data, chosen, actor=target.actor, document_id=document_id
    )
    return "Nível de acesso alterado."


_RAISES = "Um só documento restrito ou sigiloso sobe o nível do processo inteiro."
act(Act(
    "acesso", "Mudar o nível de acesso", "dados", _level, forms.AccessForm, prepare_level, submit="Mudar o nível",
    title="Nível de acesso do processo", explanation=_RAISES,
))  # fmt: skip
act(Act(
    "nivel", "Nível de acesso", "documentos", _level, forms.AccessForm, prepare_level, on_document=True,
    title="Nível de acesso do documento", submit="Mudar o nível", explanation=_RAISES,
))  # fmt: skip


def _prepare_parties(target: Target, form: FlaskForm) -> None:
    if not form.is_submitted():
        form.parties.data = "\n".join(party.name for party in dossiers.parties(target.session, target.dossier.id))


def _parties(target: Target, form: FlaskForm) -> str:
    names = [line.strip() for line in (form.parties.data or "").splitlines() if line.strip()]
    operations.set_parties(target.session, target.dossier.id, names, actor=target.actor)
    return "Interessados salvos."


def _prepare_specification(target: Target, form: FlaskForm) -> None:
    if not form.is_submitted():
        form.specification.data = target.dossier.specification


def _specification(target: Target, form: FlaskForm) -> str:
    operations.set_specification(target.session, target.dossier.id, form.specification.data or "", actor=target.actor)
    return "Especificação salva."


act(
    Act("interessados", "Alterar interessados", "dados", _parties, forms.PartiesForm, _prepare_parties, submit="Salvar")
)
act(
    Act(
    "especificacao", "Alterar especificação", "dados", _specification, forms.SpecificationForm,
    _prepare_specification, submit="Salvar",
))  # fmt: skip


def _prepare_credential(target: Target, form: FlaskForm) -> None:
    have = page_queries.credential_holders(target.session, target.dossier.id)
    people = page_queries.workers(target.session)
    form.account_id.choices = choices((str(one), name) for one, name in people if one not in have)


def _grant(target: Target, form: FlaskForm) -> str:
    chosen = situation.document_asked(form.account_id.data)
    assert chosen is not None
    operations.grant_credential(target.session, target.dossier.id, chosen, actor=target.actor)
    return "Credencial concedida."


def _prepare_revoke(target: Target, form: FlaskForm) -> None:
    have = page_queries.credential_holders(target.session, target.dossier.id)
    form.account_id.choices = choices(
        (str(one), name) for one, name in page_queries.workers(target.session) if one in have and one != target.actor.id
    )


def _revoke(target: Target, form: FlaskForm) -> str:
    chosen = situation.document_asked(form.account_id.data)
    assert chosen is not None
    operations.revoke_credential(target.session, target.dossier.id, chosen, actor=target.actor)
    return "Credencial retirada."


act(Act(
    "credencial", "Dar credencial", "dados", _grant, forms.CredentialForm, _prepare_credential, submit="Dar credencial",
    offered=lambda here: here.secret, explanation="Quem tem credencial vê o processo sigiloso em qualquer unidade.",
))  # fmt: skip
act(Act(
    "retirar-credencial", "Retirar credencial", "dados", _revoke, forms.CredentialForm, _prepare_revoke,
    submit="Retirar credencial", offered=lambda here: here.secret, danger=True,
    explanation="A pessoa deixa de ver o processo, na hora.",
))  # fmt: skip


@blueprint.post("/<uuid:dossier_id>/anotacoes/<uuid:note_id>/retirar")
@requires("dossier.work")
def remove_note(dossier_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Anybody of the unit takes one of its notes away."""
    with transaction() as session:
        situation.opened(session, dossier_id, "dossier.work")
        operations.remove_note(session, note_id, actor=actor())
    return answered(dossier_id, "Anotação retirada.")


@blueprint.post("/<uuid:dossier_id>/comentarios/<uuid:comment_id>/retirar")
@requires("dossier.read")
def remove_comment(dossier_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    """Its author takes a comment back."""
    with transaction() as session:
        situation.opened(session, dossier_id, "dossier.read")
        operations.remove_comment(session, comment_id, actor=actor())
    return answered(dossier_id, "Comentário retirado.")
