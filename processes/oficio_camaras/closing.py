"""The closing report as a document: totals by receipt and by reply, every exemplar in a line, sealed once (section 4, step 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import codes, kinds
from documents import operations as documents
from documents import queries as document_queries
from documents.dossier.models import Dossier
from documents.fields import FieldValue, written
from documents.models import Document
from documents.texts.merge import in_words
from people import queries as people
from processes.oficio_camaras.correspondence.models import Receipt
from processes.oficio_camaras.models import Camara, Campaign, CampaignState, Exemplar, ExemplarState
from processes.oficio_camaras.rules import STATE_LABELS
from processes.oficio_camaras.signing import signature_of
from workflow import clock
from workflow.actor import SYSTEM
from workflow.database import transaction
from workflow.errors import Conflict

S = ExemplarState
KIND = "oficio_relatorio"
REPORT = "oficios.report"
_VIA = {
    "link": "Confirmado pelo link da mensagem",
    "conta": "Confirmado pela conta da câmara",
    "papel": "Carimbo em papel",
}
_UNCONFIRMED = {S.DEVOLVIDO: "Mensagem devolvida", S.VIA_POSTAL: "Pelo correio, sem confirmação"}


@dataclass(frozen=True)
class Line:
    """An exemplar with its câmara and its receipt."""

    camara: Camara
    exemplar: Exemplar
    receipt: Receipt | None


def lines(session: Session, campaign_id: UUID) -> Iterator[Line]:
    """Every exemplar of an ofício, in the order of their numbers."""
    query = select(Camara, Exemplar, Receipt).join(Exemplar, Exemplar.ibge == Camara.ibge)
    query = query.outerjoin(Receipt, Receipt.exemplar_id == Exemplar.id).where(Exemplar.campaign_id == campaign_id)
    for camara, exemplar, receipt in session.execute(query.order_by(Exemplar.ordinal)):
        yield Line(camara, exemplar, receipt)


def made(session: Session, campaign_id: UUID) -> Document | None:
    """The sealed report, once there is one."""
    return document_queries.by_idempotency_key(session, _key(campaign_id))


def make(campaign_id: UUID) -> UUID:
    """Seal the report of a closed ofício; asked again, it is the same document.

    Seconds of work for 853 exemplars: called by the job, outside any transaction.
    """
    with transaction() as session:
        campaign, earlier = session.get_one(Campaign, campaign_id), made(session, campaign_id)
        if earlier is not None:
            return earlier.id
        if campaign.state != CampaignState.CLOSED or campaign.closed_at is None:
            raise Conflict("O relatório de encerramento existe depois do encerramento do ofício.")
        texts = written(kinds.get(KIND), fields_of(session, campaign))
    code, token, issued_at = codes.new_code(), codes.new_token(), clock.now()
    sealed = documents.make_pdf(KIND, texts, code, token, issued_at)
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
        found = made(session, campaign_id) or documents.record(
            session, documents.Made(KIND, texts, code, token, issued_at, sealed), case_id=campaign.case_id,
            owner_person_id=None, actor=SYSTEM, idempotency_key=_key(campaign_id),
        )  # fmt: skip
        return found.id


def closed_by(session: Session, campaign: Campaign) -> str:
    """“por Fulana”, who decided the end, or “pelo sistema”; empty in reports of before this was kept."""
    report = campaign.report or {}
    if "closed_by" not in report:
        return ""
    if report["closed_by"] is None:
        return "pelo sistema, com todos os exemplares concluídos"
    account = UUID(report["closed_by"])
    return f"por {people.account_names(session, [account]).get(account, 'pessoa sem cadastro')}"


def fields_of(session: Session, campaign: Campaign) -> dict[str, FieldValue]:
    """What the report prints."""
    assert campaign.closed_at is not None
    found = list(lines(session, campaign.id))
    dossier = session.get(Dossier, campaign.dossier_id) if campaign.dossier_id else None
    received, replied = receipt_totals(found), reply_totals(found, requires_reply=campaign.requires_reply)
    return {
        "name": f"Relatório do {campaign.number}",
        "number": campaign.number or "",
        "process": dossier.number if dossier else "",
        "date": clock.local(campaign.closed_at).date(),
        "finding": _finding(found),
        "facts": _table("", [(_th(name), _td(text)) for name, text in _facts(session, campaign, found)]),
        "totals": f"<h2>Recebimento</h2>{_counted(received)}<h2>Resposta</h2>{_counted(replied)}",
        "exemplars": _exemplars(found),
        "standing": _instant(clock.now()),
    }


def receipt_totals(found: Sequence[Line]) -> Counter[str]:
    """Each exemplar counted once, by how its receipt stands."""
    return Counter(_receipt_of(line) for line in found)


def reply_totals(found: Sequence[Line], *, requires_reply: bool) -> Counter[str]:
    """Each exemplar counted once, by how its reply stands."""
    return Counter(_reply_of(line.exemplar, requires_reply) for line in found)


def _receipt_of(line: Line) -> str:
    if line.receipt is not None:
        return _VIA[line.receipt.via]
    state = S(line.exemplar.state)
    if state is S.RESPONDIDO:
        return "Sem confirmação, mas respondeu"
    return _UNCONFIRMED.get(state, "Sem confirmação")


def _reply_of(exemplar: Exemplar, requires_reply: bool) -> str:
    if exemplar.state == S.RESPONDIDO:
        return "Respondeu depois do prazo" if exemplar.late else "Respondeu no prazo"
    if not requires_reply:
        return "Resposta não pedida"
    return "Resposta dispensada" if exemplar.state == S.DISPENSADA_RESPOSTA else "Sem resposta"


def _finding(found: Sequence[Line]) -> str:
    total = len(found)
    received = sum(line.receipt is not None or line.exemplar.state == S.RESPONDIDO for line in found)
    answered = sum(line.exemplar.state == S.RESPONDIDO for line in found)
    told = (
        f"De {total} {'câmara' if total == 1 else 'câmaras'}, {received} {'recebeu' if received == 1 else 'receberam'}"
    )
    return f"{told} o ofício e {answered} {'respondeu' if answered == 1 else 'responderam'}."


def _facts(session: Session, campaign: Campaign, found: Sequence[Line]) -> list[tuple[str, str]]:
    assert campaign.signed_at is not None
    assert campaign.closed_at is not None
    signature = signature_of(session, campaign)
    sent = [line.exemplar.sent_at for line in found if line.exemplar.sent_at]
    span = f"de {_instant(min(sent))} a {_instant(max(sent))}" if sent else "nenhum exemplar saiu por e-mail"
    what = "Responder" if campaign.requires_reply else "Confirmar o recebimento"
    return [
        ("Assunto", campaign.subject),
        ("Assinado", f"{_instant(campaign.signed_at)}, por {signature.name}, {signature.cargo}"),
        ("Enviado", span),
        ("Prazo", f"{what} até {in_words(campaign.due_on)}" if campaign.due_on else "Sem prazo"),
        ("Encerrado", ", ".join(filter(None, (_instant(campaign.closed_at), closed_by(session, campaign))))),
    ]


def _exemplars(found: Sequence[Line]) -> str:
    heads = (
        ("Nº", "5"),
        ("Câmara", "25"),
        ("Situação", "20"),
        ("Enviado", "15"),
        ("Recebido, nº", "20"),
        ("Respondido", "15"),
    )
    head = "".join(f'<th scope="col" class="width-{width}">{name}</th>' for name, width in heads)
    return _table(head, [_row(line) for line in found])


def _row(line: Line) -> tuple[str, ...]:
    one, receipt = line.exemplar, line.receipt
    doubt = " (envio em dúvida)" if one.in_doubt else ""
    number = f", nº {receipt.number}" if receipt else ""
    late = " (depois do prazo)" if one.late else ""
    return (
        _td(str(one.ordinal)), _th(line.camara.name), _td(STATE_LABELS[S(one.state)] + doubt), _td(_day(one.sent_at)),
        _td(_day(one.received_at) + number), _td(_day(one.answered_at) + late),
    )  # fmt: skip


def _counted(totals: Counter[str]) -> str:
    head = '<th scope="col">Situação</th><th scope="col" class="align-right width-20">Exemplares</th>'
    rows = [(_th(name), _number(count)) for name, count in totals.most_common()]
    return _table(head, [*rows, (_th("Total"), _number(totals.total()))])


def _table(head: str, rows: Sequence[Sequence[str]]) -> str:
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _th(text: str) -> str:
    return f'<th scope="row">{escape(text)}</th>'


def _td(text: str) -> str:
    return f"<td>{escape(text)}</td>"


def _number(count: int) -> str:
    return f'<td class="align-right">{count}</td>'


def _day(at: datetime | None) -> str:
    return f"{clock.local(at):%d/%m/%Y}" if at else "–"


def _instant(at: datetime) -> str:
    return f"{clock.local(at):%d/%m/%Y, %Hh%M}"


def _key(campaign_id: UUID) -> str:
    return f"oficio-relatorio:{campaign_id}"
