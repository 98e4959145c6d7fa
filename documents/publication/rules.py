"""Pure decisions about publications: what may be published, when, and what may be done to what is published.

Sources: Constituição da República, art. 37, caput (publicity); Lei 12.527/2011 (LAI), art. 3º, I (publicity is the rule,
secrecy the exception), arts. 6º, III, and 31 (what is restricted stays so) and 8º (publishing without being asked).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from unicodedata import category

from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.publication.models import Publication, PublicationKind, PublicationStatus
from documents.search.words import folded_words
from workflow.errors import Conflict, InvalidInput

CLOSES_AT = time(17)
"""Until this hour, in America/Sao_Paulo, something may still be scheduled for the same day."""
MOST_AHEAD = timedelta(days=366)
"""Nothing is scheduled further ahead: a wrong year is a slip of the finger."""
WAITING = (PublicationStatus.SCHEDULED, PublicationStatus.HELD)


def obstacle(document: DossierDocument, declared: DocumentType, dossier: Dossier, version: int | None = None) -> str:
    """What speaks against publishing the document now, in words; empty when nothing does.

    Only what is público is published (Lei 12.527/2011, arts. 6º, III, and 31), whole, signed, and as it was when it was
    scheduled (`version`).
    """
    if not declared.publishable:
        return f"Documentos do tipo {declared.name} não são publicados."
    if document.status == "cancelled":
        return "O documento foi cancelado."
    if document.kind == "external" or document.status != "signed":
        return "O documento não está assinado."
    if dossier.effective_level != "publico":
        return "O processo não é público."
    if version is not None and document.version != version:
        return "O texto do documento mudou depois que a publicação foi programada."
    return ""


def require_publishable(document: DossierDocument, declared: DocumentType, dossier: Dossier) -> None:
    """Conflict with what speaks against it (Lei 12.527/2011, art. 3º, I)."""
    found = obstacle(document, declared, dossier)
    if found:
        raise Conflict(
            f"{found} Só se publica documento assinado, de tipo que possa ser publicado, em processo público."
        )


def require_day(day: date | None, now: datetime, *, business: bool) -> date:
    """A business day, not in the past; today only before the hour of closing. `now`: local."""
    if day is None:
        raise InvalidInput({"day": "Escolha o dia da publicação."})
    if day < now.date():
        raise InvalidInput({"day": "Este dia já passou. Escolha hoje ou um dia seguinte."})
    if day - now.date() > MOST_AHEAD:
        raise InvalidInput({"day": "Escolha um dia dentro dos próximos doze meses."})
    if not business:
        raise InvalidInput({"day": f"Em {day:%d/%m/%Y} não há expediente. Escolha um dia útil."})
    if day == now.date() and now.time() >= CLOSES_AT:
        raise InvalidInput({"day": f"A edição de hoje fechou às {CLOSES_AT:%Hh%M}. Escolha o próximo dia útil."})
    return day


def is_due(day: date, today: date, *, business: bool) -> bool:
    """Whether what was scheduled for `day` is published now: on its day or, when nothing could run then, on the first
    business day after it. The date that counts is that of the publication itself."""
    return day <= today and business


def require_waiting(row: Publication) -> None:
    """Only what waits is changed or cancelled; what is published is there for good."""
    if row.status == PublicationStatus.PUBLISHED:
        raise Conflict(
            "Esta publicação já foi feita e não muda mais. Publique uma retificação, republique ou torne-a sem efeito."
        )
    if row.status == PublicationStatus.CANCELLED:
        raise Conflict("Esta publicação foi cancelada. Programe outra.")


def require_followable(row: Publication, kind: str, *, voided: bool, waiting: bool) -> None:
    """What may follow a publication: `voided`, it was left without effect; `waiting`, something already waits to follow.

    Only what was published is corrected, repeated or undone. What has no effect any more is only published again.
    """
    if row.status != PublicationStatus.PUBLISHED:
        raise Conflict("Esta publicação ainda não foi feita: altere-a ou cancele-a.")
    if row.kind == PublicationKind.VOIDING:
        raise Conflict("Para desfazer um “sem efeito”, republique o documento.")
    if waiting:
        raise Conflict("Já há uma retificação, republicação ou “sem efeito” programado. Altere-o ou espere o seu dia.")
    if voided and kind != PublicationKind.REPUBLICATION:
        raise Conflict("Esta publicação já está sem efeito. O documento só pode ser republicado.")


def require_rectifier(row: Publication, document: DossierDocument) -> None:
    """A rectification is another signed document of the same processo."""
    if document.dossier_id != row.dossier_id:
        raise InvalidInput({"document_id": "O documento que retifica precisa estar no mesmo processo."})
    if document.id == row.document_id:
        raise InvalidInput({"document_id": "Escolha outro documento. Para publicar o mesmo texto, use Republicar."})


def summary(text: str) -> str:
    """The ementa as it is kept: one line, of a sensible length."""
    return _line(text, "summary", "Escreva a ementa", 10)


def reason(text: str) -> str:
    """Why something is corrected, published again, undone, changed or cancelled."""
    return _line(text, "reason", "Escreva o motivo", 10)


def _line(text: str, name: str, ask: str, least: int, most: int = 500) -> str:
    plain = " ".join(text.split())
    if not least <= len(plain) <= most:
        raise InvalidInput({name: f"{ask}, com {least} a {most} caracteres."})
    if any(category(char) in ("Cc", "Cs", "Cn") for char in plain):
        raise InvalidInput({name: "Há caracteres que não se veem neste texto. Digite-o em vez de colar."})
    return plain


def folded(text: str) -> str:
    """The words of a text for the search: small, without accents, one space before and after each."""
    return f" {' '.join(folded_words(text))} "
