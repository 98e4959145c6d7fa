"""An ofício in words for the câmara: its deadline, its text, its stamp."""

from __future__ import annotations

from dataclasses import dataclass

from documents.texts import merge
from processes.oficio_camaras import stamp
from processes.oficio_camaras.correspondence.models import Receipt
from processes.oficio_camaras.models import Campaign, Exemplar
from processes.oficio_camaras.rules import FINAL
from webapp import shown
from workflow import clock


@dataclass(frozen=True)
class Told:
    """A sentence and how pressing it is (a kind of `ui.notice`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class StampShown:
    """A stamp as it stands on the sheets (ST3)."""

    entity: str
    instant: str
    number: str


def deadline(campaign: Campaign, exemplar: Exemplar) -> Told | None:
    """Until when the câmara may answer or, where no reply is due, confirm; None when it owes nothing."""
    if campaign.due_on is None or exemplar.state in FINAL:
        return None
    days = (campaign.due_on - clock.today()).days
    what = "responder" if campaign.requires_reply else "confirmar o recebimento"
    day = shown.long_date(campaign.due_on)
    if days < 0:
        ended = "ontem" if days == -1 else f"há {-days} dias"
        return Told("warning", f"O prazo para {what} terminou {ended}, {day}. Ainda é possível {what}.")
    left = {0: "Termina hoje", 1: "Termina amanhã"}.get(days, f"Faltam {days} dias")
    return Told("warning" if days <= 5 else "info", f"Prazo para {what}: até {day}. {left}.")


def text_of(campaign: Campaign, exemplar: Exemplar) -> str:
    """The text of the exemplar as HTML: the signed body, with what was printed of this câmara and no other (LA7)."""
    return merge.fill(campaign.body, exemplar.merged).html


def stamp_of(exemplar: Exemplar, receipt: Receipt | None) -> StampShown | None:
    """The stamp of a receipt; a paper one shows what the paper says."""
    if receipt is None:
        return None
    one = stamp.stamps(exemplar.merged["camara.municipio"], receipt.received_at, receipt.number, 1)[0]
    entity = receipt.received_by if receipt.via == "papel" else one.entity
    return StampShown(entity, f"{one.day:%d/%m/%Y} {one.time}", one.number)
