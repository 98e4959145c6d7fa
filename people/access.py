"""Who may do what: one table, one function, everything else denied.

`ACTIONS` maps each action of the system to its rule; `authorize` is the only decision. An action that the table does
not know is denied to everybody. Refused attempts of marked actions leave an event of their own, in a transaction of
their own, so that they survive the rollback of the request that was refused (R60: the gabinete's attempt is recorded).
Call `authorize` before the act's first write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from people.roles import DOSSIER_ROLES, ROLES, STAFF_ROLES
from people.units import actor_of
from workflow import history
from workflow.actor import Actor, ActorKind
from workflow.database import transaction
from workflow.errors import Forbidden, NotFound

__all__ = ["ACTIONS", "ROLES", "Level", "Resource", "Rule", "actor_of", "allowed", "authorize"]

log = structlog.get_logger(__name__)

Level = Literal["publico", "restrito", "sigiloso"]


@dataclass(frozen=True)
class Resource:
    """What an action is done to, as far as access goes.

    `owner_person` and `owner_account`: whose it is. `level`: público, restrito (only the `units` through which it
    passed) or sigiloso (only the accounts in `accounts`; to the others it does not exist). `id` goes to the record.
    """

    owner_person: UUID | None = None
    owner_account: UUID | None = None
    level: Level = "publico"
    units: frozenset[str] = frozenset()
    accounts: frozenset[UUID] = frozenset()
    id: UUID | None = None


@dataclass(frozen=True)
class Rule:
    """Who may do one action: any of `roles`, or the owner; none of `never`; kinds other than account by `kind`."""

    roles: frozenset[str] = frozenset()
    owner: bool = False
    never: frozenset[str] = frozenset()
    kind: ActorKind = "account"
    refusal: str = "Seu perfil não permite esta operação."
    recorded_as: str | None = None


def _roles(*names: str, refusal: str | None = None) -> Rule:
    return Rule(frozenset(names)) if refusal is None else Rule(frozenset(names), refusal=refusal)


def _declaration(*names: str, owner: bool = False) -> Rule:
    """R60, DE7: never a gabinete; every attempt at the desk's pages is recorded, not only the one that would issue."""
    return Rule(
        frozenset(names),
        owner=owner,
        never=frozenset({"gabinete"}),
        refusal="A declaração só é emitida no Portal, pela própria pessoa, ou no CAC (Deliberação 2.716/2019, art. 9º).",
        recorded_as="declaracao_recusada",
    )


_OWNER = Rule(owner=True, refusal="Só a própria pessoa, na sua área do usuário, pode fazer isto.")
_BRIDGE = Rule(kind="bridge", refusal="Só uma ponte de portaria cadastrada pode fazer isto.")
_DESK = _roles("identificacao", refusal="O cadastro de visitantes é da equipe de identificação (GRPC).")
_GPOL = _roles("gpol", refusal="Só a Polícia Legislativa (Gpol) pode autorizar isto.")
_STAFF = Rule(STAFF_ROLES, refusal="Esta página é dos servidores da Assembleia.")
_GESTOR = _roles("gestor", refusal="Só a gestão de processos pode fazer isto.")
_ADMIN = _roles("admin", refusal="Só a administração do sistema pode fazer isto.")

_DOSSIER = Rule(DOSSIER_ROLES, refusal="Seu perfil não trabalha com processos eletrônicos.")
_CEAC = _roles("servidor", "chefia", "gestor", refusal="Os ofícios às câmaras são da equipe que os expede.")
_EXTERNAL = _roles("externo", refusal="Esta área é dos usuários externos. Entre com a sua conta de usuário externo.")

