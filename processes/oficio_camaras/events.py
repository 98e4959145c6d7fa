"""The events that ofícios leave in the history. Ids, numbers and digests, never personal data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from processes.oficio_camaras import records
from processes.oficio_camaras.models import Campaign, Exemplar
from workflow import history
from workflow.actor import Actor

IMPORTED = "camaras_importadas"
CAMARA_CHANGED = "camara_atualizada"
REVIEWED = "oficio_revisado"
RETURNED = "oficio_devolvido"
APPROVED = "oficio_aprovado"
SIGNED = "oficio_assinado"
GENERATED = "oficio_exemplares_gerados"
QUEUED = "oficio_na_fila"
SENT = "oficio_exemplares_enviados"
IN_DOUBT = "oficio_envio_em_duvida"
BOUNCED = "oficio_exemplar_devolvido"
RESOLVED = "oficio_pendencia_resolvida"
RECEIVED = "oficio_exemplar_recebido"
REPLIED = "oficio_exemplar_respondido"
DISPENSED = "oficio_resposta_dispensada"
TRIAGED = "oficio_mensagem_triada"
REDIRECTED = "oficio_exemplar_redirecionado"
FORWARDED = "oficio_exemplar_encaminhado"
EXTENDED = "oficio_prazo_prorrogado"
CLOSED = "oficio_encerrado"
EXEMPLAR = "oficio_exemplar"
EXEMPLAR_CHAIN = "exemplar"

history.register_kinds(
    {
        IMPORTED: "Cadastro das câmaras importado: {count} câmaras.",
        CAMARA_CHANGED: "Cadastro da câmara do município {ibge} atualizado.",
        REVIEWED: "Ofício aprovado na revisão.",
        RETURNED: "Ofício devolvido para correção.",
        APPROVED: "Ofício aprovado pela GRPC.",
        SIGNED: "Ofício {number} assinado.",
        GENERATED: "{count} exemplares gerados e selados.",
        QUEUED: "{count} exemplares na fila de envio; {postal} sem e-mail válido.",
        SENT: "{count} exemplares enviados por e-mail.",
        IN_DOUBT: "O envio de um exemplar ({ibge}) foi interrompido e ficou em dúvida.",
        BOUNCED: "O exemplar do município {ibge} foi devolvido ({code}).",
        RESOLVED: "Pendência do exemplar do município {ibge} resolvida.",
        RECEIVED: "Recebimento confirmado pela câmara do município {ibge}, nº {number}.",
        REPLIED: "Resposta da câmara do município {ibge}.",
        DISPENSED: "Resposta da câmara do município {ibge} dispensada.",
        TRIAGED: "Mensagem da caixa de triagem decidida.",
        REDIRECTED: "Exemplar do município {ibge} enviado a outro endereço da câmara.",
        FORWARDED: "Exemplar do município {ibge} encaminhado a {count} endereços.",
        EXTENDED: "Prazo do ofício prorrogado até {until}.",
        CLOSED: "Ofício encerrado.",
        EXEMPLAR: "Exemplar do município {ibge}: {state}.",
    }
)


def append(session: Session, campaign: Campaign, kind: str, data: dict[str, Any], *, actor: Actor) -> None:
    """The event in the chain of the ofício's case."""
    content = {"campaign": str(campaign.id), **data}
    history.append(session, history.case_chain(campaign.case_id), kind, content, actor=actor)


def exemplar_chain(exemplar_id: UUID) -> str:
    """The name of an exemplar's own chain: whoever sends holds it, and the ofício's chain is free meanwhile."""
    return f"{EXEMPLAR_CHAIN}:{exemplar_id}"


def of_exemplar(session: Session, exemplar: Exemplar, *, actor: Actor) -> None:
    """What an exemplar is after a change, in its own chain: the change and this in the same transaction."""
    session.flush()
    data = {
        "campaign": str(exemplar.campaign_id),
        "ibge": exemplar.ibge,
        "state": exemplar.state,
        "version": exemplar.version,
        "record": records.exemplar_digests(session, [exemplar])[exemplar.id],
    }
    history.append(session, exemplar_chain(exemplar.id), EXEMPLAR, data, actor=actor)
