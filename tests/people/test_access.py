"""The one decision: every action × role, owners, levels, refusals that are recorded."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from people import access
from people.access import ACTIONS, ROLES, Resource, allowed, authorize
from workflow import history
from workflow.actor import PUBLIC, SYSTEM, Actor
from workflow.database import transaction
from workflow.errors import Forbidden, NotFound

PERSON, ACCOUNT = uuid4(), uuid4()


def account(
    *roles: str, unit: str | None = "GRPC", person: UUID | None = None, acting_for: UUID | None = None
) -> Actor:
    return Actor("account", ACCOUNT, person, frozenset(roles), unit, acting_for)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_is_for_the_roles_of_the_table_only(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[str] = []
    monkeypatch.setattr(access, "_record_refusal", lambda actor, action, kind, resource: recorded.append(kind))
    rule = ACTIONS[action]
    for role in ROLES:
        recorded.clear()
        expected = rule.kind == "account" and role in rule.roles
        assert allowed(account(role), action) is expected
        if expected:
            authorize(account(role), action)
            continue
        with pytest.raises(Forbidden) as caught:
            authorize(account(role), action)
        assert caught.value.message == rule.refusal
        assert recorded == ([rule.recorded_as] if rule.recorded_as else [])


@pytest.mark.parametrize(
    "actor",
    [PUBLIC, SYSTEM, Actor("account"), Actor("account", ACCOUNT)],
    ids=["public", "system", "nobody", "no role"],
)
def test_nobody_without_a_role_may_do_anything(actor: Actor) -> None:
    assert [action for action in ACTIONS if allowed(actor, action)] == []


def test_an_action_that_the_table_does_not_know_is_denied_to_all() -> None:
    with pytest.raises(Forbidden):
        authorize(account(*ROLES), "desk.fly")


def test_bridges_do_gate_actions_and_nothing_else() -> None:
    bridge = Actor("bridge", uuid4())
    assert {action for action in ACTIONS if allowed(bridge, action)} == {a for a in ACTIONS if a.startswith("gate.")}
    assert not allowed(Actor("bridge", uuid4(), roles=frozenset(ROLES)), "desk.register")
    assert not allowed(account(*ROLES), "gate.events")


def test_R2_identification_and_security_do_not_do_each_others_acts() -> None:
    assert not allowed(account("identificacao"), "seguranca.tasks")
    assert not allowed(account("seguranca"), "desk.register")


def test_R11_only_gpol_registers_without_document() -> None:
    assert [role for role in ROLES if allowed(account(role), "gpol.register_without_document")] == ["gpol"]


def test_R60_a_gabinete_never_issues_even_with_another_role() -> None:
    assert allowed(account("cac", unit="CAC"), "declaracao.issue_desk")
    assert not allowed(account("gabinete", unit="GAB-01"), "declaracao.issue_desk")
    assert not allowed(account("cac", "gabinete"), "declaracao.issue_desk")


@pytest.mark.parametrize("action", ["issue_desk", "search_desk", "view_desk", "read"])
def test_R60_every_page_of_the_desk_is_refused_to_a_gabinete_with_the_article(action: str, database_url: str) -> None:
    with pytest.raises(Forbidden, match=r"art\. 9º"):
        authorize(account("gabinete", unit="GAB-01"), f"declaracao.{action}")
    with transaction() as session:
        ((kind, data),) = session.execute(text("SELECT kind, data FROM event")).all()
    assert kind == "declaracao_recusada"
    assert f"declaracao.{action}" in data


def test_R60_DE7_the_refused_attempt_survives_the_rollback(database_url: str) -> None:
    actor = account("gabinete", unit="GAB-01")
    asked = uuid4()
    with pytest.raises(Forbidden), transaction() as session:
        session.execute(text("INSERT INTO unit (id, sigla, name) VALUES (gen_random_uuid(), 'X', 'X')"))
        authorize(actor, "declaracao.issue_desk", Resource(owner_person=PERSON, id=asked))
    with transaction() as session:
        rows = session.execute(text("SELECT kind, data, actor_id, unit FROM event")).all()
        assert session.scalar(text("SELECT count(*) FROM unit")) == 0
        assert history.verify(session).ok
    ((kind, data, actor_id, unit),) = rows
    assert (kind, actor_id, unit) == ("declaracao_recusada", ACCOUNT, "GAB-01")
    assert str(asked) in data
    assert str(PERSON) not in data


@pytest.mark.slow
def test_R60_an_act_that_holds_todays_chain_is_refused_too(database_url: str) -> None:
    with pytest.raises(Forbidden), transaction() as session:
        history.record(session, "unidade_criada", {}, actor=SYSTEM)
        authorize(account("gabinete"), "declaracao.issue_desk")


def test_portal_actions_are_the_owners_only() -> None:
    own = account("cidadao", unit=None, person=PERSON)
    for action in (action for action in ACTIONS if action.startswith("portal.")):
        assert allowed(own, action, Resource(owner_account=ACCOUNT)), action
        assert allowed(own, action, Resource(owner_person=PERSON)), action
        assert not allowed(own, action, Resource(owner_account=uuid4())), action
        assert not allowed(own, action, Resource(owner_person=uuid4())), action
        assert not allowed(own, action, Resource()), action
        assert not allowed(own, action), action
        assert not allowed(account("admin", "gestor", "cac"), action, Resource(owner_person=PERSON)), action


def test_an_account_without_person_owns_nothing_without_owner() -> None:
    assert not allowed(account("cidadao", person=None), "declaracao.read", Resource(owner_person=None))


def test_a_substitute_is_not_the_owner_of_the_substituteds_things() -> None:
    substitute = account("cidadao", person=PERSON, acting_for=uuid4())
    assert not allowed(substitute, "portal.view", Resource(owner_person=PERSON))


def test_restrito_is_for_the_units_it_passed_through() -> None:
    resource = Resource(level="restrito", units=frozenset({"DIR"}))
    assert allowed(account("gestor", unit="DIR"), "case.view", resource)
    assert not allowed(account("gestor", unit="GRPC"), "case.view", resource)
    assert not allowed(account("gestor", unit=None), "case.view", resource)
    assert not allowed(account("cac", unit="DIR"), "case.view", resource)


def test_the_existence_of_what_is_sigiloso_is_not_told() -> None:
    hidden = Resource(level="sigiloso", accounts=frozenset({uuid4()}))
    with pytest.raises(NotFound):
        authorize(account("gestor"), "case.view", hidden)
    with pytest.raises(NotFound):
        authorize(account("cac"), "case.view", hidden)
    authorize(account("gestor"), "case.view", Resource(level="sigiloso", accounts=frozenset({ACCOUNT})))
