"""The events that entries and bridges leave in the hash chain: ids and enumerations, no personal data."""

from __future__ import annotations

from workflow import history

ENTERED = "entrada_registrada"
CORRECTED = "entrada_corrigida"

SENTENCES = {
    ENTERED: "Entrada registrada.",
    CORRECTED: "A entrada foi corrigida: era de outra pessoa.",
    "posto_criado": "Posto de identificação criado.",
    "horario_estendido": "Horário do posto estendido.",
    "ponte_cadastrada": "Ponte de portaria cadastrada.",
    "chave_da_ponte_trocada": "Chave da ponte de portaria trocada.",
    "ponte_desativada": "Ponte de portaria desativada.",
}
history.register_kinds(SENTENCES)
