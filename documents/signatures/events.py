"""The events of signatures, sealed files and blocks, and their sentences. Ids and digests only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from documents.signatures import block_records
from documents.signatures.models import Block
from workflow import history
from workflow.actor import Actor

SIGNED = "documento_assinado"
DROPPED = "assinaturas_retiradas"
SEALED = "documento_selado"
CERTIFICATE = "certificado_registrado"
CERTIFICATE_REVOKED = "certificado_revogado"
BLOCK_CREATED = "bloco_criado"
BLOCK_CHANGED = "bloco_alterado"
BLOCK_ADDED = "documento_incluido_em_bloco"
BLOCK_REMOVED = "documento_retirado_de_bloco"
BLOCK_OFFERED = "bloco_disponibilizado"
BLOCK_RECEIVED = "bloco_recebido"
BLOCK_TAKEN_BACK = "bloco_retomado"
BLOCK_RETURNED = "bloco_devolvido"
BLOCK_CONCLUDED = "bloco_concluido"
BLOCK_REOPENED = "bloco_reaberto"

SENTENCES = {
    SIGNED: "Documento {number:0>7} assinado eletronicamente.",
    DROPPED: "Assinaturas do documento {number:0>7} retiradas: o texto foi editado.",
    SEALED: "Arquivo do documento {number:0>7} gerado e selado pela instituição.",
    CERTIFICATE: "Um certificado digital foi registrado para uma conta.",
    CERTIFICATE_REVOKED: "Um certificado digital deixou de valer para uma conta.",
    BLOCK_CREATED: "Bloco {number} criado.",
    BLOCK_CHANGED: "Bloco {number} alterado.",
    BLOCK_ADDED: "Documento ou processo incluído no bloco {number}.",
    BLOCK_REMOVED: "Documento ou processo retirado do bloco {number}.",
    BLOCK_OFFERED: "Bloco {number} disponibilizado para {unit}.",
    BLOCK_RECEIVED: "Bloco {number} recebido em {unit}.",
    BLOCK_TAKEN_BACK: "Disponibilização do bloco {number} cancelada.",
    BLOCK_RETURNED: "Bloco {number} devolvido por {unit}.",
    BLOCK_CONCLUDED: "Bloco {number} concluído.",
    BLOCK_REOPENED: "Bloco {number} reaberto.",
}
history.register_kinds(SENTENCES)


def append(session: Session, dossier_id: UUID, kind: str, data: Mapping[str, Any], *, actor: Actor) -> None:
    """One event in the chain of the dossier."""
    history.append(session, f"dossier:{dossier_id}", kind, data, actor=actor)


def of_block(session: Session, block: Block, kind: str, *told: Mapping[str, Any], actor: Actor) -> None:
    """Events in the chain of the block (one, or one for each of `told`), with the digests of what the block is now."""
    session.flush()
    common = {"block": str(block.id), "number": block.number, **block_records.facts(session, [block.id])[block.id]}
    for data in told or ({},):
        history.append(session, f"block:{block.id}", kind, {**common, **data}, actor=actor)
