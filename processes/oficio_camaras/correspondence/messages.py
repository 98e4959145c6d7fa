"""The messages that câmaras receive (EM7): short text, PDFs, the link; no tracking pixel, no copy to anybody (EM3)."""

from __future__ import annotations

from datetime import date

from integrations.mail import Attachment, Mail
from processes.oficio_camaras.models import Campaign, Exemplar
from processes.oficio_camaras.settings import settings

CONTACTS = (
    "Centro de Apoio às Câmaras (Ceac) – Gerência de Relações Institucionais\n"
    "Assembleia Legislativa do Estado de Minas Gerais\n"
    "Rua Martim de Carvalho, 94 – 8.º andar – Bairro Santo Agostinho – Belo Horizonte/MG\n"
    "https://www.almg.gov.br/apoio_camaras/sobre_ceac/index.html\n"
    "(31) 2108-7303"
)


def message_id(exemplar: Exemplar) -> str:
    """EM5: one for each version of an exemplar, kept through retries."""
    return f"<oficio.{exemplar.id.hex}.{exemplar.version}@{settings().reply_to.partition('@')[2]}>"


def dispatch_mail(campaign: Campaign, exemplar: Exemplar, link: str, letter: bytes, annex: bytes | None) -> Mail:
    """The message that brings an exemplar."""
    name = _file_name(campaign)
    files = [Attachment(f"{name}.pdf", "application/pdf", letter)]
    if annex is not None:
        files.append(Attachment(f"{name}-anexo-passo-a-passo.pdf", "application/pdf", annex))
    text = (
        f"À {exemplar.merged['camara.nome']}\n\n"
        f"Encaminhamos o {campaign.number} – {campaign.subject}.\n\n"
        f"{_due(campaign)}"
        f"Confirmar recebimento (vale por 90 dias):\n{link}\n\n"
        "Se preferir, responda a esta mensagem: a resposta chega ao Ceac e fica junto do ofício.\n\n"
        f"{CONTACTS}\n"
    )
    return _mail(exemplar, f"{campaign.number} – {campaign.subject}", text, message_id(exemplar), tuple(files))


def reminder_mail(campaign: Campaign, exemplar: Exemplar, link: str, kind: str) -> Mail:
    """RE4: the deadline comes, or has passed."""
    assert campaign.due_on is not None
    passed = kind == "D+1"
    what = "a resposta" if campaign.requires_reply else "a confirmação do recebimento"
    when = "terminou ontem" if passed else f"termina em {campaign.due_on:%d/%m/%Y}"
    text = (
        f"À {exemplar.merged['camara.nome']}\n\n"
        f"O prazo para {what} do {campaign.number} – {campaign.subject} {when}.\n\n"
        f"{'Ainda é possível responder' if passed else 'Para confirmar ou responder'}:\n{link}\n\n{CONTACTS}\n"
    )
    own = message_id(exemplar).replace("<oficio.", f"<lembrete-{kind.replace('+', 'mais').replace('-', 'menos')}.")
    return _mail(exemplar, f"Prazo do {campaign.number} – {campaign.subject}", text, own, ())


def forward_mail(
    campaign: Campaign, exemplar: Exemplar, to: str, own_id: str, letter: bytes, annex: bytes | None
) -> Mail:
    """What a vereador receives when the câmara forwards its exemplar; the words are ours, never the sender's."""
    name = _file_name(campaign)
    files = [Attachment(f"{name}.pdf", "application/pdf", letter)]
    if annex is not None:
        files.append(Attachment(f"{name}-anexo-passo-a-passo.pdf", "application/pdf", annex))
    text = (
        f"A {exemplar.merged['camara.nome']} encaminhou a você o {campaign.number} – {campaign.subject}, "
        f"da Assembleia Legislativa do Estado de Minas Gerais.\n\n{CONTACTS}\n"
    )
    return Mail(to, f"{campaign.number} – {campaign.subject}", text, own_id, tuple(files))


def _mail(exemplar: Exemplar, subject: str, text: str, own_id: str, files: tuple[Attachment, ...]) -> Mail:
    assert exemplar.email is not None
    back = settings().plus_address(exemplar.tracking)
    return Mail(exemplar.email, subject, text, own_id, files, reply_to=back, bounce_to=back)


def _due(campaign: Campaign) -> str:
    if not campaign.requires_reply or campaign.due_on is None:
        return ""
    return f"Aguardamos a resposta até {_day(campaign.due_on)}.\n\n"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _file_name(campaign: Campaign) -> str:
    number = (campaign.number or "oficio").removeprefix("Of. ")
    return "oficio-" + "-".join(part for part in number.split("/") if part)
