"""Route × role × access level × relation to the unit, generated from the URL map: the answer is the decision of people.access.

A route about dossiers that this file does not know how to fill in fails, so that a new one is thought of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from documents.dossier import access, catalogue, operations
from documents.dossier.models import Dossier, DossierDocument, LegalHypothesis
from documents.texts import operations as texts
from people.access import ACTIONS, allowed
from people.roles import DOSSIER_ROLES
from tests.webapp import scenario
from webapp import security
from workflow.actor import Actor
from workflow.database import transaction

ABOUT_DOSSIERS = {"dossier_id", "document_id"}
OTHERS = {
    "grant_id": uuid4(),
    "note_id": uuid4(),
    "comment_id": uuid4(),
    "number": 1,
    "type_key": "x",
    "request_id": uuid4(),
    "publication_id": uuid4(),
}
"""What else such a route may hold: something that is not there."""
LEVELS = ("publico", "restrito", "sigiloso")
RELATIONS = ("here", "elsewhere", "credential")
READS = ("processo.page", "documentos.page", "documentos.part")


class Standing:
    """One dossier with one document, and its relation to who looks."""

    def __init__(self, level: str, relation: str, dossier: UUID, document: UUID) -> None:
        self.level, self.relation, self.dossier, self.document = level, relation, dossier, document


def routes(app: Flask) -> Iterator[Rule]:
    """Every route about a dossier or a document of one."""
    for rule in app.url_map.iter_rules():
        declared = security.access_of(app.view_functions[rule.endpoint])
        external = declared is not None and (declared.action or "").startswith("external.")
        if ABOUT_DOSSIERS & set(rule.arguments) and not external:  # those: tests/webapp/test_externo.py
            yield rule


def path_of(app: Flask, rule: Rule, standing: Standing) -> str:
    """The route's address for this dossier; KeyError names an argument that nobody filled in."""
    known = {**OTHERS, "dossier_id": standing.dossier, "document_id": standing.document}
    values = {name: known[name] for name in rule.arguments}
    method = next(iter((rule.methods or set()) & {"GET", "POST"}))
    return str(app.url_map.bind("carimbo.test").build(rule.endpoint, values, method=method))


def standings(owner: Actor, looker: Actor) -> list[Standing]:
    """A dossier of each level in each relation; the owner's unit opened all but those that are `here`."""
    made = []
    with transaction() as session:
        catalogue.install_types(session)
        laws = {one.level: one.id for one in session.scalars(select(LegalHypothesis))}
        for level in LEVELS:
            for relation in RELATIONS:
                by = looker if relation == "here" else owner
                dossier = operations.open_dossier(
                    session, "administrativo_geral", actor=by, specification=f"{level} {relation}",
                    level=level, hypothesis_id=laws.get(level),
                )  # fmt: skip
                document = operations.add_document(
                    session, dossier.id, "internal", "despacho", actor=by, title="Um despacho"
                )
                texts.save(session, document.id, "<p>palavra</p>", actor=by, based_on=0)
                if relation == "credential" and level == "sigiloso":
                    assert looker.id is not None
                    operations.grant_credential(session, dossier.id, looker.id, actor=owner)
                made.append(Standing(level, relation, dossier.id, document.id))
    return made


def allows(rule: Rule, app: Flask, actor: Actor, dossier: UUID) -> bool:
    """The decision of people.access on this route's action over this dossier."""
    declared = security.access_of(app.view_functions[rule.endpoint])
    assert declared is not None, rule.rule
    assert declared.action in ACTIONS, f"{rule.rule}: a route about a dossier declares an action"
    with transaction() as session:
        row = session.get(Dossier, dossier)
        assert row is not None
        return allowed(actor, declared.action, access.resource_of(session, row))


def signed_in(app: Flask, role: str, unit: str) -> tuple[FlaskClient, Actor]:
    """A client of somebody with this role, and the actor it is."""
    login = scenario.staff(role, unit, f"{role}.{unit.lower()}")
    client = app.test_client()
    scenario.sign_in(client, login)
    return client, scenario.actor_of(login)


