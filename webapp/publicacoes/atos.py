"""From the page of a document: schedule its publication, change or cancel it, correct, repeat or undo it once made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from documents.dossier import access
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.publication import operations, queries, rules, vehicles
from documents.publication.models import PublicationKind
from documents.publication.views import OwnView
from webapp.forms import blame
from webapp.processo.fields import choices
from webapp.publicacoes import forms
from webapp.publicacoes.blueprint import blueprint
from webapp.security import actor, requires
from workflow import calendar, clock
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, InvalidInput, NotFound

MANAGE = "publication.manage"


@dataclass(frozen=True)
class Act:
    """One act on a publication. `told`: what must be known before; `done`: the sentence that follows."""

    path: str
    label: str
    submit: str
    done: str
    told: str
    form: Callable[[OwnView], type[FlaskForm]]
    run: Callable[[Session, OwnView, FlaskForm, Actor], object]
    danger: bool = False


def _changed(session: Session, row: OwnView, form: FlaskForm, who: Actor) -> object:
    vehicle = form.vehicle.data if "vehicle" in form else row.vehicle_key
    words = form.summary.data or "" if "summary" in form else row.summary
    return operations.change(session, row.id, vehicle, form.day.data, words, actor=who)


def _rectified(session: Session, row: OwnView, form: FlaskForm, who: Actor) -> object:
    return operations.rectify(
        session, row.id, UUID(form.document_id.data), form.day.data, form.summary.data or "", form.reason.data or "", actor=who
    )  # fmt: skip


def _change_form(row: OwnView) -> type[FlaskForm]:
    """What may be changed depends on what it is."""
    if row.kind in (PublicationKind.REPUBLICATION, PublicationKind.VOIDING):
        return forms.DayForm
    return forms.ScheduleForm if row.kind == PublicationKind.ORIGINAL else forms.CorrectionForm


ACTS = (
    Act("alterar", "Alterar a publicação programada", "Salvar", "Publicação alterada.", "", _change_form, _changed),
    Act(
        "cancelar", "Cancelar a publicação programada", "Cancelar a publicação", "Publicação cancelada.",
        "O documento continua no processo, e pode ser programado de novo.", lambda _: forms.CancelForm,
        lambda session, row, form, who: operations.cancel(session, row.id, form.reason.data or "", actor=who), danger=True,
    ),
    Act(
        "retificar", "Retificar a publicação", "Programar a retificação", "Retificação programada.",
        "O que foi publicado não muda. Um novo documento assinado deste processo diz o que corrige, e um passa a levar ao outro.",
        lambda _: forms.RectifyForm, _rectified,
    ),
    Act(
        "republicar", "Republicar", "Programar a republicação", "Republicação programada.",
        "O mesmo documento é publicado outra vez, com o motivo.", lambda _: forms.AgainForm,
        lambda session, row, form, who: operations.republish(session, row.id, form.day.data, form.reason.data or "", actor=who),
    ),
    Act(
        "sem-efeito", "Tornar a publicação sem efeito", "Programar o “sem efeito”", "“Sem efeito” programado.",
        "A publicação continua à vista, com o aviso e o motivo.", lambda _: forms.AgainForm,
        lambda session, row, form, who: operations.void(session, row.id, form.day.data, form.reason.data or "", actor=who), danger=True,
    ),
)  # fmt: skip


@blueprint.get("/documento/<uuid:document_id>/publicar")
@requires(MANAGE)
def document(document_id: UUID) -> str:
    """The publications of a document, and the form for a new one."""
    with transaction() as session:
        return _document_page(session, document_id, _schedule_form(session, document_id))


@blueprint.post("/documento/<uuid:document_id>/publicar")
@requires(MANAGE)
def schedule(document_id: UUID) -> ResponseReturnValue:
    """The publication is scheduled; refused, what was typed comes back."""
    refusal: DomainError | None = None
    try:
        with transaction() as session:
            access.authorize_document(session, actor(), document_id, MANAGE)
            form = _schedule_form(session, document_id)
            if form.validate():
                operations.schedule(
                    session, document_id, form.vehicle.data, form.day.data, form.summary.data or "", actor=actor()
                )
                return _done(document_id, "Publicação programada.")
    except (InvalidInput, Conflict) as error:
        refusal = error
    with transaction() as session:
        form = _schedule_form(session, document_id)
        form.validate()
        if refusal is not None:
            blame(form, refusal)
        return _document_page(session, document_id, form), 422


def _view(act: Act) -> None:
    """The pages of one act: its form, and what was sent."""

    def form_page(document_id: UUID, publication_id: UUID) -> ResponseReturnValue:
        with transaction() as session:
            row = _publication(session, document_id, publication_id)
            return _act_page(act, document_id, row, _filled(session, act, row))

    def send(document_id: UUID, publication_id: UUID) -> ResponseReturnValue:
        return _sent(act, document_id, publication_id)

    name = act.path.replace("-", "_")
    path = f"/documento/<uuid:document_id>/publicacao/<uuid:publication_id>/{act.path}"
    blueprint.add_url_rule(path, name, requires(MANAGE)(form_page), methods=["GET"])
    blueprint.add_url_rule(path, f"{name}_sent", requires(MANAGE)(send), methods=["POST"])


for _act in ACTS:
    _view(_act)


def _sent(act: Act, document_id: UUID, publication_id: UUID) -> ResponseReturnValue:
    refusal: DomainError | None = None
    try:
        with transaction() as session:
            row = _publication(session, document_id, publication_id)
            form = _filled(session, act, row)
            if form.validate():
                act.run(session, row, form, actor())
                return _done(document_id, act.done)
    except (InvalidInput, Conflict) as error:
        refusal = error
    with transaction() as session:
        row = _publication(session, document_id, publication_id)
        form = _filled(session, act, row)
        form.validate()
        if refusal is not None:
            blame(form, refusal)
        return _act_page(act, document_id, row, form), 422


def _publication(session: Session, document_id: UUID, publication_id: UUID) -> OwnView:
    """The publication of this document, for who may see to it."""
    access.authorize_document(session, actor(), document_id, MANAGE)
    found = next((one for one in queries.of_document(session, document_id) if one.id == publication_id), None)
    if found is None:
        raise NotFound("Não encontramos esta publicação neste documento.")
    return found


def _schedule_form(session: Session, document_id: UUID) -> FlaskForm:
    """The form of a first publication, in a vehicle in which the document has none."""
    first = (PublicationKind.ORIGINAL, PublicationKind.RECTIFICATION)
    lines = queries.of_document(session, document_id)
    taken = {one.vehicle_key for one in lines if one.status != "cancelled" and one.kind in first}
    form = forms.ScheduleForm()
    left = [one for one in vehicles.vehicles(session) if one.key not in taken]
    form.vehicle.choices = choices((one.key, one.name) for one in left)
    if not form.is_submitted():
        form.day.data = _next_day(session)
    return form


def _filled(session: Session, act: Act, row: OwnView) -> FlaskForm:
    """The act's form, with its choices and its beginnings."""
    form: FlaskForm = act.form(row)()
    if "vehicle" in form:
        known = {one.key: one.name for one in vehicles.vehicles(session)}
        form.vehicle.choices = choices(({**known, row.vehicle_key: row.vehicle}).items())
    if "document_id" in form:
        form.document_id.choices = choices((str(key), name) for key, name in queries.rectifiers(session, row.id))
    if not form.is_submitted():
        _begin(session, act, row, form)
    return form


