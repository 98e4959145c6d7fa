"""A new document: pick the type, then how it begins; or send files from outside."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from documents.dossier import access as dossiers
from documents.dossier import operations as dossier_operations
from documents.dossier import page_queries as offered
from documents.dossier import queries as dossier_queries
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.texts import operations as texts
from documents.texts import queries as beginnings
from documents.texts.models import StandardText, TextModel
from webapp import errors, once
from webapp.documentos import reading
from webapp.documentos.blueprint import blueprint
from webapp.documentos.forms import BEGINNINGS, AuthenticateForm, NewForm, NewFormDocument, UploadForm
from webapp.forms import blame
from webapp.processo.fields import choices
from webapp.security import actor, remote_address, requires
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

FORMS: dict[str, type[FlaskForm]] = {"internal": NewForm, "form": NewFormDocument, "external": UploadForm}


@dataclass(frozen=True)
class Place:
    """Where the document goes and of what type it is."""

    dossier: Dossier
    declared: DocumentType
    kind: str


@blueprint.get("/processo/<uuid:dossier_id>/documentos/novo")
@requires("dossier.work")
def new(dossier_id: UUID) -> str:
    """Without `tipo` the types to pick from, the unit's most used first; with it what a document of it needs."""
    key = request.args.get("tipo", "")
    with transaction() as session:
        dossier = _open_here(session, dossier_id)
        if not key:
            return _types(session, dossier)
        place = _place(session, dossier, key, request.args.get("modo", ""))
        return _page(place, _form(session, place))


@blueprint.post("/processo/<uuid:dossier_id>/documentos/novo")
@requires("dossier.work")
def create(dossier_id: UUID) -> ResponseReturnValue:
    """The document; an internal one opens in the editor, a form at its fields, files in the processo."""
    key, mode = request.args.get("tipo", ""), request.args.get("modo", "")
    refusal: DomainError | None = None
    try:
        with transaction() as session:
            earlier = once.earlier(session)
            if earlier is not None:
                return once.answered(earlier)
            place = _place(session, _open_here(session, dossier_id), key, mode)
            form = _form(session, place)
            if form.validate():
                target, told = _created(session, place, form)
                once.keep(session, location=target, sentence=told)
                if told:
                    flash(told, "ok")
                return redirect(target, code=303)
            once.forget(session)
    except InvalidInput as error:
        refusal = error
    with transaction() as session:
        place = _place(session, _open_here(session, dossier_id), key, mode)
        form = _form(session, place)
        form.validate()
        if refusal is not None:
            blame(form, refusal)
        return _page(place, form), 422


@blueprint.post("/processo/<uuid:dossier_id>/documentos/arquivo")
@requires("dossier.work")
def upload(dossier_id: UUID) -> ResponseReturnValue:
    """One file of several, sent by the page's script with its progress: JSON, refusals too."""
    try:
        with transaction() as session:
            earlier = once.earlier(session)
            if earlier is not None:
                return jsonify(number=earlier.sentence, url=earlier.location), 201
            place = _place(session, _open_here(session, dossier_id), request.args.get("tipo", ""), "external")
            form = _form(session, place)
            if not form.validate():
                once.forget(session)
                return jsonify(message=next(iter(form.errors.values()))[0]), 422
            (made,) = _uploaded(session, place, form)
            number, url = f"{made.number:07d}", url_for("documentos.page", document_id=made.id)
            once.keep(session, location=url, sentence=number)
            return jsonify(number=number, url=url), 201
    except (InvalidInput, Conflict) as error:
        return jsonify(message=error.message), 422
    except DomainError as error:  # refused: as any other page tells it, in the script's form
        return jsonify(message=error.message), errors.status_of(error)


def _open_here(session: Session, dossier_id: UUID) -> Dossier:
    """The dossier, open in the unit of who is asking."""
    dossier = dossiers.find(session, actor(), dossier_id, "dossier.work")
    dossiers.open_line(session, dossier, actor())
    if dossier.status != "running":
        raise Conflict("Este processo está sobrestado ou anexado a outro: não recebe documentos agora.")
    return dossier


def _types(session: Session, dossier: Dossier) -> str:
    rows = offered.document_types_by_use(session, actor().unit)
    return render_template(
        "documentos/tipos.html", dossier=dossier, process_url=_process(dossier.id),
        written=[row for row in rows if row.applies_to in ("internal", "both")],
        external=[row for row in rows if row.applies_to in ("external", "both")],
        asked=[row for row in rows if row.applies_to == "form"],
    )  # fmt: skip


def _process(dossier_id: UUID, document_id: UUID | None = None) -> str:
    address = url_for("processo.page", dossier_id=dossier_id)
    return f"{address}?documento={document_id}" if document_id else address


def _place(session: Session, dossier: Dossier, key: str, mode: str) -> Place:
    declared = session.get(DocumentType, key)
    if declared is None or not declared.active:
        raise NotFound("Não encontramos este tipo de documento. Escolha outro.")
    kind = "external" if declared.applies_to == "both" and mode == "external" else declared.applies_to
    return Place(dossier, declared, "internal" if kind == "both" else kind)


