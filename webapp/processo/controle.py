"""Acts of the unit's own control: who takes care, deadline, priority, unread, watch, markers, notes."""

from __future__ import annotations

from uuid import UUID

from flask_wtf import FlaskForm

from documents.dossier import operations, page_queries
from documents.dossier.annotations import queries as beside
from documents.dossier.annotations.models import COLOURS
from webapp.processo import forms
from webapp.processo.acts import Act, Target, act
from webapp.processo.fields import choices
from workflow.errors import InvalidInput

GROUP = "controlar"
NEW = "novo"


def _colleagues(target: Target, form: FlaskForm) -> None:
    people = page_queries.workers(target.session, target.actor.unit or "")
    pairs = [(str(identifier), name) for identifier, name in people]
    form.account_id.choices = choices([*pairs, ("", "Ninguém: fica para toda a unidade")])
    if not form.is_submitted() and target.here.assignee is not None:
        form.account_id.data = str(target.here.assignee)


def _assign(target: Target, form: FlaskForm) -> str:
    chosen = UUID(form.account_id.data) if form.account_id.data else None
    operations.assign(target.session, target.dossier.id, chosen, actor=target.actor)
    if chosen is None:
        return "O processo ficou sem atribuição."
    return f"Processo atribuído a {dict(page_queries.workers(target.session, target.actor.unit or ''))[chosen]}."


def _take(target: Target, _: FlaskForm) -> str:
    operations.assign(target.session, target.dossier.id, target.actor.id, actor=target.actor)
    return "O processo é seu. Para desfazer, use “Atribuir”."


act(Act("assumir", "Atribuir a mim", GROUP, _take, offered=lambda here: here.open_here and not here.mine))
act(Act(
    "atribuir", "Atribuir a alguém", GROUP, _assign, forms.AssignForm, _colleagues, submit="Atribuir",
    explanation="A atribuição organiza o trabalho; os colegas da unidade continuam podendo trabalhar no processo.",
))  # fmt: skip


def _due(target: Target, form: FlaskForm) -> str:
    if not form.on.data and not form.days.data:
        raise InvalidInput({"on": "Escolha o dia ou a quantidade de dias."})
    operations.set_due(
        target.session, target.dossier.id, actor=target.actor, on=form.on.data, days=form.days.data,
        business=form.business.data,
    )  # fmt: skip
    return "Prazo da unidade definido."


def _due_done(target: Target, _: FlaskForm) -> str:
    operations.finish_due(target.session, target.dossier.id, actor=target.actor)
    return "Prazo concluído."


def _due_cleared(target: Target, _: FlaskForm) -> str:
    operations.set_due(target.session, target.dossier.id, actor=target.actor)
    return "Prazo retirado."


act(Act(
    "prazo", "Definir prazo", GROUP, _due, forms.WhenForm, submit="Definir prazo",
    explanation="O prazo é interno da sua unidade: só ela o vê.",
))  # fmt: skip
act(Act(
    "prazo-cumprido", "Prazo cumprido", GROUP, _due_done,
    offered=lambda here: here.open_here and here.due_at is not None,
))  # fmt: skip
act(Act(
    "sem-prazo", "Retirar o prazo", GROUP, _due_cleared,
    offered=lambda here: here.open_here and here.due_at is not None,
))  # fmt: skip


def _prepare_priority(target: Target, form: FlaskForm) -> None:
    if not form.is_submitted():
        form.priority.data = str(target.here.priority)


def _priority(target: Target, form: FlaskForm) -> str:
    operations.set_priority(target.session, target.dossier.id, int(form.priority.data), actor=target.actor)
    return f"Prioridade: {dict(forms.PRIORITIES)[form.priority.data].lower()}."


act(Act("prioridade", "Mudar a prioridade", GROUP, _priority, forms.PriorityForm, _prepare_priority, submit="Salvar"))


