"""The events that declarations leave in the hash chain: ids and enumerations, no personal data."""

from __future__ import annotations

from workflow import history

REQUESTED = "declaracao_pedida"
WITHDRAWN = "comparecimento_retirado"
CANCELLED = "declaracao_cancelada"

SENTENCES = {
    REQUESTED: "Emissão da declaração pedida ({channel}).",
    WITHDRAWN: "Comparecimento retirado: a entrada era de outra pessoa.",
    CANCELLED: "Declaração cancelada.",
}
history.register_kinds(SENTENCES)
