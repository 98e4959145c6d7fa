"""The page of a processo: tree, document, what can be done now; and its parts, which renew themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier import operations
from documents.dossier import queries as dossiers
from documents.dossier.annotations import queries as beside
from documents.dossier.events import Detail
from documents.dossier.models import Dossier
from documents.dossier.views import DossierView
from people import queries as people
from webapp import shown
from webapp.controle.prazos import Days
from webapp.documentos import reading as documents
from webapp.gestao.caixa import task_url
from webapp.gestao.casos import node_names
from webapp.processo import acts, arvore, situation, words
from webapp.processo.acts import url_of
from webapp.processo.blueprint import blueprint
from webapp.processo.situation import Situation
from webapp.security import actor, may, requires
from workflow import queries as work
from workflow.database import transaction

DETAILS: tuple[tuple[Detail, str], ...] = (("resumido", "Resumido"), ("completo", "Completo"), ("total", "Total"))


MAIN = "enviar"
"""The act that stands out."""


@blueprint.get("/<uuid:dossier_id>")
@requires("dossier.read")
def page(dossier_id: UUID) -> ResponseReturnValue:
    """The processo, with `documento` open in the middle; opening it is its recebimento, opening a document notes it."""
    document_id = situation.document_asked(request.args.get("documento", ""))
    with transaction() as session:
        dossier = situation.opened(session, dossier_id, "dossier.read")
        operations.mark_read(session, dossier_id, actor=actor())
        if document_id is not None:
            situation.document_of(session, dossier, document_id)
            operations.note_seen(session, document_id, actor=actor())
    if request.headers.get("HX-Target") == "proc-meio" and document_id is not None:
        with transaction() as session:
            dossier = situation.opened(session, dossier_id, "dossier.read")
            return render_template("processo/_documento_parte.html", **_middle(session, dossier, document_id))
    with transaction() as session:
        dossier = situation.opened(session, dossier_id, "dossier.read")
        return render_template(
            "processo/processo.html", **_everything(session, dossier, document_id, _detail(request.args))
        )


@blueprint.get("/<uuid:dossier_id>/atual")
@requires("dossier.read")
def current(dossier_id: UUID) -> ResponseReturnValue:
    """The parts that changed since `versao`; 304 when nothing did."""
    with transaction() as session:
        dossier = situation.opened(session, dossier_id, "dossier.read")
        if request.args.get("versao") == situation.version(session, dossier, actor()):
            return Response(status=304)
        asked = {
            name: values[0]
            for name, values in parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query).items()
        }
        document_id = situation.document_asked(asked.get("documento", ""))
        if document_id is not None and not situation.still_there(session, dossier.id, document_id):
            document_id = None
        return render_template("processo/_atual.html", **_everything(session, dossier, document_id, _detail(asked)))


@blueprint.get("/<uuid:dossier_id>/diagrama")
@requires("dossier.read")
def diagram(dossier_id: UUID) -> ResponseReturnValue:
    """The plan of work as a drawing: where it is, where it went."""
    with transaction() as session:
        dossier = situation.opened(session, dossier_id, "dossier.read")
        view = work.diagram_view(session, situation.plan_of(dossier))
    return jsonify(
        xml=view.xml, where=sorted(view.where), passed=dict(view.passed), failed=sorted(view.failed),
        flows=sorted(view.flows),
    )  # fmt: skip


def _detail(asked: Mapping[str, str]) -> Detail:
    return next((name for name, _ in DETAILS if name == asked.get("andamento")), "resumido")


def _everything(session: Session, dossier: Dossier, document_id: UUID | None, detail: Detail) -> dict[str, object]:
    view = dossiers.dossier_view(session, dossier.id, actor())
    here = situation.situation(session, dossier, actor())
    context = _head(session, view, here) | _now(session, view, here) | {"chosen": None, "dossier_id": dossier.id}
    context |= arvore.tree(session, view, document_id)
    if document_id is not None:
        context |= _middle(session, dossier, document_id)
    else:
        context |= _cover(session, view) | _story(session, view, detail)
    version = situation.version(session, dossier, actor())
    asked = detail if detail != "resumido" else None
    context["live_url"] = url_for("processo.current", dossier_id=dossier.id, versao=version, andamento=asked)
    return context


def _head(session: Session, view: DossierView, here: Situation) -> dict[str, object]:
    count = len(view.tree)
    host = view.attached_to
    head = {
        "url": url_of(view.id), "number": view.number, "specification": view.specification, "type_name": view.type_name,
        "marks": words.marks(view, here), "markers": beside.markers_on(session, view.id, actor().unit or ""),
        "count_words": "nenhum documento" if not count else "1 documento" if count == 1 else f"{count} documentos",
        "due": Days.since(session, [here.due_at]).words(here.due_at),
        "attached_to": {"number": host.number, "url": url_of(host.id)} if host else None,
    }  # fmt: skip
    add = url_for("documentos.new", dossier_id=view.id) if here.open_here and may("dossier.work") else ""
    return {"head": head, "add_url": add}


def _now(session: Session, view: DossierView, here: Situation) -> dict[str, object]:
    """What is missing, the open tasks of the plan, how it stands here, and the acts."""
    notes = beside.notes(session, view.id, actor().unit or "")
    ids = {row.assignee for row in view.tasks} | {note.author for note in notes}
    names = people.account_names(session, [one for one in ids if one is not None])
    days = Days.since(session, (row.due_at for row in view.tasks))
    groups = [(title, [acts.button(item, view.id) for item in items]) for title, items in acts.offered(here)]
    main = next((item for _, items in groups for item in items if item.name == MAIN), None)
    shown_groups = [(title, [item for item in items if item.name != MAIN]) for title, items in groups]
    return {
        "main_act": main, "groups": [(title, items) for title, items in shown_groups if items],
        "missing": view.missing, "tasks": [_task(row, names, days) for row in view.tasks],
        "state": words.state(here, view.mine.assignee_name if view.mine else "", actor().unit),
        "notes": [_written(note, names) for note in notes],
    }  # fmt: skip


def _task(row: work.TaskRow, names: Mapping[UUID, str], days: Days) -> dict[str, object]:
    """A task of the plan; its address only for who may do it."""
    who = actor()
    mine = row.role in who.roles and row.unit in (None, who.unit)
    holder = "sem ninguém" if row.assignee is None else f"com {names.get(row.assignee, 'outra pessoa')}"
    if row.assignee is not None and row.assignee == who.id:
        holder = "com você"
    place = f"{row.unit}, " if row.unit else ""
    return {
        "title": row.title,
        "url": task_url(row) if mine else "",
        "holder": place + holder,
        "due": days.words(row.due_at),
    }


def _written(one: beside.Written, names: Mapping[UUID, str]) -> dict[str, object]:
    author = names.get(one.author, "Conta eliminada") if one.author else "Sistema"
    place = f"{author} ({one.unit})" if one.unit else author
    mine = one.author is not None and one.author == actor().id
    return {"id": one.id, "text": one.text, "who": place, "at": one.at, "urgent": one.urgent, "mine": mine}


def _middle(session: Session, dossier: Dossier, document_id: UUID) -> dict[str, object]:
    """One document: its name, its marks, its acts, what is said of it; its content comes by itself."""
    document = situation.document_of(session, dossier, document_id)
    item = next(one for one in dossiers.tree(session, dossier.id, actor()) if one.id == document_id)
    said = [one for one in beside.comments(session, dossier.id) if one.document_id == document_id]
    names = people.account_names(session, [one.author for one in said if one.author])
    return {
        "chosen": arvore.line_of(dossier.id, item, selected=True), "head_number": dossier.number, "dossier_id": dossier.id,
        "chosen_marks": [words.as_status(mark) for mark in words.document_marks(item)],
        "document": documents.shown(session, document), "more": acts.buttons_on(session, dossier, document), "inside": True,
        "chosen_comments": [_written(one, names) for one in said],
        "document_url": url_for("documentos.page", document_id=document_id),
        "view_url": url_for("documentos.part", document_id=document_id),
    }  # fmt: skip


def _cover(session: Session, view: DossierView) -> dict[str, object]:
    """What the dossier is, and its plan of work."""
    names = people.account_names(session, [view.created_by] if view.created_by else [])
    author = names.get(view.created_by, "Conta eliminada") if view.created_by else "Sistema"
    level = words.LEVELS[view.effective_level]
    if view.effective_level != view.level:
        level += f" (o processo é {words.LEVELS[view.level].lower()}, mas um documento dele é mais restrito)"
    facts = [
        ("Interessados", "; ".join(party.name for party in view.parties) or "Nenhum informado"),
        ("Nível de acesso", level),
        *([("Hipótese legal", f"{view.hypothesis.name} ({view.hypothesis.law})")] if view.hypothesis else []),
        ("Aberto por", f"{author} ({view.origin_unit}), em {shown.show_instant(view.created_at)}"),
        ("Passou por", ", ".join(line.unit for line in view.units)),
    ]
    plan: dict[str, object] = {"figure_url": "", "steps": [], "plan_title": ""}
    if view.case_id is not None:
        drawn = work.diagram_view(session, view.case_id)
        plan |= {
            "figure_url": url_for("processo.diagram", dossier_id=view.id), "steps": list(_steps(drawn)),
            "plan_title": work.process_title(view.process_key or ""),
        }  # fmt: skip
    return {"facts": facts, **plan}


def _steps(view: work.DiagramView) -> Iterable[dict[str, str]]:
    """The drawing in words, in its order."""
    for node, title in node_names(view.xml).items():
        if node in view.failed:
            yield {"title": title, "word": "parou e espera uma decisão"}
        elif node in view.where:
            yield {"title": title, "word": "está aqui"}
        elif view.passed.get(node):
            yield {"title": title, "word": "já passou"}


def _story(session: Session, view: DossierView, detail: Detail) -> dict[str, object]:
    """The andamento in sentences, and the comments on the processo."""
    story = dossiers.andamento(session, view.id, actor=actor(), detail=detail)
    said = [one for one in beside.comments(session, view.id) if one.document_id is None]
    names = people.account_names(session, words.accounts_in(story) | {one.author for one in said if one.author})
    page_url = url_for("processo.page", dossier_id=view.id)
    return {
        "story": [words.told(entry, names) for entry in story],
        "story_tabs": [
            {"label": label, "url": f"{page_url}?andamento={name}#andamento", "current": name == detail}
            for name, label in DETAILS
        ],
        "comments": [_written(one, names) for one in said],
    }
