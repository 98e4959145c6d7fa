"""`/publicacoes`: what the house published, for everybody, without being asked (Lei 12.527/2011, art. 8º).

The list, one publication with its sealed PDF, and an Atom feed (RFC 4287; art. 8º, § 3º, III: open formats that
programs read). What is público no more keeps its line, without words and without file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from documents.publication import queries, vehicles
from documents.publication.queries import Filters
from webapp import downloads
from webapp.processo.fields import day_of
from webapp.publicacoes.blueprint import blueprint
from webapp.security import public
from workflow import clock
from workflow.database import transaction

NAMES = ("q", "dia", "veiculo", "tipo")


@dataclass(frozen=True)
class Asked:
    """The fields as they were typed, what they mean, and what is wrong with the day."""

    typed: dict[str, str]
    filters: Filters
    error: str = ""

    @property
    def terms(self) -> dict[str, Any]:
        """The fields that are filled in, as an address's arguments."""
        return {name: value for name, value in self.typed.items() if value}


def asked() -> Asked:
    """The filters of the address."""
    typed = {name: request.args.get(name, "").replace("\x00", "").strip()[:200] for name in NAMES}
    day: date | None = None
    error = ""
    try:
        day = day_of(typed["dia"]) if typed["dia"] else None
    except ValueError as wrong:
        error = str(wrong)
    return Asked(typed, Filters(day, typed["veiculo"], typed["tipo"], typed["q"]), error)


@blueprint.get("/publicacoes")
@public
def page() -> ResponseReturnValue:
    """The list, the latest first, by day."""
    search = asked()
    with transaction() as session:
        found = queries.published(session, search.filters, after=request.args.get("depois", ""))
        choices = {
            "vehicles": [(one.key, one.name) for one in vehicles.vehicles(session, active=False)],
            "types": queries.types(session),
        }
    days = [(day, list(items)) for day, items in groupby(found.items, key=lambda one: one.day)]
    next_url = url_for("publicacoes.page", **search.terms, depois=found.after) if found.after else ""
    rendered = render_template(
        "publicacoes/lista.html", search=search, days=[] if search.error else days, next_url=next_url, **choices
    )
    return rendered, 422 if search.error else 200


@blueprint.get("/publicacoes/<uuid:publication_id>")
@public
def one(publication_id: UUID) -> str:
    """One publication: its permalink."""
    with transaction() as session:
        shown = queries.publication(session, publication_id)
    return render_template("publicacoes/publicacao.html", shown=shown)


@blueprint.get("/publicacoes/<uuid:publication_id>/pdf")
@public
def pdf(publication_id: UUID) -> Response:
    """The sealed PDF as it was published, the same bytes every time."""
    with transaction() as session:
        content, name = queries.file(session, publication_id)
    return downloads.pdf(content, name, download="baixar" in request.args)


@blueprint.get("/publicacoes/atom")
@public
def feed() -> Response:
    """The latest publications of the same filters as an Atom feed; what is withdrawn is not in it."""
    search = asked()
    with transaction() as session:
        found = queries.published(session, search.filters).items
    shown = [item for item in found if not item.withdrawn]
    updated = max((item.published_at for item in shown), default=clock.now())
    base = current_app.extensions["settings"].public_url
    response = make_response(
        render_template("publicacoes/atom.xml", items=shown, updated=updated, base=base, search=search)
    )
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response
