"""Doubtful entries: the task «Confirmar identidade» of the GRPC and «Autorizar entrada» of the Gpol (R3, R53).

A plain HTTP client answers with `POST /atendimento/verificar/<task>` and `resposta` confirmada, ninguem or gpol (the Gpol:
`autorizada` sim or nao), `pessoa_id` and, when it matters, `criancas`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from people import queries
from people.access import authorize
from processes.entrada import operations as gate
from processes.entrada import queries as gates
from processes.entrada.queries import Verification
from webapp import shown
from webapp.atendimento import uploads
from webapp.atendimento.answers import done, json_errors, wants_json
from webapp.atendimento.shown import Found, found_row
from webapp.atendimento.views import blueprint
from webapp.gestao.tarefas import who_was_first
from webapp.security import actor, may, requires
from workflow import clock
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound
from workflow.queries import TaskRow, TaskView

NODES = {"confirmar_identidade": "desk.verify", "autorizar_entrada": "gpol.authorize_entry"}
MINORS = {"adolescente", "crianca"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One line of the list: who waits where, for how long, and who took it."""

    id: UUID
    title: str
    subject: str
    waiting: str
    holder: str


def listing() -> dict[str, Any]:
    """The pending doubts of who is calling, for the page and its fragment."""
    if not may("desk.verify"):
        return {"doubts": [], "doubts_version": ""}
    with transaction() as session:
        version = _version(session)
        rows = [
            row
            for row in work.inbox(session, actor(), filters=work.InboxFilters(process_key="entrada", limit=200))
            if row.node in NODES
        ]
        names = queries.account_names(session, {row.assignee for row in rows if row.assignee})
    return {"doubts": [_doubt(row, names) for row in rows], "doubts_version": version}


def _doubt(row: TaskRow, names: Mapping[UUID, str]) -> Doubt:
    holder = "com você" if row.assignee == actor().id else f"com {names.get(row.assignee, '')}" if row.assignee else ""
    waited = shown.ago(row.created_at)
    waiting = "chegou agora" if waited == "agora" else f"espera {waited}"
    return Doubt(row.id, row.title, row.subject, waiting, holder)


def _version(session: Session) -> str:
    """Of the list as it reads: the work, and the minute, since each line says for how long the person waits."""
    return f"{work.inbox_version(session, actor())}{clock.now():%H%M}"


@blueprint.get("/duvidas")
@requires("desk.verify")
def doubts() -> ResponseReturnValue:
    """The list again; 304 when nothing changed since `versao`."""
    with transaction() as session:
        if request.args.get("versao") == _version(session):
            return Response(status=304)
    return render_template("atendimento/_duvidas.html", **listing())


@blueprint.get("/verificar/<uuid:task_id>")
@requires("task.work")
def verificar(task_id: UUID) -> ResponseReturnValue:
    """The gate's picture and the likely people side by side."""
    return _page(task_id)


@blueprint.get("/verificar/<uuid:task_id>/imagem")
@requires("desk.view_picture")
def crop(task_id: UUID) -> Response:
    """The gate's picture, for as long as the question is open."""
    with transaction() as session:
        view = _task(session, task_id)
        if view.status != "open":
            raise NotFound("A imagem desta passagem já foi apagada.")
        seen = gates.verification_of_case(session, actor(), view.row.case_id)
        return uploads.jpeg(gates.crop(session, actor(), seen.event_id))


@blueprint.post("/verificar/<uuid:task_id>")
@requires("task.work")
@json_errors
def answer(task_id: UUID) -> ResponseReturnValue:
    """The answer; when a colleague was faster, who it was."""
    action = request.form.get("acao", "")
    if action == "procurar":
        return _page(task_id, search=request.form.get("q", ""))
    try:
        message = _answer(task_id, minor=action == "menor")
    except InvalidInput as error:
        if wants_json():
            raise
        return _page(task_id, error=next(iter(error.fields.values()), error.message)), 422
    except Conflict as conflict:
        raise _second(task_id, conflict) from None
    return done(_home(), message, category="ok")


def _answer(task_id: UUID, *, minor: bool) -> str:
    """Completes the task in one transaction; the picture is gone from then on."""
    with transaction() as session:
        view = _task(session, task_id)
        if view.status != "open":
            raise Conflict
        seen = gates.verification_of_case(session, actor(), view.row.case_id)
        data = _data(view.row, seen, minor=minor)
        if minor:
            gate.count_discarded_minor(session, actor(), seen.event_id)
        engine.complete_task(session, task_id, data, actor=actor(), idempotency_key=request.form.get("chave"))
        return _message(session, data, minor=minor)