def test_every_route_about_a_dossier_can_be_filled_in(app: Flask) -> None:
    unknown = {name for rule in routes(app) for name in rule.arguments} - ABOUT_DOSSIERS - set(OTHERS)
    assert unknown == set()
    assert len(list(routes(app))) > 40


@pytest.mark.slow
def test_matrix_of_somebody_who_works_processos(app: Flask) -> None:
    _, owner = signed_in(app, "servidor", "GRPC")
    client, looker = signed_in(app, "servidor", "GRI")
    token = scenario.token_of(client, "/conta")
    wrong = []
    for standing in standings(owner, looker):
        for rule in routes(app):
            path = path_of(app, rule, standing)
            let_in = allows(rule, app, looker, standing.dossier)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                if method == "POST" and let_in:
                    continue  # what it does is its own test's business
                got = client.open(
                    path, method=method, data={"csrf_token": token} if method == "POST" else None
                ).status_code
                if not fits(got, rule, standing, let_in=let_in):
                    wrong.append(f"{method} {rule.rule} {standing.level} {standing.relation}: {got}")
    assert not wrong, "\n".join(wrong)


def fits(status: int, rule: Rule, standing: Standing, *, let_in: bool) -> bool:
    """404 for what must not be known to exist, 403 for the rest that is refused, no failure for what is let in."""
    if let_in:
        return status == 200 if rule.endpoint in READS else status < 500
    declared_to_all = standing.level != "sigiloso"
    role_lacks = rule.endpoint in {"documentos.authenticate", "processo.desanexar"}
    return status == 403 if declared_to_all or role_lacks else status == 404


@pytest.mark.slow
@pytest.mark.parametrize("role", sorted(DOSSIER_ROLES - {"servidor"}))
def test_matrix_of_the_other_roles_reading(app: Flask, role: str) -> None:
    _, owner = signed_in(app, "servidor", "GRPC")
    client, looker = signed_in(app, role, "GRI")
    read = [rule for rule in routes(app) if rule.endpoint in READS]
    assert len(read) == len(READS)
    for standing in standings(owner, looker):
        for rule in read:
            let_in = allows(rule, app, looker, standing.dossier)
            got = client.get(path_of(app, rule, standing)).status_code
            assert fits(got, rule, standing, let_in=let_in), (rule.rule, standing.level, standing.relation, got)


@pytest.mark.slow
def test_a_secret_processo_answers_as_one_that_is_not_there(app: Flask) -> None:
    _, owner = signed_in(app, "servidor", "GRPC")
    client, looker = signed_in(app, "servidor", "GRI")
    secret = next(one for one in standings(owner, looker) if (one.level, one.relation) == ("sigiloso", "elsewhere"))
    nowhere = Standing("publico", "here", uuid4(), uuid4())
    for rule in routes(app):
        if "GET" in (rule.methods or set()) and rule.endpoint not in {"documentos.authenticate", "processo.desanexar"}:
            answers = [client.get(path_of(app, rule, one)) for one in (secret, nowhere)]
            told = [
                re.sub(r'nonce="[^"]+"|content-[a-f0-9]+|[a-f0-9]{12}|"[^"]{60,}"', "", one.text) for one in answers
            ]
            assert answers[0].status_code == answers[1].status_code == 404, rule.rule
            assert told[0] == told[1], rule.rule


@pytest.mark.slow
def test_who_loses_the_role_keeps_nothing(app: Flask) -> None:
    client, looker = signed_in(app, "servidor", "GRI")
    mine = next(one for one in standings(looker, looker) if (one.level, one.relation) == ("restrito", "here"))
    assert client.get(f"/processo/{mine.dossier}").status_code == 200
    from people import operations as people
    from people import queries

    with transaction() as session:
        assert looker.id is not None
        for row in queries.memberships(session, looker.id):
            people.revoke_membership(session, row.id, actor=looker)
    for path in (
        f"/processo/{mine.dossier}",
        f"/documento/{mine.document}",
        "/controle",
        "/pesquisa?q=palavra",
        "/blocos",
    ):
        assert client.get(path).status_code == 403, path
    with transaction() as session:
        assert session.get(DossierDocument, mine.document) is not None
