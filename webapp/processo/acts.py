"""The acts on a dossier: each a declaration, from which its route, its small form and its place in the menu come.

An act without a form is a button (POST only): it can be undone by its opposite. The others have a page at
`/processo/<id>/<act>`, which a browser with scripts shows as a dialog over the processo; both take the same POST.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from documents.dossier import access
from documents.dossier.models import Dossier, DossierDocument
from documents.submissions.models import Submission
from webapp import once
from webapp.forms import blame
from webapp.processo import situation, words
from webapp.processo.blueprint import blueprint
from webapp.processo.situation import Situation
from webapp.security import actor, may, requires
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput

GROUPS = (
    ("tramitar", "Tramitar"),
    ("controlar", "Controlar na unidade"),
    ("documentos", "Documentos"),
    ("ligar", "Ligar a outros processos"),
    ("dados", "Dados e acesso"),
)


@dataclass(frozen=True)
class Target:
    """What an act is done to: the dossier, the document when it is about one, by whom."""

    session: Session
    dossier: Dossier
    here: Situation
    actor: Actor
    document: DossierDocument | None = None


@dataclass(frozen=True)
class Act:
    """One act. `run` does it and gives the sentence that tells it; `prepare` fills in choices and beginnings;
    `told` gives what must be known before (kind, sentence); `leaves`: the address that follows, else the dossier's page;
    `closes_document`: the document is gone after it; `plain`: its answer is a page or a file, which `run` gives instead of a sentence; `template`: what stands below the form, drawn from `context`."""

    name: str
    label: str
    group: str
    run: Callable[[Target, FlaskForm], str | ResponseReturnValue]
    form: type[FlaskForm] | None = None
    prepare: Callable[[Target, FlaskForm], None] | None = None
    told: Callable[[Target], list[tuple[str, str]]] | None = None
    offered: Callable[[Situation], bool] = lambda here: here.open_here
    title: str = ""
    submit: str = ""
    explanation: str = ""
    action: str = "dossier.work"
    danger: bool = False
    leaves: str = ""
    on_document: bool = False
    closes_document: bool = False
    plain: bool = False
    template: str = ""
    context: Callable[[Target], Mapping[str, object]] | None = None

    @property
    def endpoint(self) -> str:
        """The name of its route."""
        return f"processo.{self.name.replace('-', '_')}"


ACTS: dict[str, Act] = {}


def act(declared: Act) -> Act:
    """Registers the act and its route, which declares the act's rule."""
    ACTS[declared.name] = declared
    methods = ["POST"] if declared.form is None else ["GET", "POST"]
    path = f"/<uuid:dossier_id>/{declared.name}"

    def view(dossier_id: UUID, document_id: UUID | None = None) -> ResponseReturnValue:
        return _answer(declared, dossier_id, document_id)

    name = declared.name.replace("-", "_")
    rule = requires(declared.action)(view)
    if declared.on_document:
        path = f"/<uuid:dossier_id>/documento/<uuid:document_id>/{declared.name}"
    blueprint.add_url_rule(path, name, rule, methods=methods)
    return declared


def offered(here: Situation) -> list[tuple[str, list[Act]]]:
    """What may be done now on the dossier as a whole, by group."""
    can = [item for item in ACTS.values() if not item.on_document and item.offered(here) and may(item.action)]
    grouped = [(title, [item for item in can if item.group == key]) for key, title in GROUPS]
    return [(title, items) for title, items in grouped if items]


def offered_on(here: Situation, document: DossierDocument) -> list[Act]:
    """What may be done now with one document."""
    return [
        item
        for item in ACTS.values()
        if item.on_document and item.offered(here) and _fits(item, document) and may(item.action)
    ]


@dataclass(frozen=True, slots=True)
class Button:
    """An act as a page offers it: a link to its form, or a button that does it."""

    name: str
    label: str
    url: str
    form: bool


def button(item: Act, dossier_id: UUID, document_id: UUID | None = None) -> Button:
    """The act with its address."""
    url = url_for(item.endpoint, dossier_id=dossier_id, document_id=document_id)
    return Button(item.name, item.label, url, item.form is not None)


def buttons_on(session: Session, dossier: Dossier, document: DossierDocument) -> list[Button]:
    """What whoever is looking may do now with a document; nothing to whom only a block lets read it."""
    if not access.may(session, actor(), dossier):
        return []
    here = situation.situation(session, dossier, actor())
    return [button(item, dossier.id, document.id) for item in offered_on(here, document)]


