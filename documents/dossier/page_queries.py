"""What the pages of a dossier and of its documents ask beyond its view: whom and what to choose from, where it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from documents.dossier import access
from documents.dossier.annotations.models import Watch
from documents.dossier.models import (
    DocumentType,
    Dossier,
    DossierCredential,
    DossierDocument,
    DossierRelation,
    DossierType,
    DossierUnit,
)
from people.models import Account, Membership, Unit
from people.roles import DOSSIER_ROLES
from workflow import clock
from workflow.actor import Actor
from workflow.models import EventRow


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dossier stands for a unit, beside its lines. `free`: it may be sent beside its diagram."""

    free: bool
    watched: bool
    related: bool


def standing(session: Session, dossier: Dossier, unit: str | None) -> Standing:
    """Whether its type lets it be sent freely, the unit watches it, and it is related to another; in one statement."""
    watched = exists().where(Watch.dossier_id == dossier.id, Watch.unit == (unit or ""))
    either = or_(DossierRelation.dossier_id == dossier.id, DossierRelation.other_id == dossier.id)
    free = select(DossierType.free_routing).where(DossierType.key == dossier.type_key).scalar_subquery()
    row = session.execute(select(func.coalesce(free, True), watched, exists().where(either))).one()
    return Standing(*row)


def state_of(session: Session, dossier: Dossier) -> tuple[object, ...]:
    """What changes with everything that a page shows: the dossier's chain, its case's, its lines, its texts."""
    own = select(func.max(EventRow.seq)).where(EventRow.chain == f"dossier:{dossier.id}").scalar_subquery()
    plan = select(func.max(EventRow.seq)).where(EventRow.chain == f"case:{dossier.case_id}").scalar_subquery()
    changed = select(func.max(DossierUnit.changed)).where(DossierUnit.dossier_id == dossier.id).scalar_subquery()
    saved = (
        select(func.coalesce(func.sum(DossierDocument.version), 0))
        .where(DossierDocument.dossier_id == dossier.id)
        .scalar_subquery()
    )
    return tuple(session.execute(select(own, plan, changed, saved)).one())


def workers(session: Session, unit: str | None = None) -> list[tuple[UUID, str]]:
    """Who works the electronic process today, in a unit or in any, by name."""
    today = clock.today()
    query = (
        select(Account.id, Account.display_name, Account.login)
        .join(Membership, Membership.account_id == Account.id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(
            Membership.role.in_(DOSSIER_ROLES),
            Membership.revoked_at.is_(None),
            Membership.starts_on <= today,
            (Membership.ends_on.is_(None)) | (Membership.ends_on >= today),
            Account.disabled_at.is_(None),
        )
        .distinct()
    )
    rows = session.execute(query if unit is None else query.where(Unit.sigla == unit))
    found = [(identifier, name or login or "") for identifier, name, login in rows]
    return sorted(found, key=lambda pair: pair[1].casefold())


def active_units(session: Session) -> dict[str, str]:
    """Sigla and name of the units that may receive."""
    query = select(Unit.sigla, Unit.name).where(Unit.active).order_by(Unit.sigla)
    return dict(session.execute(query).all())


def favourite_types(session: Session, unit: str | None, limit: int = 6) -> list[str]:
    """Keys of the types of processo that the unit opened most, the most used first."""
    query = (
        select(Dossier.type_key)
        .where(Dossier.origin_unit == (unit or ""))
        .group_by(Dossier.type_key)
        .order_by(func.count().desc(), Dossier.type_key)
        .limit(limit)
    )
    return list(session.scalars(query))


def document_types_by_use(session: Session, unit: str | None) -> Sequence[DocumentType]:
    """The types of document in force: those that the unit used most first, then by name."""
    used = (
        select(DossierDocument.type_key, func.count().label("times"))
        .where(DossierDocument.unit == (unit or ""))
        .group_by(DossierDocument.type_key)
        .subquery()
    )
    query = select(DocumentType, used.c.times).outerjoin(used, used.c.type_key == DocumentType.key)
    rows = session.execute(query.where(DocumentType.active)).all()
    return [row for row, _ in sorted(rows, key=lambda pair: (-(pair[1] or 0), pair[0].name.casefold()))]


def drafts_of(session: Session, dossier_id: UUID, unit: str | None) -> list[DossierDocument]:
    """Documents of the unit in this dossier that nobody signed yet."""
    query = select(DossierDocument).where(
        DossierDocument.dossier_id == dossier_id, DossierDocument.status == "draft", DossierDocument.unit == unit
    )
    return list(session.scalars(query.order_by(DossierDocument.position)))


def document_by_number(session: Session, written: str, actor: Actor) -> DossierDocument | None:
    """The document that a protocol number names, when this actor may read it."""
    digits = "".join(char for char in written if char.isascii() and char.isdigit())
    if not digits or len(digits) > 15:
        return None
    found = session.scalar(select(DossierDocument).where(DossierDocument.number == int(digits)))
    if found is None or found.status == "deleted":
        return None
    dossier = session.get_one(Dossier, found.dossier_id)
    return found if access.may(session, actor, dossier) else None


def numbers_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of dossiers."""
    rows = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(list(ids))))
    return dict(rows.all())


def visible_among(session: Session, ids: Collection[UUID], actor: Actor) -> frozenset[UUID]:
    """Those of these dossiers that this actor may see."""
    return frozenset(session.scalars(select(Dossier.id).where(Dossier.id.in_(ids), access.visible(actor))))


def credential_holders(session: Session, dossier_id: UUID) -> frozenset[UUID]:
    """Who may see a sigiloso."""
    query = select(DossierCredential.account_id).where(DossierCredential.dossier_id == dossier_id)
    return frozenset(session.scalars(query))
