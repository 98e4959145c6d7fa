"""Cases: the list, one case with its history and diagram, starting, cancelling, moving to a newer diagram."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from documents.dossier import access as dossiers
from people import queries as people
from webapp import shown
from webapp.gestao import queries as lists
from webapp.gestao import task_forms, words
from webapp.gestao.caixa import declared, task_url
from webapp.gestao.incidentes import incident_lines
from webapp.gestao.tarefas import blueprint
from webapp.gestao.task_forms import Filled
from webapp.security import actor, may, requires
from workflow import flows, forms, process
from workflow import operations as engine
from workflow import queries as work
from workflow.database import transaction
from workflow.errors import InvalidInput, NotFound
from workflow.process import Form, Process

PAGE = 50
STATUS = {
    "running": words.DueWords("info", "Em andamento"),
    "completed": words.DueWords("ok", "Concluído"),
    "cancelled": words.DueWords("neutral", "Cancelado"),
    "stopped": words.DueWords("error", "Parado"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of cases."""

    id: UUID
    title: str
    subject: str
    where: str
    since: str
    kind: str
    word: str


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the history, with who did it."""

    instant: datetime
    sentence: str
    who: str


@blueprint.get("/processos")
@requires("case.view")
def cases() -> str:
    """Cases, latest first, found by subject, process and status."""
    text = " ".join(request.args.get("q", "").split())[:100]
    key, status = request.args.get("processo", ""), request.args.get("situacao", "")
    before = request.args.get("antes", "")
    with transaction() as session:
        rows = lists.cases(session, lists.CaseFilters(key, status, text, _instant(before), PAGE + 1), actor())
    startable = [item for item in process.registered() if item.start is not None and may("case.manage")]
    more: dict[str, Any] = {"q": text or None, "processo": key or None, "situacao": status or None}
    return render_template(
        "gestao/processos.html", cases=[_line(row) for row in rows[:PAGE]], q=text, process_key=key, status=status,
        processes=process.registered(), statuses=[(name, state.text) for name, state in STATUS.items()], startable=startable,
        more_url=url_for("gestao.cases", antes=rows[PAGE - 1].created_at.isoformat(), **more) if len(rows) > PAGE else "",
    )  # fmt: skip


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _line(row: lists.CaseRow) -> Line:
    found = declared(row.process_key)
    state = STATUS["stopped" if row.stopped else row.status]
    where = ", ".join(row.open_titles)
    since = f"começou {shown.ago(row.created_at)}"
    return Line(row.id, found.title if found else row.process_key, row.subject, where, since, state.kind, state.text)


@blueprint.get("/processos/<uuid:case_id>")
@requires("case.view")
def case(case_id: UUID) -> str:
    """One case: where it is, what happened, what can be done."""
    return _page(case_id)


def _page(case_id: UUID, cancel_error: str = "") -> str:
    with transaction() as session:
        dossiers.authorize_case(session, actor(), case_id)
        view = work.case_view(session, case_id)
        story = work.timeline(session, case_id)
        diagram_view = work.diagram_view(session, case_id)
        ids = words.uuids_in(view.data.values())
        names = people.names(session, ids) | people.account_names(session, ids)
        actors = people.account_names(session, _accounts(view, story))
        stopped = incident_lines(work.incidents(session, case_id=case_id))
        outdated = view.status == "running" and lists.has_newer_version(session, case_id)
    found = declared(view.process_key)
    return render_template(
        "gestao/caso.html", case=view, title=view.title, subject=view.subject,
        status=STATUS["stopped" if stopped else view.status], incidents=stopped,
        timeline=_told(story, flows.answers(diagram_view.xml), actors),
        steps=_steps(diagram_view), open_tasks=[_open_task(row, actors) for row in view.tasks],
        facts=words.facts(view.data, view.process_key, names), legal_basis=found.legal_basis if found else "",
        can_cancel=view.status == "running" and may("case.cancel"), cancel_error=cancel_error,
        migration_url=url_for("gestao.migration", process_key=view.process_key) if outdated and may("case.migrate") else "",
    )  # fmt: skip


def _told(story: Iterable[work.TimelineEntry], answers: Mapping[str, str], actors: Mapping[UUID, str]) -> list[Told]:
    """The story in sentences, with what was decided on the way, in the diagram's own words."""
    return [
        Told(
            entry.at,
            " ".join([entry.sentence, *(answers[flow] for flow in entry.data.get("chosen", ()) if flow in answers)]),
            _who(entry, actors),
        )
        for entry in story
    ]


def _accounts(view: work.CaseView, story: Iterable[work.TimelineEntry]) -> set[UUID]:
    found = {row.assignee for row in view.tasks}
    for entry in story:
        if entry.actor_kind == "account":
            found |= {entry.actor_id, entry.acting_for}
    return {identifier for identifier in found if identifier is not None}


def _who(entry: work.TimelineEntry, names: Mapping[UUID, str]) -> str:
    """Who did it; the machine's own steps need no author."""
    if entry.actor_kind == "bridge":
        return "Ponte da portaria"
    if entry.actor_id is None or entry.actor_kind != "account":
        return ""
    name = names.get(entry.actor_id, "Conta eliminada")
    stood_in = f", em substituição a {names.get(entry.acting_for, 'outra pessoa')}" if entry.acting_for else ""
    return f"{name}{f' ({entry.unit})' if entry.unit else ''}{stood_in}"