FITS: dict[str, Callable[[DossierDocument], bool]] = {}
"""Of acts on documents: to which documents they apply."""


def _fits(item: Act, document: DossierDocument) -> bool:
    fits = FITS.get(item.name)
    return fits is None or fits(document)


def _answer(declared: Act, dossier_id: UUID, document_id: UUID | None) -> ResponseReturnValue:
    if request.method == "GET":
        with transaction() as session:
            target = _target(session, declared, dossier_id, document_id)
            form = _form(declared, target)
            return _page(declared, target, form)
    return _do(declared, dossier_id, document_id)


def _do(declared: Act, dossier_id: UUID, document_id: UUID | None) -> ResponseReturnValue:
    """The act; refused, its form comes back with what was typed and what to correct."""
    refusal: DomainError | None = None
    try:
        with transaction() as session:
            earlier = once.earlier(session)
            if earlier is not None and (earlier.sentence or earlier.location):
                return _again(declared, dossier_id, earlier)
            target = _target(session, declared, dossier_id, document_id)
            form = _form(declared, target)
            if declared.form is None or form.validate():
                outcome = declared.run(target, form)
                if isinstance(outcome, str):
                    once.keep(session, sentence=outcome)
                    return _done(declared, dossier_id, outcome)
                once.keep(session, location=getattr(outcome, "location", None) or "")
                return outcome
            once.forget(session)
    except (InvalidInput, Conflict) as error:
        if declared.form is None:
            raise
        refusal = error
    with transaction() as session:
        target = _target(session, declared, dossier_id, document_id)
        form = _form(declared, target)
        form.validate()
        if refusal is not None:
            blame(form, refusal)
        return _page(declared, target, form), 422


def _again(declared: Act, dossier_id: UUID, earlier: Submission) -> ResponseReturnValue:
    """The same form arrived before: nothing is done again, and the answer is the same."""
    if earlier.sentence:
        return _done(declared, dossier_id, earlier.sentence)
    return once.answered(earlier)


def _target(session: Session, declared: Act, dossier_id: UUID, document_id: UUID | None) -> Target:
    dossier = situation.opened(session, dossier_id, declared.action)
    document = situation.document_of(session, dossier, document_id) if document_id is not None else None
    return Target(session, dossier, situation.situation(session, dossier, actor()), actor(), document)


def _form(declared: Act, target: Target) -> FlaskForm:
    form = (declared.form or FlaskForm)()
    if declared.prepare is not None:
        declared.prepare(target, form)
    return form


def _page(declared: Act, target: Target, form: FlaskForm) -> str:
    told = declared.told(target) if declared.told is not None else []
    part = request.headers.get("HX-Request") is not None
    more = declared.context(target) if declared.context is not None else {}
    return render_template(
        "processo/_ato.html" if part else "processo/ato.html",
        act=declared, form=form, told=told, dossier=target.dossier, document=target.document,
        document_name=words.document_name(target.session, target.document) if target.document else "",
        url=request.path, back=url_of(target.dossier.id, target.document.id if target.document else None), **more,
    )  # fmt: skip


def _done(declared: Act, dossier_id: UUID, sentence: str) -> Response:
    """Told on the page that follows; a dialog tells it at once and the parts of the page renew themselves."""
    if not (declared.leaves or declared.closes_document):
        return answered(dossier_id, sentence)
    flash(sentence, "ok")
    target = declared.leaves or url_of(dossier_id)
    if request.headers.get("HX-Request"):
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = target
        return answer
    return redirect(target, code=303)  # type: ignore[return-value]  # werkzeug's Response, which Flask's derives from


def answered(dossier_id: UUID, sentence: str) -> Response:
    """The act is done: told in place to scripts, else on the dossier's page, with the document that was open."""
    if request.headers.get("HX-Request"):
        return announced(sentence)
    flash(sentence, "ok")
    document_id = situation.document_asked(request.form.get("documento", ""))
    return redirect(url_of(dossier_id, document_id), code=303)  # type: ignore[return-value]  # werkzeug's Response


def announced(sentence: str) -> Response:
    """For scripts: close the dialog, say the sentence, renew the parts."""
    answer = make_response("", 204)
    answer.headers["HX-Trigger"] = json.dumps({"processo-feito": {"frase": sentence}, "processo-mudou": {}})
    return answer


def url_of(dossier_id: UUID, document_id: UUID | None = None) -> str:
    """The page of a dossier, with a document open when one is named."""
    return url_for("processo.page", dossier_id=dossier_id, documento=document_id)
