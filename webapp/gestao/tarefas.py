"""The page of any task that has none of its own, from the declarations of the processes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier import access as dossiers
from people import queries as people
from people.access import authorize
from webapp import shown
from webapp.gestao import pedidos, task_forms, words
from webapp.gestao import queries as lists
from webapp.gestao.caixa import declared, task_url
from webapp.gestao.task_forms import Filled
from webapp.security import actor, may, requires
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput
from workflow.queries import TaskRow

blueprint = Blueprint("gestao", __name__, template_folder="templates")


@blueprint.get("/tarefas")
@requires("inbox.view")
def inbox() -> ResponseReturnValue:
    """The list of tasks is part of the controle de processos."""
    return redirect(url_for("controle.inbox"))


@blueprint.get("/tarefas/sem-documento")
@requires("gpol.register_without_document")
def waivers() -> ResponseReturnValue:
    """The requests of the desk that wait for the Gpol (R11); 304 when nothing changed since `versao`."""
    found = pedidos.listing()
    if request.args.get("versao") == found["requests_version"]:
        return Response(status=304)
    return render_template("gestao/_pedidos.html", **found)


@blueprint.get("/tarefas/<uuid:task_id>")
@requires("task.work")
def task(task_id: UUID) -> ResponseReturnValue:
    """The generic page of a task."""
    return _page(task_id, Filled())


@blueprint.post("/tarefas/<uuid:task_id>")
@requires("task.work")
def complete(task_id: UUID) -> ResponseReturnValue:
    """The task is done; what was typed comes back when something is missing."""
    with transaction() as session:
        form = _view(session, task_id).form
    raw = task_forms.posted(form, request.form)
    try:
        with transaction() as session:
            engine.complete_task(
                session, task_id, raw, actor=actor(), idempotency_key=request.form.get("chave") or None
            )
    except InvalidInput as error:
        return _page(task_id, Filled(raw, task_forms.with_labels(form, error.fields))), 422
    except Conflict as conflict:
        with transaction() as session:
            told = who_was_first(session, task_id)
        raise Conflict(told or conflict.message, task=str(task_id)) from None
    flash(f"Concluída: {form.title}.", "ok")
    return redirect(url_for("gestao.inbox"), code=303)


@blueprint.post("/tarefas/<uuid:task_id>/assumir")
@requires("task.work")
def claim(task_id: UUID) -> ResponseReturnValue:
    """Takes the task."""
    with transaction() as session:
        _view(session, task_id)
        engine.claim_task(session, task_id, actor=actor())
    return _back(task_id, "A tarefa é sua. Para desfazer, use “Devolver”.")


@blueprint.post("/tarefas/<uuid:task_id>/devolver")
@requires("task.work")
def unclaim(task_id: UUID) -> ResponseReturnValue:
    """Gives the task back to the unit."""
    with transaction() as session:
        _view(session, task_id)
        engine.unclaim_task(session, task_id, actor=actor())
    return _back(task_id, "A tarefa voltou à fila da unidade. Para desfazer, use “Assumir”.")


@blueprint.post("/tarefas/<uuid:task_id>/passar")
@requires("case.manage")
def assign(task_id: UUID) -> ResponseReturnValue:
    """A manager gives the task to somebody."""
    account = words.as_uuid(request.form.get("conta", ""))
    if account is None:
        raise InvalidInput({"conta": "Escolha a pessoa que recebe a tarefa."}, "Escolha a pessoa que recebe a tarefa.")
    with transaction() as session:
        row = _view(session, task_id).row
        if account not in {identifier for identifier, _ in _colleagues(session, row)}:
            raise InvalidInput(
                {"conta": "Esta pessoa não pode fazer esta tarefa."}, "Esta pessoa não pode fazer esta tarefa."
            )
        engine.assign_task(session, task_id, account, actor=actor())
    return _back(task_id, "Tarefa passada.")


def _back(task_id: UUID, message: str) -> ResponseReturnValue:
    flash(message, "ok")
    if request.form.get("volta") == "lista":
        return redirect(url_for("gestao.inbox"), code=303)
    with transaction() as session:
        return redirect(task_url(_view(session, task_id).row), code=303)


def _view(session: Session, task_id: UUID) -> work.TaskView:
    """The task, for whoever may do it or manages the case."""
    view, who = work.task_view(session, task_id), actor()
    dossiers.authorize_case(session, who, view.row.case_id)
    mine = view.row.role in who.roles and view.row.unit in (None, who.unit) and view.person_id in (None, who.person_id)
    if not mine:
        authorize(who, "case.manage")
    return view


def _page(task_id: UUID, filled: Filled) -> str:
    with transaction() as session:
        view = _view(session, task_id)
        row, end = view.row, lists.outcome(session, task_id)
        ids = words.uuids_in(view.data.values())
        names = people.names(session, ids) | people.account_names(session, ids)
        holders = people.account_names(session, [i for i in (row.assignee, end.finished_by if end else None) if i])
        colleagues = _colleagues(session, row) if may("case.manage") and view.status == "open" else []
    found = declared(row.process_key)
    mine = row.assignee == actor().id
    return render_template(
        "gestao/tarefa.html", task=row, form=view.form, filled=filled, mine=mine, open=view.status == "open",
        taken_by="" if mine or row.assignee is None else holders.get(row.assignee, "outra pessoa"),
        closed_text=closed_text(end, holders), colleagues=colleagues, subject=row.subject,
        due=words.due_words(row.due_at), facts=words.facts(view.data, row.process_key, names),
        process_title=work.process_title(row.process_key), legal_basis=found.legal_basis if found else "",
        idempotency_key=request.form.get("chave") or uuid4().hex,
    )  # fmt: skip


def _colleagues(session: Session, row: TaskRow) -> list[tuple[UUID, str]]:
    """Who holds the role of the task's lane, in its unit when it names one."""
    able = {
        seat.account_id
        for seat in people.memberships(session)
        if seat.role == row.role and row.unit in (None, seat.unit)
    }
    return sorted(people.account_names(session, able).items(), key=lambda pair: pair[1])


def closed_text(end: lists.Outcome | None, names: Mapping[UUID, str]) -> str:
    """Who did the task, and when; nothing while it is open."""
    if end is None or end.status == "open":
        return ""
    if end.finished_by is None:
        return "Esta tarefa foi encerrada pelo andamento do processo. Não é preciso fazer mais nada."
    who = "Você concluiu" if end.finished_by == actor().id else f"{names.get(end.finished_by, 'Outra pessoa')} concluiu"
    return f"{who} esta tarefa em {shown.show_instant(end.finished_at)}. Não é preciso fazer mais nada."


def who_was_first(session: Session, task_id: UUID) -> str:
    """For who came second: who did the task, and when; nothing when it is open."""
    end = lists.outcome(session, task_id)
    finished_by = end.finished_by if end else None
    return closed_text(end, people.account_names(session, [finished_by] if finished_by else []))