def _steps(view: work.DiagramView) -> list[dict[str, str]]:
    """What the drawing shows, as a list for who does not see it."""
    names = node_names(view.xml)
    told = [
        (
            node,
            "com incidente"
            if node in view.failed
            else "está aqui"
            if node in view.where
            else _times(view.passed[node]),
        )
        for node in names
        if node in view.failed or node in view.where or view.passed.get(node)
    ]
    return [{"title": names[node], "word": word} for node, word in told]


def _times(count: int) -> str:
    return "passou uma vez" if count == 1 else f"passou {count} vezes"


def node_names(xml: str) -> dict[str, str]:
    """Names of the drawn steps (never of the arrows), in the order of the drawing."""
    found = {}
    for element in ElementTree.fromstring(xml).iter():  # noqa: S314 - a diagram of the repository, checked at deployment
        kind = element.tag.rsplit("}", 1)[-1]
        if kind.endswith(("Task", "Event", "Gateway", "callActivity", "subProcess")) and element.get("name"):
            found[element.get("id", "")] = element.get("name", "")
    return found


def _open_task(row: work.TaskRow, names: Mapping[UUID, str]) -> dict[str, object]:
    holder = (
        "com você"
        if row.assignee == actor().id
        else f"com {names.get(row.assignee, 'outra pessoa')}"
        if row.assignee
        else "sem ninguém"
    )
    place = f"{row.unit}, " if row.unit else ""
    return {"url": task_url(row), "title": row.title, "holder": place + holder, "due": words.due_words(row.due_at)}


@blueprint.get("/processos/<uuid:case_id>/diagrama")
@requires("case.view")
def diagram(case_id: UUID) -> ResponseReturnValue:
    """The diagram of the case's own version, with where it is and where it went."""
    with transaction() as session:
        dossiers.authorize_case(session, actor(), case_id)
        view = work.diagram_view(session, case_id)
    return jsonify(
        xml=view.xml, where=sorted(view.where), passed=dict(view.passed), failed=sorted(view.failed),
        flows=sorted(view.flows),
    )  # fmt: skip


@blueprint.post("/processos/<uuid:case_id>/cancelar")
@requires("case.cancel")
def cancel(case_id: UUID) -> ResponseReturnValue:
    """Ends the case before its time, with the reason (`razao`)."""
    try:
        with transaction() as session:
            dossiers.authorize_case(session, actor(), case_id)
            engine.cancel_case(session, case_id, request.form.get("razao", ""), actor=actor())
    except InvalidInput as error:
        return _page(case_id, next(iter(error.fields.values()), error.message)), 422
    flash("Processo cancelado.", "ok")
    return redirect(url_for("gestao.case", case_id=case_id), code=303)


@blueprint.route("/processos/iniciar/<process_key>", methods=["GET", "POST"])
@requires("case.manage")
def start(process_key: str) -> ResponseReturnValue:
    """Starts a case of a process that declares the form of its start."""
    found = declared(process_key)
    form = found.start if found else None
    if found is None or form is None:
        raise NotFound("Este processo não é iniciado por aqui.")
    if request.method == "GET":
        return _start_page(found, form, Filled())
    raw = task_forms.posted(form, request.form)
    try:
        with transaction() as session:
            data = forms.validate(form, raw)
            reference = engine.start_case(
                session, process_key, data, actor=actor(), idempotency_key=request.form.get("chave") or None
            )
    except InvalidInput as error:
        return _start_page(found, form, Filled(raw, task_forms.with_labels(form, error.fields))), 422
    flash("Processo iniciado.", "ok")
    return redirect(url_for("gestao.case", case_id=reference.id), code=303)


def _start_page(found: Process, form: Form, filled: Filled) -> str:
    return render_template(
        "gestao/iniciar.html", key=found.key, title=found.title, form=form, filled=filled,
        legal_basis=found.legal_basis, idempotency_key=request.form.get("chave") or uuid4().hex,
    )  # fmt: skip


@blueprint.get("/processos/migracao/<process_key>")
@requires("case.migrate")
def migration(process_key: str) -> str:
    """The dry run: what each running case would lose on the newest diagram."""
    found = declared(process_key)
    if found is None:
        raise NotFound("Não há esse processo.")
    with transaction() as session:
        plan = engine.plan_migration(session, process_key)
        subjects = lists.subjects(session, [move.case_id for move in plan.cases], actor())
    return render_template(
        "gestao/migracao.html",
        key=process_key,
        title=found.title,
        version=plan.version,
        rows=plan.cases,
        subjects=subjects,
    )


@blueprint.post("/processos/<uuid:case_id>/migrar")
@requires("case.migrate")
def migrate(case_id: UUID) -> ResponseReturnValue:
    """Moves one case to the version that the dry run showed."""
    version = request.form.get("versao", type=int)
    if version is None:
        raise InvalidInput({"versao": "Abra a simulação e escolha o caso."})
    with transaction() as session:
        dossiers.authorize_case(session, actor(), case_id)
        engine.migrate_case(session, case_id, version, actor=actor())
    flash(f"O caso passou para a versão {version} do diagrama.", "ok")
    return redirect(url_for("gestao.case", case_id=case_id), code=303)
