"""Pure decisions about dossiers: levels, hypotheses, deadlines, and when each verb is allowed.

Sources: Lei 12.527/2011 (LAI), arts. 22, 23 and 31, for levels; the manuals of SEI for tramitação and for what is locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time

from documents.dossier.models import LEVELS, Dossier, DossierDocument, DossierStatus, DossierUnit, LegalHypothesis
from workflow import clock
from workflow.errors import Conflict, Forbidden, InvalidInput

LEVEL_NAMES = {"publico": "público", "restrito": "restrito", "sigiloso": "sigiloso"}


def highest(levels: Iterable[str]) -> str:
    """The highest of some levels: a restricted document raises the whole dossier."""
    return max(levels, key=LEVELS.index, default=LEVELS[0])


def effective_level(own: str, documents: Iterable[DossierDocument]) -> str:
    """The level that holds for the whole. A cancelled document still counts, since its text still rests there."""
    return highest([own, *(one.level for one in documents if one.status != "deleted")])


def require_hypothesis(level: str, hypothesis: LegalHypothesis | None) -> None:
    """Whatever is not public says why (LAI, art. 22 and ff.): a hypothesis in force, and of that level."""
    if level not in LEVELS:
        raise InvalidInput({"level": "Escolha público, restrito ou sigiloso."})
    if level == "publico":
        if hypothesis is not None:
            raise InvalidInput(
                {"hypothesis_id": "O que é público não tem hipótese legal. Retire a hipótese ou mude o nível."}
            )
        return
    if hypothesis is None or not hypothesis.active or hypothesis.level != level:
        raise InvalidInput({"hypothesis_id": f"Escolha a hipótese legal do nível {LEVEL_NAMES[level]}."})


def require_running(dossier: Dossier) -> None:
    """Nothing is done to a suspended dossier, or to one attached to another for good."""
    if dossier.status == DossierStatus.ATTACHED:
        raise Conflict("Este processo está anexado a outro e não recebe mais nada. Trabalhe no processo principal.")
    if dossier.status == DossierStatus.SUSPENDED:
        raise Conflict("Este processo está sobrestado. Encerre o sobrestamento antes.")


def require_free_routing(allowed: bool) -> None:
    """A type may leave the way to its diagram alone."""
    if not allowed:
        raise Forbidden("Este tipo de processo só anda pelo seu diagrama: conclua a tarefa que está aberta.")


def require_targets(units: Iterable[str], sender: str, known: Iterable[str]) -> tuple[str, ...]:
    """The units to send to: at least one, each once, none of them the sender, all in force."""
    chosen = tuple(dict.fromkeys(one.strip() for one in units if one.strip()))
    if not chosen:
        raise InvalidInput({"units": "Escolha ao menos uma unidade de destino."})
    if sender in chosen:
        raise InvalidInput({"units": "O processo já está na sua unidade. Escolha outra."})
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise InvalidInput({"units": f"Não há unidade ativa com a sigla {', '.join(unknown)}."})
    return chosen


def require_returned(line: DossierUnit, targets: Iterable[str]) -> None:
    """A programmed return is cleared only by sending back."""
    if line.return_by is not None and line.from_unit is not None and line.from_unit not in set(targets):
        raise Conflict(
            f"{line.from_unit} espera este processo de volta até {line.return_by:%d/%m/%Y}. "
            f"Devolva a {line.from_unit} ou mantenha o processo aberto na sua unidade."
        )


def require_later(new: date, before: date | None, today: date) -> None:
    """A programmed return or reopening is never in the past, and is only extendable."""
    if new < today:
        raise InvalidInput({"on": "A data não pode estar no passado."})
    if before is not None and new <= before:
        raise InvalidInput({"on": f"Esta data só pode ser prorrogada: escolha um dia depois de {before:%d/%m/%Y}."})


def require_suspendable(open_units: Iterable[str], unit: str) -> None:
    """A dossier is suspended only when it is open in one unit, and by that unit."""
    others = sorted(set(open_units) - {unit})
    if others:
        raise Conflict(
            f"O processo só pode ser sobrestado quando está aberto em uma só unidade. Aberto também em: {', '.join(others)}."
        )


def require_deletable(document: DossierDocument, unit: str | None) -> None:
    """A document is deleted only by its unit, and before others saw it; after that it is cancelled."""
    if unit is not None and document.unit != unit:
        raise Forbidden("Só a unidade que incluiu o documento pode excluí-lo.")
    if document.status in ("cancelled", "deleted"):
        raise Conflict("Este documento já foi cancelado ou excluído.")
    if document.seen_at is not None or document.locked_at is not None:
        raise Conflict("Outra unidade já viu este documento: ele não pode ser excluído, só cancelado, com o motivo.")


def require_cancellable(document: DossierDocument, unit: str | None) -> None:
    """What others saw is cancelled with a reason and stays in the tree; what nobody saw is simply deleted."""
    if unit is not None and document.unit != unit:
        raise Forbidden("Só a unidade que incluiu o documento pode cancelá-lo.")
    if document.status in ("cancelled", "deleted"):
        raise Conflict("Este documento já foi cancelado ou excluído.")
    if document.status == "draft" and document.seen_at is None:
        raise Conflict("Ninguém de outra unidade viu este rascunho: exclua-o em vez de cancelar.")


def reason(text: str, *, least: int = 3, most: int = 500) -> str:
    """A reason as it is kept: one line, of a sensible length."""
    plain = " ".join(text.split())
    if not least <= len(plain) <= most:
        raise InvalidInput({"reason": f"Escreva o motivo, com {least} a {most} caracteres."})
    return plain


def end_of(day: date) -> datetime:
    """The last second of a day in America/Sao_Paulo: what is due on a day may be done all that day."""
    return datetime.combine(day, time(23, 59, 59), clock.TZ)
