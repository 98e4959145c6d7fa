"""The declarations of the processes `declaracao_comparecimento` and `correcao_comparecimento`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from processes.declaracao_comparecimento.rules import case_subject
from processes.declaracao_comparecimento.steps import avisar, emitir, listar, retirar
from workflow.process import Message, Process, Service


def of_the_day(data: Mapping[str, Any]) -> str:
    """The subject of a case that a message begins."""
    day = data.get("dia")
    return case_subject(day) if isinstance(day, date) else ""


ATTENDANCE = Message(
    'pessoa_id + ":" + str(dia) + ":" + entrada_id', payload=("pessoa_id", "dia", "entrada_id"), subject=of_the_day
)

PROCESS = Process(
    key="declaracao_comparecimento",
    title="Declaração de comparecimento",
    legal_basis="Deliberação da Mesa da ALMG 2.716/2019, art. 9º e Anexo",
    lanes={},
    forms={},
    services={
        "listar": Service(listar, gives=("comparecimento_id",)),
        "emitir": Service(emitir, mode="job", queue="documents", gives=("documento_id",)),
    },
    messages={
        "comparecimento_registrado": ATTENDANCE,
        "emissao_pedida": Message('pessoa_id + ":" + str(dia)', payload=("declaracao_id",)),
    },
    starts_with=("pessoa_id", "dia", "entrada_id"),
)

CORRECTION = Process(
    key="correcao_comparecimento",
    title="Correção de comparecimento",
    legal_basis="Deliberação da Mesa da ALMG 2.716/2019, art. 9º; Lei 13.709/2018 (LGPD), art. 6º, V",
    lanes={},
    forms={},
    services={
        "retirar": Service(retirar, gives=("declaracao_cancelada",)),
        "avisar": Service(avisar, mode="job"),
    },
    messages={
        "comparecimento_corrigido": Message(
            'pessoa_id + ":" + str(dia) + ":" + entrada_id',
            payload=("pessoa_id", "dia", "entrada_id", "pessoa_certa_id"),
            subject=of_the_day,
        )
    },
    starts_with=("pessoa_id", "dia", "entrada_id", "pessoa_certa_id"),
)

PROCESSES = (PROCESS, CORRECTION)
