"""Pure decisions about the declaração de comparecimento; each cites its article.

Articles are of Deliberação da Mesa da ALMG 2.716/2019, consolidated on 18/7/2025. `DE` and `D` ids are the project's
decisions where the text is silent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from workflow.clock import local

DESK_OPENS = time(8, 0)
DESK_CLOSES = time(19, 0)


class Channel(StrEnum):
    """The two ways to a declaration, and no third (art. 9º, caput and § 1º; DE5)."""

    PORTAL = "portal"
    CAC = "cac"


class Refusal(StrEnum):
    """Why a declaration is not issued; the sentence is in REFUSAL_TEXTS."""

    SEM_COMPARECIMENTO = "sem_comparecimento"
    SEM_CADASTRO = "sem_cadastro"
    DATA_FUTURA = "data_futura"
    SEM_CPF = "sem_cpf"
    CPF_NAO_COMPROVADO = "cpf_nao_comprovado"
    FORA_DO_HORARIO = "fora_do_horario"
    DIA_NAO_UTIL = "dia_nao_util"
    DOCUMENTO_NAO_CONFERIDO = "documento_nao_conferido"
    PROCURACAO_NAO_CONFERIDA = "procuracao_nao_conferida"


REFUSAL_TEXTS = {
    Refusal.SEM_COMPARECIMENTO: "Não há entrada registrada nesse dia. Confira a data.",
    Refusal.SEM_CADASTRO: "A declaração depende de cadastro de visitante. Procure o atendimento na portaria.",
    Refusal.DATA_FUTURA: "A data ainda não chegou. Confira a data.",
    Refusal.SEM_CPF: "O cadastro está sem CPF, que o modelo da declaração exige. O CAC pode incluir e conferir o número.",
    Refusal.CPF_NAO_COMPROVADO: "O CPF ainda não foi comprovado. Apresente um documento com foto no CAC e tente de novo.",
    Refusal.FORA_DO_HORARIO: "O CAC emite declarações das 8 às 19 horas. No Portal, a emissão funciona a qualquer hora.",
    Refusal.DIA_NAO_UTIL: "O CAC emite declarações em dias úteis. No Portal, a emissão funciona em qualquer dia.",
    Refusal.DOCUMENTO_NAO_CONFERIDO: "Confira o documento com foto de quem pede e marque que ele foi visto.",
    Refusal.PROCURACAO_NAO_CONFERIDA: "Quem pede por outra pessoa apresenta procuração. Confira a procuração e marque.",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of the person whose declaration is asked for."""

    registered: bool
    cpf: bool
    cpf_verified: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the attendant of the CAC has looked at: nothing of it is copied."""

    document: bool
    third_party: bool = False
    power_of_attorney: bool = False


def eligibility(holder: Holder, day: date, *, today: date, permitted_entries: int) -> Refusal | None:
    """Whether the person may have a declaration of that day at all (art. 9º, caput; R58, DE2, D8, D9)."""
    if day > today:
        return Refusal.DATA_FUTURA
    if not holder.registered:
        return Refusal.SEM_CADASTRO
    if permitted_entries < 1:
        return Refusal.SEM_COMPARECIMENTO
    if not holder.cpf:
        return Refusal.SEM_CPF
    return None if holder.cpf_verified else Refusal.CPF_NAO_COMPROVADO


def desk_refusal(instant: datetime, *, business_day: bool) -> Refusal | None:
    """The hours of the CAC: 8:00:00 to 19:00:00 on business days (art. 9º, § 1º; R59)."""
    if not business_day:
        return Refusal.DIA_NAO_UTIL
    clock = local(instant).replace(microsecond=0).time()
    return None if DESK_OPENS <= clock <= DESK_CLOSES else Refusal.FORA_DO_HORARIO


def shown_refusal(shown: Shown) -> Refusal | None:
    """The photo document of who asks; a third party's power of attorney as well (DE6)."""
    if not shown.document:
        return Refusal.DOCUMENTO_NAO_CONFERIDO
    if shown.third_party and not shown.power_of_attorney:
        return Refusal.PROCURACAO_NAO_CONFERIDA
    return None


def may_issue(roles: Collection[str], channel: str, *, owner: bool = False) -> bool:
    """Who issues: the person on the Portal, the CAC at its desk, a gabinete never (art. 9º, § 2º; R60, DE5, DE7)."""
    if "gabinete" in roles:
        return False
    return (channel == Channel.PORTAL and owner) or (channel == Channel.CAC and "cac" in roles)


def attendance_key(person_id: UUID, day: date) -> str:
    """One declaration per person and day, of the whole house, not of a building (DE3, DE11)."""
    return f"{person_id}:{day.isoformat()}"


def case_subject(day: date) -> str:
    """What lists show of a case: the day, and nothing of the person."""
    return f"Comparecimento de {day:%d/%m/%Y}"
