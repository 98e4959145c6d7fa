"""What a visitor sees of a claim: a colour, a word and a sign; never a name, never a score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from gate_bridge.claims import GateClaim
from gate_bridge.status import TZ, GateConfig, Standing


@dataclass(frozen=True)
class Shown:
    """One state of the page; ``tone`` names the colour."""

    tone: str
    sign: str
    word: str
    message: str
    waiting: bool = False

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


LOOK = Shown("look", "◉", "Olhe para a câmera", "Fique de frente e espere um instante.", waiting=True)
CHECKING = Shown("look", "…", "Um instante", "Estamos conferindo.", waiting=True)
UNSEEN = Shown("attention", "!", "Não vimos seu rosto", "Fique de frente para a câmera e comece de novo.")
WELCOME = Shown("ok", "✔", "Entrada liberada", "Boas-vindas! Pode entrar.")
ATTENDANT = Shown("attention", "☞", "Aguarde o atendente", "Alguém já vem ajudar você.")
POLICE = Shown("attention", "☞", "Procure a Polícia Legislativa", "Dirija-se ao posto da Polícia Legislativa.")


def shown(claim: GateClaim, config: GateConfig, legal_now: datetime) -> Shown:
    """The page for a claim's state."""
    if claim.state == "look":
        return LOOK
    if claim.state == "checking":
        return CHECKING
    if claim.state == "unseen":
        return UNSEEN
    return {"LIBERADO": WELCOME, "ENCAMINHADO_GPOL": POLICE, "NEGADO": closed(config, legal_now)}.get(
        claim.result or "", ATTENDANT
    )


def closed(config: GateConfig, legal_now: datetime) -> Shown:
    """Closed, with the next opening when it is known."""
    if config.is_open(legal_now):
        return Shown("stop", "✖", "Entrada não liberada", "Procure o atendente.")
    opening = config.next_opening(legal_now)
    if opening is None:
        return Shown("stop", "✖", "Fechado", "Procure o atendente.")
    start = opening.start.astimezone(TZ)
    return Shown("stop", "✖", "Fechado", f"Abre em {start:%d/%m/%Y}, às {start.hour}h{start:%M}.")


def at_the_door(config: GateConfig, legal_now: datetime) -> Shown | None:
    """What is said before any claim: nothing while open; `waiting` when a claim may still come to something (Gpol)."""
    standing = config.standing(legal_now)
    if standing is Standing.OPEN or config.next_opening(legal_now) is None:
        return None
    shut = closed(config, legal_now)
    if standing is Standing.CLOSED:
        return shut
    police = "Fora do horário, a entrada depende da Polícia Legislativa."
    return Shown(shut.tone, shut.sign, shut.word, f"{shut.message} {police}", waiting=True)