def _unread(target: Target, _: FlaskForm) -> str:
    operations.mark_unread(target.session, target.dossier.id, actor=target.actor)
    return f"Processo {target.dossier.number} marcado como não lido."


act(Act("nao-lido", "Marcar como não lido", GROUP, _unread, leaves="/controle"))


def _note(target: Target, form: FlaskForm) -> str:
    operations.add_note(target.session, target.dossier.id, form.text.data, actor=target.actor, urgent=form.urgent.data)
    return "Anotação salva. Só a sua unidade lê."


act(Act(
    "anotar", "Fazer uma anotação", GROUP, _note, forms.NoteForm, submit="Salvar anotação",
    offered=lambda here: here.passed, explanation="Só a sua unidade lê as anotações.",
))  # fmt: skip


def _prepare_watch(target: Target, form: FlaskForm) -> None:
    known = [group for group in beside.watch_groups(target.session, target.actor.unit or "") if group]
    if known:
        form.group.description = f"{form.group.description} Já existem: {', '.join(known)}."


def _watch(target: Target, form: FlaskForm) -> str:
    operations.watch(target.session, target.dossier.id, form.group.data or "", actor=target.actor)
    return "Acompanhamento especial iniciado."


def _unwatch(target: Target, _: FlaskForm) -> str:
    for group in beside.watch_groups_of(target.session, target.dossier.id, target.actor.unit or ""):
        operations.unwatch(target.session, target.dossier.id, group, actor=target.actor)
    return "Acompanhamento especial encerrado."


act(Act(
    "acompanhar", "Acompanhar", GROUP, _watch, forms.WatchForm, _prepare_watch,
    offered=lambda here: not here.watched, title="Acompanhamento especial", submit="Acompanhar",
    explanation="O processo fica na lista de acompanhamento da unidade, mesmo depois de enviado.",
))  # fmt: skip
act(Act("nao-acompanhar", "Deixar de acompanhar", GROUP, _unwatch, offered=lambda here: here.watched))


def _prepare_mark(target: Target, form: FlaskForm) -> None:
    known = beside.markers(target.session, target.actor.unit or "")
    form.marker_id.choices = choices([*((str(one.id), one.name) for one in known), (NEW, "Criar um marcador")])
    form.colour.choices = choices((colour, colour.capitalize()) for colour in COLOURS)


def _mark(target: Target, form: FlaskForm) -> str:
    if form.marker_id.data == NEW:
        if not form.name.data:
            raise InvalidInput({"name": "Escreva o nome do marcador novo."})
        made = operations.create_marker(target.session, form.name.data, form.colour.data, actor=target.actor)
        marker_id = made.id
    elif form.name.data:
        raise InvalidInput({"marker_id": "Para criar um marcador, escolha “Criar um marcador”; senão, apague o nome."})
    else:
        marker_id = UUID(form.marker_id.data)
    operations.mark(target.session, target.dossier.id, marker_id, actor=target.actor, text=form.text.data or "")
    return "Marcador colocado."


def _prepare_unmark(target: Target, form: FlaskForm) -> None:
    shown_now = beside.markers_on(target.session, target.dossier.id, target.actor.unit or "")
    form.marker_id.choices = choices((str(one.id), one.name) for one in shown_now)


def _unmark(target: Target, form: FlaskForm) -> str:
    operations.unmark(target.session, target.dossier.id, UUID(form.marker_id.data), actor=target.actor)
    return "Marcador retirado."


act(Act(
    "marcar", "Colocar marcador", GROUP, _mark, forms.MarkForm, _prepare_mark, offered=lambda here: here.passed,
    submit="Colocar", explanation="Os marcadores são da sua unidade; as outras não os veem.",
))  # fmt: skip
act(Act(
    "desmarcar", "Retirar marcador", GROUP, _unmark, forms.UnmarkForm, _prepare_unmark,
    offered=lambda here: here.marked, submit="Retirar",
))  # fmt: skip