def _form(session: Session, place: Place) -> FlaskForm:
    form = FORMS[place.kind]()
    hypotheses = [(str(row.id), f"{row.name} ({row.law})") for row in dossier_queries.hypotheses(session)]
    form.hypothesis_id.choices = choices([("", "Escolha"), *hypotheses])
    if isinstance(form, NewForm):
        _beginnings(session, place, form)
    return form


def _beginnings(session: Session, place: Place, form: NewForm) -> None:
    """What it may begin with: the ways that lead somewhere."""
    own = beginnings.model_of(session, place.declared)
    models = [row for row in beginnings.models(session) if own is None or row.key != own.key]
    standard = beginnings.standard_texts(session, actor().unit)
    form.model.choices = choices([("", "Escolha"), *((row.key, row.name) for row in models)])
    form.standard.choices = choices([("", "Escolha"), *((str(row.id), row.name) for row in standard)])
    usable = {"modelo": own is not None, "outro": bool(models), "texto": bool(standard)}
    form.beginning.choices = choices(pair for pair in BEGINNINGS if usable.get(pair[0], True))
    if request.method == "GET":
        copied = request.args.get("copia", "")
        form.beginning.data = "copia" if copied else "modelo" if own is not None else "branco"
        form.copy_of.data = copied


def _page(place: Place, form: FlaskForm) -> str:
    return render_template(
        f"documentos/novo_{place.kind}.html", form=form, dossier=place.dossier, declared=place.declared,
        process_url=_process(place.dossier.id), types_url=url_for("documentos.new", dossier_id=place.dossier.id),
        upload_url=url_for("documentos.upload", dossier_id=place.dossier.id, tipo=place.declared.key),
    )  # fmt: skip


def _created(session: Session, place: Place, form: FlaskForm) -> tuple[str, str]:
    """Where the person goes on, and what is told there."""
    if isinstance(form, UploadForm):
        made = _uploaded(session, place, form)
        told = f"{len(made)} {'documento incluído' if len(made) == 1 else 'documentos incluídos'}."
        return _process(place.dossier.id, made[-1].id), told
    document = _added(session, place, form, form.title.data)
    if place.kind == "form":
        return url_for("documentos.form", document_id=document.id), ""
    texts.begin(session, document.id, actor=actor(), html=_beginning(session, form))
    return url_for("documentos.edit", document_id=document.id), ""


def _added(session: Session, place: Place, form: FlaskForm, title: str) -> DossierDocument:
    hypothesis = UUID(form.hypothesis_id.data) if form.hypothesis_id.data else None
    return dossier_operations.add_document(
        session, place.dossier.id, place.kind, place.declared.key, actor=actor(), title=title or "",
        level=form.level.data, hypothesis_id=hypothesis,
    )  # fmt: skip


def _beginning(session: Session, form: FlaskForm) -> str | None:
    """The text to begin with; None is the type's model."""
    way = form.beginning.data
    if way == "branco":
        return "<p></p>"
    if way == "texto":
        standard = session.get(StandardText, UUID(form.standard.data))
        return standard.html if standard is not None else None
    if way == "outro":
        model = session.get(TextModel, form.model.data)
        return model.html if model is not None else None
    return _copied(session, form.copy_of.data) if way == "copia" else None


def _copied(session: Session, number: str) -> str:
    found = offered.document_by_number(session, number, actor())
    html = reading.text_of(session, found) if found is not None and found.kind == "internal" else ""
    if not html:
        raise InvalidInput({"copy_of": "Não encontramos um documento escrito aqui com este número. Confira o número."})
    return html


def _uploaded(session: Session, place: Place, form: FlaskForm) -> list[DossierDocument]:
    """Every file becomes a document of its own, all of them or none."""
    files: list[FileStorage] = [item for item in form.files.data if item.filename]
    made = []
    for item in files:
        name = item.filename or "arquivo"
        title = form.title.data or name.rsplit(".", 1)[0][:250]
        document = _added(session, place, form, title)
        texts.upload(
            session, document.id, item.stream.read(), name, actor=actor(), conference=form.conference.data or None
        )
        document.document_date = form.document_date.data
        made.append(document)
    session.flush()
    return made


@blueprint.route("/documento/<uuid:document_id>/autenticar", methods=["GET", "POST"])
@requires("dossier.authenticate")
def authenticate(document_id: UUID) -> ResponseReturnValue:
    """The protocolo compared the digitised file with the paper, and says so with its password."""
    form = AuthenticateForm()
    refusal: InvalidInput | None = None
    if form.validate_on_submit():
        try:
            with transaction() as session:
                document = dossiers.authorize_document(session, actor(), document_id)
                texts.authenticate(
                    session, document_id, password=form.password.data or "", actor=actor(), address=remote_address()
                )
                target = _process(document.dossier_id, document_id)
        except InvalidInput as error:
            refusal = error
        else:
            flash("Documento autenticado.", "ok")
            return redirect(target, code=303)
    if refusal is not None:
        blame(form, refusal)
    with transaction() as session:
        shown = reading.shown(session, reading.opened(session, document_id))
    page = render_template(
        "documentos/autenticar.html", document=shown, form=form, process_url=_process(shown.dossier_id, shown.id)
    )
    return (page, 422) if form.errors else page
