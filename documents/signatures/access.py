"""Who may read, edit and sign a document: the unit that made it, and the units that a block was offered to.

A unit through which a processo passes reads its documents (`documents.dossier.access`), but writes and signs only its
own; another unit's it signs in a block that this unit offers, as people know it from SEI.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import access, external
from documents.dossier.external.grants import PETITION, VIEW
from documents.dossier.external.grants import SIGN as EXTERNAL_SIGN
from documents.dossier.models import DossierDocument
from documents.signatures import offers
from people.access import authorize
from workflow.actor import Actor
from workflow.errors import Forbidden

READ, WORK, SIGN = "dossier.read", "dossier.work", "dossier.sign"
GRANTED = {READ: VIEW, WORK: PETITION, SIGN: EXTERNAL_SIGN}
"""What an external user needs a grant for instead; a text is never theirs to change (`documents.texts` asks for the unit)."""


def authorize_document(session: Session, actor: Actor, document_id: UUID, action: str = READ) -> DossierDocument:
    """The document, when the actor may `dossier.read`, `dossier.work` (edit) or `dossier.sign` it.

    NotFound for what is sigiloso and for what does not exist; Forbidden for another unit's, in words that say what to do.
    """
    if actor.has("externo"):
        return external.authorize_document(session, actor, document_id, GRANTED[action])
    offered = offers.reaches(session, actor, document_id)
    if offered is not None:
        authorize(actor, "block.work")
        return offered
    return _own(session, actor, document_id, action)


def authorize_documents(session: Session, actor: Actor, document_ids: Iterable[UUID], action: str) -> None:
    """The same of several at once; the first that the actor may not refuses them all."""
    ids = list(document_ids)
    reached = set() if actor.has("externo") else offers.reached(session, actor, ids)
    if reached:
        authorize(actor, "block.work")
    for document_id in ids:
        if document_id not in reached:
            authorize_document(session, actor, document_id, action)


def _own(session: Session, actor: Actor, document_id: UUID, action: str) -> DossierDocument:
    document = access.authorize_document(session, actor, document_id, action)
    if action != READ and actor.kind != "system" and actor.unit != document.unit:
        raise Forbidden(
            f"Este documento é da unidade {document.unit}. Só ela o edita e assina, "
            "ou a unidade a que ela o disponibilizar em um bloco de assinatura.",
            document=str(document_id),
        )
    return document
