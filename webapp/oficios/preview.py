"""The letter before it is signed: the text for one câmara, and the PDF as it will be, without number or signature."""

from __future__ import annotations

from sqlalchemy.orm import Session

from documents import kinds, settings
from documents.dossier.models import Dossier, DossierDocument
from documents.fields import FieldValue, written
from documents.rendering import Page, render_pdf
from documents.texts import merge, versions
from processes.oficio_camaras import letter
from processes.oficio_camaras.models import Camara, Campaign
from workflow import clock
from workflow.errors import Conflict, InvalidInput

_CODE = "0" * 16
_NUMBER = "Número dado na assinatura"
_WITHOUT = "Prévia sem validade: ainda sem número e sem assinatura."


def body_of(session: Session, campaign: Campaign) -> tuple[str, int]:
    """The text as it stands in the dossier now, and its version; as the campaign holds it where there is none."""
    if campaign.document_id is None or campaign.signed_at is not None:
        return campaign.body, 0
    document = session.get_one(DossierDocument, campaign.document_id)
    version = versions.current(session, document)
    return (version.html if version is not None else campaign.body), document.version


def text_for(session: Session, campaign: Campaign, camara: Camara | None) -> str:
    """The text as this câmara will read it; the fields stay as they are written where there is none."""
    body, _ = body_of(session, campaign)
    return merge.fill(body, _values(campaign, camara)).html if camara else body


def first_camara(session: Session, campaign: Campaign, ibge: str = "") -> Camara | None:
    """The câmara asked for, when it is one of those chosen; else the first of them."""
    chosen = ibge if ibge in campaign.recipients else next(iter(campaign.recipients), None)
    return session.get(Camara, chosen) if chosen else None


def pdf(session: Session, campaign: Campaign, camara: Camara | None) -> bytes:
    """The letter for one câmara, laid out as it will be."""
    if camara is None:
        raise Conflict("Escolha ao menos uma câmara para ver a prévia.")
    kind = kinds.get(letter.KINDS[campaign.template])
    fields = _shared(session, campaign) | letter.own(
        campaign, letter.values_of(campaign.template, camara), campaign.recipients.index(camara.ibge) + 1, len(campaign.recipients)
    )  # fmt: skip
    body, _ = body_of(session, campaign)
    fields["body"] = merge.fill(body, _values(campaign, camara)).html
    try:
        texts = written(kind, fields)
    except InvalidInput as refused:
        raise Conflict(" ".join(refused.fields.values()) or refused.message) from None
    base = settings.current()
    return render_pdf(Page(kind.key, texts, _CODE, base.validation_base_url, clock.now(), base.brasao))


def _values(campaign: Campaign, camara: Camara) -> dict[str, str]:
    """What this câmara reads; number and date as far as they are known before the signature."""
    values = letter.values_of(campaign.template, camara)
    return values if campaign.signed_at else {**merge.values_at_signature(_NUMBER), **values}


def _shared(session: Session, campaign: Campaign) -> dict[str, FieldValue]:
    """What `letter.shared` will print, as far as it is known."""
    dossier = session.get(Dossier, campaign.dossier_id) if campaign.dossier_id else None
    today = clock.today()
    fields: dict[str, FieldValue] = {
        "number": _NUMBER, "process": dossier.number if dossier else "", "date": today,
        "long_date": merge.in_words(today), "rectification": _WITHOUT, "signature": "Ainda sem assinatura.",
    }  # fmt: skip
    if campaign.template == "mrpr3":
        fields |= {
            "subject": campaign.subject or "(sem assunto)",
            "signatory": "Quem assinar",
            "signatory_post": "Cargo",
        }
    return fields