ACTIONS: dict[str, Rule] = {
    # the desk (arts. 2º and 3º; R2: identification and security never do each other's acts)
    "desk.register": _DESK,
    "desk.search": _roles("identificacao", "gpol"),
    "desk.verify": _DESK,
    "desk.discard_minor": _roles("identificacao", "gpol"),
    "desk.view_picture": _roles("identificacao", "gpol"),
    # acts of the Gpol (R11: without document; R53: after 19:00; R8, R9: sent on)
    "gpol.register_without_document": _GPOL,
    "gpol.authorize_entry": _GPOL,
    "gpol.tasks": _GPOL,
    "seguranca.tasks": _roles("seguranca"),
    # declarations (art. 9º; R59: CAC; R60, DE7: never a gabinete, and the attempt is recorded)
    "declaracao.issue_desk": _declaration("cac"),
    "declaracao.search_desk": _declaration("cac"),
    "declaracao.view_desk": _declaration("cac", "gestor"),
    "declaracao.cancel": Rule(frozenset({"cac", "gestor"}), never=frozenset({"gabinete"})),
    "declaracao.issue_own": _OWNER,
    "declaracao.read": _declaration("cac", owner=True),
    # the CAC desk proves a CPF (PO6) or adds one (D8)
    "cac.prove_cpf": _roles("cac", refusal="A comprovação do CPF é feita pelo atendimento do CAC."),
    "cac.undo_proof": _roles("cac", refusal="A comprovação do CPF só é desfeita pelo atendimento do CAC."),
    # the portal: the owner only
    "portal.view": _OWNER,
    "portal.profile": _OWNER,
    "portal.history": _OWNER,
    "portal.export": _OWNER,
    "portal.visitor_qr": _OWNER,
    "portal.password": _OWNER,
    "portal.erase": _OWNER,
    # work
    "inbox.view": _STAFF,
    "task.work": _STAFF,
    "session.switch": _STAFF,
    "case.view": _GESTOR,
    "case.manage": _GESTOR,
    "case.cancel": _GESTOR,
    "case.migrate": _GESTOR,
    "incident.view": _GESTOR,
    "incident.retry": _GESTOR,
    "incident.resolve": _GESTOR,
    "process.view": _roles("gestor", "admin"),
    "calendar.manage": _roles("gestor", "admin"),
    # the electronic process: with the dossier's Resource, so that its level and its units decide too
    "dossier.open": _DOSSIER,
    "dossier.read": _DOSSIER,
    "dossier.work": _DOSSIER,
    "dossier.search": _DOSSIER,
    "dossier.sign": _DOSSIER,
    "dossier.authenticate": _roles("protocolo", refusal="A autenticação de documentos digitalizados é do protocolo."),
    "dossier.detach": _roles("admin", refusal="A anexação só é desfeita pela administração do sistema."),
    "dossier.grant_external": _DOSSIER,
    "publication.manage": _DOSSIER,
    "block.work": _DOSSIER,
    "external.view": _EXTERNAL,
    "external.sign": _EXTERNAL,
    "external.petition": _EXTERNAL,
    # ofícios to the câmaras
    "oficio.view": _CEAC,
    "oficio.work": _CEAC,
    "camara.answer": _EXTERNAL,
    # administration
    "types.manage": _ADMIN,
    "models.manage": _roles("gestor", "admin"),
    "numbering.manage": _ADMIN,
    "substitution.manage": _STAFF,
    "users.manage": _ADMIN,
    "units.manage": _ADMIN,
    "bridges.manage": _ADMIN,
    "system.view": _roles(
        "gestor", "admin", refusal="A administração é de quem administra o sistema ou gere os processos."
    ),
    "audit.view": _roles("gestor", "admin"),
    "audit.verify": _roles("gestor", "admin"),
    "person.erase": _roles(
        "gestor", refusal="A eliminação de dados pessoais é feita pela gestão, a pedido do titular."
    ),
    # the bridges' requests
    "gate.events": _BRIDGE,
    "gate.gallery": _BRIDGE,
    "gate.config": _BRIDGE,
    "gate.heartbeat": _BRIDGE,
}


def allowed(actor: Actor, action: str, resource: Resource | None = None) -> bool:
    """What `authorize` would decide, without recording anything; for menus and buttons."""
    rule = ACTIONS.get(action)
    return rule is not None and _visible(actor, resource) and _decides(rule, actor, resource)


def authorize(actor: Actor, action: str, resource: Resource | None = None) -> None:
    """The one decision. Raises Forbidden (NotFound where even the existence of the resource is secret)."""
    rule = ACTIONS.get(action)
    if rule is not None and _visible(actor, resource) and _decides(rule, actor, resource):
        return
    if rule is not None and rule.recorded_as is not None and actor.kind == "account":
        _record_refusal(actor, action, rule.recorded_as, resource)
    if resource is not None and resource.level == "sigiloso" and not _visible(actor, resource):
        raise NotFound(action=action)
    raise Forbidden(rule.refusal if rule else None, action=action)


def _decides(rule: Rule, actor: Actor, resource: Resource | None) -> bool:
    if actor.kind != rule.kind or actor.id is None:
        return False
    if rule.kind == "bridge":
        return True
    if actor.has(*rule.never):
        return False
    return actor.has(*rule.roles) or (rule.owner and _owns(actor, resource))


def _owns(actor: Actor, resource: Resource | None) -> bool:
    """The account itself, or an account tied to the person whose thing it is; never a substitute."""
    if resource is None or actor.acting_for is not None:
        return False
    by_account = resource.owner_account is not None and resource.owner_account == actor.id
    return by_account or (resource.owner_person is not None and resource.owner_person == actor.person_id)


def _visible(actor: Actor, resource: Resource | None) -> bool:
    if resource is None or resource.level == "publico":
        return True
    if _owns(actor, resource):
        return True
    if resource.level == "restrito":
        return actor.unit is not None and actor.unit in resource.units
    return actor.id is not None and actor.id in resource.accounts


def _record_refusal(actor: Actor, action: str, kind: str, resource: Resource | None) -> None:
    """Record the attempt in its own transaction; a failure to record is logged and never turns a refusal into a yes.

    The lock timeout keeps an act that already holds today's chain from waiting for itself.
    """
    data: dict[str, object] = {"action": action, "roles": sorted(actor.roles), "unit": actor.unit}
    if resource is not None and resource.id is not None:
        data["resource"] = str(resource.id)
    try:
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            history.record(session, kind, data, actor=actor)
    except (SQLAlchemyError, psycopg.Error):
        log.exception("refusal not recorded", action=action)
