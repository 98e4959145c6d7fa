"""`/pesquisa-publica`: anybody finds público processos and their finished documents, by words and by number.

No text and no names are shown, a specification only where it holds the words asked for, whoever asks by a person's name
finds no processo by its parties, and an address has a limit: what people complain of elsewhere is personal data exposed
in the public search.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Response, make_response, render_template, request, url_for

from documents.search import language, queries
from documents.search.queries import Filters
from people import throttle
from people.throttle import Limit, network_of
from webapp import downloads
from webapp.pesquisa import asked
from webapp.pesquisa.asked import Asked
from webapp.pesquisa.shown import public_line
from webapp.pesquisa.views import Answer, blueprint, wrong
from webapp.security import public, remote_address
from workflow.actor import PUBLIC
from workflow.database import transaction
from workflow.errors import DomainError, TooManyAttempts

LIMIT = Limit(30, timedelta(minutes=1), timedelta(minutes=1))
"""Searches of one address: more than anybody reads, few enough to copy nothing."""
FIELDS = ("q", "numero", "de", "ate")


@blueprint.get("/pesquisa-publica")
@public
def open_page() -> Response:
    """The form; once something was asked for, its results."""
    search = asked.read({name: request.args.get(name, "") for name in (*FIELDS, "depois")})
    sent = bool(search.terms)
    answer, status = (_answer(search), 200) if sent else (Answer(), 200)
    if answer.error:
        status = 422
    page = render_template(
        "pesquisa/publica.html",
        search=search,
        sent=sent,
        answer=answer,
        total_url=url_for("pesquisa.open_total", **search.address),
    )
    return downloads.unlisted(make_response(page, status))


@blueprint.get("/pesquisa-publica/total")
@public
def open_total() -> Response:
    """How many results there are; counts against the same limit."""
    search = asked.read({name: request.args.get(name, "") for name in FIELDS})
    _admit()
    with transaction() as session:
        found = queries.count(session, PUBLIC, search.text, _filters(search))
    return downloads.unlisted(make_response(render_template("pesquisa/_total.html", total=found)))


def _answer(search: Asked) -> Answer:
    if search.errors:
        return wrong(search)
    try:
        _admit()
        with transaction() as session:
            found = queries.search(session, PUBLIC, search.text, _filters(search), search.after)
    except TooManyAttempts:
        raise
    except DomainError as refusal:
        return Answer(error=refusal.message)
    after = url_for("pesquisa.open_page", **search.address, depois=str(found.after)) if found.after else ""
    asked_for = language.parse(search.text)
    return Answer(tuple(public_line(item, asked_for) for item in found.items), found.total, after, found.notice)


def _filters(search: Asked) -> Filters:
    return Filters(number=search.filters.number, since=search.filters.since, until=search.filters.until)


def _admit() -> None:
    """Counted in a transaction of its own, which stays whatever the search answers."""
    with transaction() as session:
        wait = throttle.count(session, "pesquisa-publica", network_of(remote_address()), LIMIT)
    if wait:
        raise TooManyAttempts(wait, "Muitas pesquisas em pouco tempo. Aguarde um minuto e tente de novo.")
