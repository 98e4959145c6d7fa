"""Granting, revoking and using external access. An external user sees what a grant in force covers, and nothing else.

Lei 14.129/2021 and the manual of SEI's external module: validity in days, counted in business days; all or chosen
documents; inclusion of documents when the unit allows it; signature apart, document by document.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from documents.dossier import access, events, queries, tree
from documents.dossier.errors import DossierDocumentNotFound, DossierNotFound
from documents.dossier.external import mail
from documents.dossier.external.models import ExternalGrant, ExternalGrantDocument
from documents.dossier.external.views import ExternalDossier, ExternalView, GrantView
from documents.dossier.models import Dossier, DossierDocument, DossierType
from people import access as people_access
from people.models import Account
from people.rules import normalize_email
from workflow import calendar, clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

VIEW, SIGN, PETITION = "external.view", "external.sign", "external.petition"
MAX_DAYS = 365
GRANTED = "external_granted"
REVOKED = "external_revoked"
OPENED = "external_opened"
events.register(
    {
        GRANTED: "Acesso externo concedido por {unit} até {until}.",
        REVOKED: "Acesso externo retirado por {unit}.",
        OPENED: "Usuário externo abriu o processo pela primeira vez.",
    },
    "completo",
)


def grant(
    session: Session,
    dossier_id: UUID,
    email: str,
    *,
    days: int,
    may_sign: bool = False,
    may_add: bool = False,
    document_ids: Sequence[UUID] | None = None,
    actor: Actor,
) -> ExternalGrant:
    """Access for so many business days, from today; a message with the link leaves after the commit.

    `document_ids` None: all documents, those of later too. To sign, the documents must be chosen.
    """
    dossier = access.locked(session, actor, dossier_id, "dossier.grant_external")
    line = access.open_line(session, dossier, actor)
    address = normalize_email(email)
    if dossier.effective_level == "sigiloso":
        raise Conflict("Um processo sigiloso não é aberto a usuários externos.")
    if not 1 <= days <= MAX_DAYS:
        raise InvalidInput({"days": f"Informe de 1 a {MAX_DAYS} dias úteis."})
    chosen = _chosen(session, dossier_id, document_ids, line.unit, may_sign=may_sign)
    row = ExternalGrant(dossier_id=dossier_id, unit=line.unit, email=address, days=days)
    row.expires_on = calendar.add_business_days(session, clock.today(), days)
    row.all_documents, row.may_sign, row.may_add = document_ids is None, may_sign, may_add
    row.created_by, row.created_at = actor.id, clock.now()
    session.add(row)
    session.flush()
    session.add_all(ExternalGrantDocument(grant_id=row.id, document_id=one) for one in chosen)
    facts = {"grant": str(row.id), "unit": row.unit, "until": f"{row.expires_on:%d/%m/%Y}", "sign": may_sign}
    facts |= {"add": may_add, "documents": [str(one) for one in chosen], "to": events.digest(row.id, address)}
    events.append(session, dossier_id, GRANTED, facts, actor=actor)
    mail.announce(session, row)
    return row


def revoke(session: Session, grant_id: UUID, *, actor: Actor) -> None:
    """The access ends now; by any unit in which the dossier is open."""
    row = session.get(ExternalGrant, grant_id)
    if row is None:
        raise NotFound("Não encontramos este acesso externo.")
    dossier = access.locked(session, actor, row.dossier_id, "dossier.grant_external")
    line = access.open_line(session, dossier, actor)
    session.refresh(row)
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = clock.now(), actor.id
    session.flush()
    events.append(session, dossier.id, REVOKED, {"grant": str(row.id), "unit": line.unit}, actor=actor)


def grants_of(session: Session, dossier_id: UUID, actor: Actor) -> tuple[GrantView, ...]:
    """Every grant of a dossier, latest first, for those who work on it."""
    access.find(session, actor, dossier_id)
    chosen: dict[UUID, list[UUID]] = {}
    for grant_id, document_id in session.execute(
        select(ExternalGrantDocument.grant_id, ExternalGrantDocument.document_id)
        .join(ExternalGrant, ExternalGrant.id == ExternalGrantDocument.grant_id)
        .where(ExternalGrant.dossier_id == dossier_id)
    ):
        chosen.setdefault(grant_id, []).append(document_id)
    query = select(ExternalGrant).where(ExternalGrant.dossier_id == dossier_id)
    rows = session.scalars(query.order_by(ExternalGrant.created_at.desc(), ExternalGrant.id))
    return tuple(_shown(row, tuple(chosen.get(row.id, ()))) for row in rows)


def for_account(session: Session, actor: Actor) -> tuple[ExternalDossier, ...]:
    """The dossiers that this external user may open now, the one that ends first above."""
    found: dict[UUID, list[ExternalGrant]] = {}
    for row in _in_force(session, actor, None):
        found.setdefault(row.dossier_id, []).append(row)
    shown = []
    for dossier_id, grants in found.items():
        dossier = session.get_one(Dossier, dossier_id)
        name = session.get_one(DossierType, dossier.type_key).name
        until = max(one.expires_on for one in grants)
        sign, add = any(one.may_sign for one in grants), any(one.may_add for one in grants)
        waiting = [one for one in _signable(session, grants) if one.status == "draft"]
        shown.append(ExternalDossier(dossier_id, dossier.number, name, grants[0].unit, until, sign, add, len(waiting)))
    return tuple(sorted(shown, key=lambda one: (one.until, one.number)))


def authorize(session: Session, actor: Actor, dossier_id: UUID, action: str = VIEW) -> list[ExternalGrant]:
    """The grants by which this external user may do that; DossierNotFound when none covers it.

    `external.view`, `external.sign` and `external.petition`; the last two Forbidden when the user may only read.
    """
    people_access.authorize(actor, action)
    grants = _in_force(session, actor, dossier_id)
    if not grants:
        raise DossierNotFound()
    able = [one for one in grants if _allows(one, action)]
    if not able:
        raise Forbidden("O acesso que você recebeu é só de leitura.", dossier=str(dossier_id))
    return able


def authorize_document(session: Session, actor: Actor, document_id: UUID, action: str = VIEW) -> DossierDocument:
    """The document, when a grant in force covers it; NotFound otherwise."""
    document = session.get(DossierDocument, document_id)
    if document is None:
        raise DossierDocumentNotFound(document=str(document_id))
    try:
        grants = authorize(session, actor, document.dossier_id, action)
    except DossierNotFound:
        raise DossierDocumentNotFound(document=str(document_id)) from None
    covered = _signable(session, grants) if action == SIGN else _readable(session, grants)
    if document_id not in {one.id for one in covered}:
        raise DossierDocumentNotFound(document=str(document_id))
    return document


def view(session: Session, dossier_id: UUID, actor: Actor) -> ExternalView:
    """The dossier as this external user sees it."""
    grants = authorize(session, actor, dossier_id)
    dossier = session.get_one(Dossier, dossier_id)
    kind = session.get_one(DossierType, dossier.type_key)
    return ExternalView(
        id=dossier.id,
        number=dossier.number,
        type_name=kind.name,
        unit=grants[0].unit,
        until=max(one.expires_on for one in grants),
        may_add=any(one.may_add for one in grants),
        documents=queries.items(session, _readable(session, grants), actor),
        signable=frozenset(one.id for one in _signable(session, grants)),
    )


def note_opened(session: Session, dossier_id: UUID, *, actor: Actor) -> None:
    """Call when the external user opens the dossier: the first time is recorded, and the grant is theirs from then on."""
    for row in authorize(session, actor, dossier_id):
        if row.opened_at is not None:
            continue
        session.execute(select(Dossier.id).where(Dossier.id == dossier_id).with_for_update(key_share=True))
        session.refresh(row)
        if row.opened_at is None:
            row.opened_at, row.account_id = clock.now(), actor.id
            session.flush()
            events.append(session, dossier_id, OPENED, {"grant": str(row.id)}, actor=actor)


def note_seen(session: Session, document_id: UUID, *, actor: Actor) -> DossierDocument:
    """Call when an external user opens a document: it was seen outside its unit, so it is no longer deleted and, signed
    or filed, its text is locked for good."""
    document = authorize_document(session, actor, document_id)
    if document.seen_at is None or (document.locked_at is None and document.status in ("signed", "filed")):
        return tree.see(session, document_id, actor)
    return document


def _in_force(session: Session, actor: Actor, dossier_id: UUID | None) -> list[ExternalGrant]:
    """By the confirmed e-mail of the account, or of the account that used it first; sigiloso dossiers are left out."""
    if actor.kind != "account" or actor.id is None:
        return []
    query = (
        select(ExternalGrant)
        .join(Dossier, Dossier.id == ExternalGrant.dossier_id)
        .join(
            Account,
            or_(
                Account.id == ExternalGrant.account_id,
                and_(ExternalGrant.account_id.is_(None), func.lower(Account.email) == ExternalGrant.email),
            ),
        )
        .where(
            Account.id == actor.id,
            Account.kind == "external",
            Account.confirmed_at.is_not(None),
            Account.disabled_at.is_(None),
            ExternalGrant.revoked_at.is_(None),
            ExternalGrant.expires_on >= clock.today(),
            Dossier.effective_level != "sigiloso",
        )
        .order_by(ExternalGrant.created_at, ExternalGrant.id)
    )
    if dossier_id is not None:
        query = query.where(ExternalGrant.dossier_id == dossier_id)
    return list(session.scalars(query))


def _allows(row: ExternalGrant, action: str) -> bool:
    return {VIEW: True, SIGN: row.may_sign, PETITION: row.may_add}.get(action, False)


def _readable(session: Session, grants: Sequence[ExternalGrant]) -> list[DossierDocument]:
    """Signed and filed documents that the grants cover, and the drafts that they are to sign; nothing cancelled."""
    ids = [one.id for one in grants]
    whole = [one.dossier_id for one in grants if one.all_documents]
    chosen = select(ExternalGrantDocument.document_id).where(ExternalGrantDocument.grant_id.in_(ids))
    final = DossierDocument.status.in_(("signed", "filed"))
    query = select(DossierDocument).where(
        final, or_(DossierDocument.dossier_id.in_(whole), DossierDocument.id.in_(chosen))
    )
    found = {one.id: one for one in [*session.scalars(query), *_signable(session, grants)]}
    return sorted(found.values(), key=lambda one: one.position)


def _signable(session: Session, grants: Sequence[ExternalGrant]) -> list[DossierDocument]:
    """The chosen documents of the grants that allow signing, while they may be signed."""
    ids = [one.id for one in grants if one.may_sign]
    chosen = select(ExternalGrantDocument.document_id).where(ExternalGrantDocument.grant_id.in_(ids))
    query = select(DossierDocument).where(
        DossierDocument.id.in_(chosen),
        DossierDocument.kind.in_(("internal", "form")),
        DossierDocument.status.in_(("draft", "signed")),
    )
    return list(session.scalars(query.order_by(DossierDocument.position)))


def _chosen(
    session: Session, dossier_id: UUID, document_ids: Sequence[UUID] | None, unit: str, *, may_sign: bool
) -> list[UUID]:
    if document_ids is None:
        if may_sign:
            raise InvalidInput({"document_ids": "Escolha os documentos que o usuário externo vai assinar."})
        return []
    wanted = list(dict.fromkeys(document_ids))
    query = select(DossierDocument.id).where(
        DossierDocument.id.in_(wanted),
        DossierDocument.dossier_id == dossier_id,
        DossierDocument.status.not_in(("deleted", "cancelled")),
    )
    if not wanted or len(set(session.scalars(query))) != len(wanted):
        raise InvalidInput({"document_ids": "Escolha documentos deste processo, que não estejam cancelados."})
    if may_sign and set(session.scalars(query.with_only_columns(DossierDocument.unit))) != {unit}:
        raise InvalidInput({"document_ids": f"Para assinatura, escolha só documentos da unidade {unit}."})
    return wanted


def _shown(row: ExternalGrant, chosen: tuple[UUID, ...]) -> GrantView:
    return GrantView(
        id=row.id,
        email=row.email,
        unit=row.unit,
        days=row.days,
        expires_on=row.expires_on,
        all_documents=row.all_documents,
        documents=chosen,
        may_sign=row.may_sign,
        may_add=row.may_add,
        state=_state(row, clock.today()),
        created_at=row.created_at,
        opened_at=row.opened_at,
        revoked_at=row.revoked_at,
    )


def _state(row: ExternalGrant, today: date) -> str:
    if row.revoked_at is not None:
        return "revogado"
    return "vigente" if row.expires_on >= today else "vencido"
