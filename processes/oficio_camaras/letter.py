"""The letter of an exemplar: its merge fields (LA5, LA7) and what each template prints (OF4, OF6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from documents.fields import FieldValue
from documents.texts import merge
from processes.oficio_camaras.models import Camara, Campaign
from processes.oficio_camaras.rules import mrpr_number, vocative
from workflow import clock

DOCUMENT_TYPE = "oficio"
ANNEX_KIND = "oficio_passo_a_passo"
KINDS = {"almg_seed": "oficio_almg", "mrpr3": "oficio_mrpr3"}
STAMPED = {"almg_seed": "oficio_almg_recibo", "mrpr3": "oficio_mrpr3_recibo"}

FIELDS = {
    "camara.nome": "Nome da câmara (Câmara Municipal de …)",
    "camara.municipio": "Nome do município da câmara",
    "camara.vocativo": "Vocativo, com o nome de quem preside a câmara quando conhecido",
    "camara.presidente": "Nome de quem preside a câmara, quando conhecido",
}
"""The merge fields that an ofício may use, as the editor offers them."""

merge.fill_later(DOCUMENT_TYPE, ("camara.",), FIELDS)


@dataclass(frozen=True)
class Signature:
    """Who signed, as the letter shows it."""

    name: str
    cargo: str


def values_of(template: str, camara: Camara) -> dict[str, str]:
    """LA7: what one exemplar may print of a câmara: this one's and no other's. An unknown president has no field."""
    values = {
        "camara.nome": f"Câmara Municipal de {camara.name}",
        "camara.municipio": camara.name,
        "camara.vocativo": vocative(template, camara.president, camara.president_gender),
    }
    return values | ({"camara.presidente": camara.president} if camara.president else {})


def unresolved(body: str, template: str, camara: Camara | None = None) -> tuple[str, ...]:
    """The fields that this text would leave open; any of them keeps the ofício from being signed or sent.

    Number and date are not among them: the signature gives them.
    """
    known = dict.fromkeys(FIELDS, "x") if camara is None else values_of(template, camara)
    return tuple(name for name in merge.fill(body, known).unresolved if name not in merge.AT_SIGNATURE)


def fields_of(body: str) -> tuple[str, ...]:
    """The fields that a text holds."""
    return merge.unresolved(body)


def shared(campaign: Campaign, process: str, signature: Signature, rectified: str = "") -> dict[str, FieldValue]:
    """What every exemplar prints alike. The ofício's number and the processo's both go to the foot (OF6)."""
    assert campaign.number is not None
    assert campaign.signed_at is not None
    local = clock.local(campaign.signed_at)
    number = campaign.number if campaign.template == "almg_seed" else mrpr_number(campaign.number)
    fields: dict[str, FieldValue] = {
        "number": number,
        "process": process,
        "date": local.date(),
        "long_date": merge.in_words(local.date()),
        "rectification": rectified,
        "signature": f"Assinado eletronicamente por {signature.name}, {signature.cargo}, em {local:%d/%m/%Y}, "
        f"às {local:%Hh%M}.",
    }
    if campaign.template == "mrpr3":
        fields |= {"subject": campaign.subject, "signatory": signature.name, "signatory_post": signature.cargo}
    return fields


def own(campaign: Campaign, values: Mapping[str, str], ordinal: int, total: int) -> dict[str, FieldValue]:
    """What one exemplar prints of its câmara, from the values that stay with it."""
    fields: dict[str, FieldValue] = {
        "name": values["camara.nome"],
        "vocative": values["camara.vocativo"],
        "body": merge.fill(campaign.body, values).html,
        "exemplar": f"Exemplar {ordinal} de {total}",
    }
    if campaign.template == "mrpr3":
        president = values.get("camara.presidente")
        to = f"A Sua Excelência, {president}" if president else "A Sua Excelência o(a) Senhor(a) Presidente"
        fields |= {"addressee": to, "addressee_place": f"{values['camara.municipio']}/MG"}
    return fields


def seed_text() -> str:
    """The text of the seed (Of. 002/2018/GRPC/GRI), with which a new ofício may begin."""
    return (Path(__file__).parent / "data" / "declaracao_de_comparecimento.html").read_text("utf-8")
