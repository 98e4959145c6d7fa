"""Signatures and uploaded files against the chain and the storage: part of `carimbo audit verify`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import events as dossier_events
from documents.dossier.audit import dossier_batches
from documents.dossier.models import DossierDocument
from documents.errors import DocumentDamaged
from documents.signatures import events
from documents.signatures.models import DocumentSignature
from documents.signatures.verification import row_problems
from documents.texts import uploads
from workflow.models import EventRow

BATCH = 500


def verify_signatures(session: Session) -> list[str]:
    """Every signature that the chain does not tell as its row does, or that the chain tells and no row holds."""
    problems: list[str] = []
    for dossiers in dossier_batches(session):
        ids = [one.id for one in dossiers]
        told = _told(session, ids)
        query = select(DossierDocument.number, DocumentSignature).join(
            DossierDocument, DossierDocument.id == DocumentSignature.document_id
        )
        for number, row in session.execute(query.where(DossierDocument.dossier_id.in_(ids))):
            data = told.pop(str(row.id), None)
            problems += [f"documento {number:07d}: {problem}" for problem in row_problems(row, data)]
        problems += [f"documento {data['number']:0>7}: uma assinatura sumiu da tabela" for data in told.values()]
    return problems


def verify_files(session: Session) -> list[str]:
    """Every uploaded file whose bytes on disk are not those that came."""
    problems = []
    query = select(DossierDocument).where(DossierDocument.address.is_not(None)).order_by(DossierDocument.id)
    for document in session.scalars(query.execution_options(yield_per=BATCH)):
        try:
            uploads.read_bytes(session, document.id)
        except DocumentDamaged as damaged:
            why = damaged.data.get("reason", "")
            problems.append(
                f"documento {document.number:07d}: os bytes guardados não são os que foram enviados ({why})"
            )
    return problems


def _told(session: Session, dossier_ids: Sequence[UUID]) -> dict[str, dict[str, Any]]:
    """What the chains of these dossiers tell of their signatures, by their ids."""
    chains = [dossier_events.chain(one) for one in dossier_ids]
    query = select(EventRow.data).where(EventRow.chain.in_(chains), EventRow.kind == events.SIGNED)
    told = (json.loads(text) for text in session.scalars(query))
    return {data["signature"]: data for data in told}