def _data(task: TaskRow, seen: Verification, *, minor: bool) -> dict[str, Any]:
    form = request.form
    person = _uuid(form.get("pessoa_id", ""))
    children = form.get("criancas") or "0"
    if not children.isdecimal() or int(children) > 50:
        raise InvalidInput({"criancas": "Informe quantas crianças acompanham, de 0 a 50."})
    common = {"pessoa_id": None if person is None else str(person), "criancas": int(children)}
    if task.node == "autorizar_entrada":
        allowed = form.get("autorizada", "sim" if person else "")
        if allowed not in ("sim", "nao"):
            raise InvalidInput({"autorizada": "Responda se a entrada está autorizada."})
        if allowed == "sim" and person is None and seen.kind not in MINORS:
            raise InvalidInput({"pessoa_id": "Escolha quem entra, ou cadastre a pessoa antes de autorizar."})
        return {"autorizada": allowed == "sim", **common}
    reply = "ninguem" if minor else form.get("resposta", "confirmada" if person else "")
    if reply not in ("confirmada", "ninguem", "gpol"):
        raise InvalidInput({"resposta": "Diga quem é a pessoa, que não é ninguém cadastrado, ou chame a Gpol."})
    if reply == "confirmada" and person is None:
        raise InvalidInput({"pessoa_id": "Escolha a pessoa confirmada."})
    return {"resposta": reply, **(common if reply == "confirmada" else {"pessoa_id": None, "criancas": 0})}


def _message(session: Session, data: Mapping[str, Any], *, minor: bool) -> str:
    if minor:
        return "Imagem apagada e descarte contado. Registre a passagem do menor, se ele for entrar."
    if data.get("resposta") == "gpol":
        return "Encaminhado à Polícia Legislativa (Gpol)."
    if data.get("resposta") == "confirmada" or data.get("autorizada"):
        person = _uuid(data.get("pessoa_id") or "")
        name = queries.names(session, [person]).get(person, "") if person else ""
        return f"Entrada liberada: {name}." if name else "Entrada liberada."
    if data.get("autorizada") is False:
        return "Entrada não autorizada. Ficou registrado que ninguém entrou."
    return "Registrado: ninguém entrou. Se a pessoa quiser entrar, faça o cadastro dela."


def _page(task_id: UUID, *, search: str = "", error: str | None = None) -> str:
    with transaction() as session:
        view = _task(session, task_id)
        task, seen = view.row, gates.verification_of_case(session, actor(), view.row.case_id)
        people = _likely(session, seen)
        if search.strip():
            people, error = _searched(session, search)
        held = task.assignee if task.assignee not in (None, actor().id) else None
        names = queries.account_names(session, [held] if held else [])
        closed_text = who_was_first(session, task_id)
    return render_template(
        "atendimento/verificar.html", task_id=task_id, title=task.title, seen=seen, people=people, q=search, error=error,
        searched=bool(search.strip()), minor=seen.kind in MINORS, gpol=task.node == "autorizar_entrada",
        held_by=names.get(held, "") if held else "", closed=view.status != "open", closed_text=closed_text,
        children=request.form.get("criancas", ""),
    )  # fmt: skip


def _likely(session: Session, seen: Verification) -> list[Found]:
    """The candidates, nearest first; before them whom the machine recognised or the visitor claimed to be."""
    nearest = sorted(seen.candidates, key=lambda one: one.score if one.score is not None else 9.0)
    ids = [item.person_id for item in (seen.candidates if seen.claimed else nearest)]
    if seen.recognised_person is not None and seen.recognised_person not in ids:
        ids.insert(0, seen.recognised_person)
    rows = (queries.person(session, identifier) for identifier in ids)
    return [found_row(row) for row in rows if row is not None]


def _searched(session: Session, text: str) -> tuple[list[Found], str | None]:
    try:
        return [found_row(row) for row in queries.search_people(session, text)], None
    except InvalidInput as error:
        return [], next(iter(error.fields.values()), error.message)


def _task(session: Session, task_id: UUID) -> TaskView:
    """The task, when it is one of the two and who is calling may answer it."""
    view = work.task_view(session, task_id)
    if view.row.node not in NODES:
        raise NotFound("Não encontramos essa tarefa.")
    authorize(actor(), NODES[view.row.node])
    return view


def _second(task_id: UUID, conflict: Conflict) -> DomainError:
    """A colleague was faster: who, and when."""
    with transaction() as session:
        told = who_was_first(session, task_id)
    return Conflict(told, task=str(task_id)) if told else conflict


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _home() -> str:
    return url_for("atendimento.desk") if may("desk.verify") else url_for("gestao.inbox")
