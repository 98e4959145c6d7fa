"""The events of texts and files, in the dossier's chain, and their sentences. Ids and digests only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from workflow import history
from workflow.actor import Actor

SAVED = "texto_salvo"
KEPT = "texto_em_conflito"
RESTORED = "texto_restaurado"
UPLOADED = "arquivo_incluido"
AUTHENTICATED = "arquivo_autenticado"
MODEL_SAVED = "modelo_de_texto_salvo"
STANDARD_SAVED = "texto_padrao_salvo"
STANDARD_DELETED = "texto_padrao_excluido"

SENTENCES = {
    SAVED: "Texto do documento {number:0>7} salvo (versão {version}).",
    KEPT: "Texto do documento {number:0>7} guardado à parte (versão {version}): outra pessoa salvou ao mesmo tempo.",
    RESTORED: "Versão {restored} do documento {number:0>7} restaurada (versão {version}).",
    UPLOADED: "Arquivo do documento {number:0>7} incluído.",
    AUTHENTICATED: "Documento {number:0>7} autenticado pelo protocolo.",
    MODEL_SAVED: "Um modelo de documento foi salvo.",
    STANDARD_SAVED: "Um texto padrão foi salvo.",
    STANDARD_DELETED: "Um texto padrão foi excluído.",
}
history.register_kinds(SENTENCES)


def append(session: Session, dossier_id: UUID, kind: str, data: Mapping[str, Any], *, actor: Actor) -> None:
    """One event in the chain of the dossier."""
    history.append(session, f"dossier:{dossier_id}", kind, data, actor=actor)