def _begin(session: Session, act: Act, row: OwnView, form: FlaskForm) -> None:
    if "vehicle" in form:
        form.vehicle.data = row.vehicle_key
    if "day" in form:
        form.day.data = row.day if act.path == "alterar" else _next_day(session)
    if "summary" in form and act.path == "alterar":
        form.summary.data = row.summary


def _next_day(session: Session) -> date:
    return calendar.add_business_days(session, clock.today(), 1)


def _document_page(session: Session, document_id: UUID, form: FlaskForm) -> str:
    found = access.authorize_document(session, actor(), document_id, MANAGE)
    return render_template(
        "publicacoes/documento.html", document=found, name=_name(session, found), form=form, back=_address(found.id),
        lines=queries.of_document(session, document_id), against=_against(session, found),
    )  # fmt: skip


def _against(session: Session, found: DossierDocument) -> str:
    """Why nothing can be scheduled now; empty when it can."""
    dossier = session.get_one(Dossier, found.dossier_id)
    line = access.line_of(session, dossier, actor())
    against = rules.obstacle(found, session.get_one(DocumentType, found.type_key), dossier)
    if against:
        return against
    if line is None or line.status != "open" or dossier.status != "running":
        return "O processo não está aberto na sua unidade."
    return ""


def _act_page(act: Act, document_id: UUID, row: OwnView, form: FlaskForm) -> str:
    return render_template(
        "publicacoes/ato.html",
        act=act,
        row=row,
        form=form,
        back=url_for("publicacoes.document", document_id=document_id),
    )


def _done(document_id: UUID, sentence: str) -> ResponseReturnValue:
    flash(sentence, "ok")
    return redirect(url_for("publicacoes.document", document_id=document_id), code=303)


def _name(session: Session, found: DossierDocument) -> str:
    kind = session.get_one(DocumentType, found.type_key)
    return found.type_number or kind.name


def _address(document_id: UUID) -> str:
    return url_for("documentos.page", document_id=document_id)
