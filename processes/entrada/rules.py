"""Pure decisions about an entry; each function cites its article.

All articles are of Deliberação da Mesa da ALMG 2.716/2019, consolidated on 18/7/2025, unless another norm is named.
Instants are aware; hours and dates are those of America/Sao_Paulo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from workflow.clock import TZ, local

MAX_SKEW_S = 60.0
PASSAGE_S = 10
CROP_LIFETIME = timedelta(hours=24)
WINDOW_DAYS = 8
FORBIDDEN_NAMES = frozenset({"finalidade", "motivo", "destino", "visitado"})
REGISTERED_DATA = frozenset({"full_name", "cpf", "face_picture", "document_picture"})
COLLECTED_OF_MINORS: frozenset[str] = frozenset()

Confirmer = Literal["identificacao", "gpol"]
Decision = Literal["recognised", "doubtful", "unknown"]


class Building(StrEnum):
    """The four dependências of art. 1º, § 1º; there is no fifth (R1)."""

    PALACIO_INCONFIDENCIA = "palacio_inconfidencia"
    EDIFICIO_TIRADENTES = "edificio_tiradentes"
    EDIFICIO_CARLOS_DRUMMOND = "edificio_carlos_drummond"
    ESCOLA_LEGISLATIVO = "escola_legislativo"


BUILDING_NAMES = {
    Building.PALACIO_INCONFIDENCIA: "Palácio da Inconfidência",
    Building.EDIFICIO_TIRADENTES: "Edifício Tiradentes",
    Building.EDIFICIO_CARLOS_DRUMMOND: "Edifício Carlos Drummond de Andrade",
    Building.ESCOLA_LEGISLATIVO: "Escola do Legislativo",
}


class Result(StrEnum):
    """What became of a gate event."""

    LIBERADO = "LIBERADO"
    PENDENTE_VERIFICACAO = "PENDENTE_VERIFICACAO"
    ENCAMINHADO_GPOL = "ENCAMINHADO_GPOL"
    NEGADO = "NEGADO"


class Ground(StrEnum):
    """Why the event had that result; what is said of it is in GROUND_TEXTS."""

    RECONHECIDA = "reconhecida"
    CONFIRMADA = "confirmada"
    MESMA_PASSAGEM = "mesma_passagem"
    ADOLESCENTE = "adolescente"
    DUVIDA = "duvida"
    DESCONHECIDA = "desconhecida"
    RELOGIO = "relogio"
    VERIFICACAO_PENDENTE = "verificacao_pendente"
    APOS_HORARIO = "apos_horario"
    ADOLESCENTE_SEM_DOCUMENTO = "adolescente_sem_documento"
    CRIANCA_DESACOMPANHADA = "crianca_desacompanhada"
    PEDIDO_DA_GRPC = "pedido_da_grpc"
    ANTES_DO_HORARIO = "antes_do_horario"
    DIA_NAO_UTIL = "dia_nao_util"
    NAO_IDENTIFICADA = "nao_identificada"
    NAO_AUTORIZADA = "nao_autorizada"


GROUND_TEXTS = {
    Ground.RECONHECIDA: "Entrada liberada.",
    Ground.CONFIRMADA: "Entrada liberada.",
    Ground.MESMA_PASSAGEM: "Entrada já registrada. Pode passar.",
    Ground.ADOLESCENTE: "Entrada liberada.",
    Ground.DUVIDA: "Procure o atendimento, por favor.",
    Ground.DESCONHECIDA: "Procure o atendimento para fazer seu cadastro.",
    Ground.RELOGIO: "Procure o atendimento, por favor.",
    Ground.VERIFICACAO_PENDENTE: "Passe pela verificação de segurança, por favor.",
    Ground.APOS_HORARIO: "Depois das 19 horas, a entrada depende da Polícia Legislativa. Aguarde, por favor.",
    Ground.ADOLESCENTE_SEM_DOCUMENTO: "Aguarde a Polícia Legislativa, por favor.",
    Ground.CRIANCA_DESACOMPANHADA: "Crianças entram com um adulto responsável. Aguarde a Polícia Legislativa, por favor.",
    Ground.PEDIDO_DA_GRPC: "Aguarde a Polícia Legislativa, por favor.",
    Ground.ANTES_DO_HORARIO: "Ainda estamos fechados. A entrada abre às {opens} nos dias úteis.",
    Ground.DIA_NAO_UTIL: "Hoje não há visitação. A entrada abre às {opens} no próximo dia útil.",
    Ground.NAO_IDENTIFICADA: "Procure o atendimento, por favor.",
    Ground.NAO_AUTORIZADA: "A entrada não foi autorizada.",
}


@dataclass(frozen=True, slots=True)
class Hours:
    """When a post opens and closes on business days (art. 10, caput)."""

    opens: time = time(7, 30)
    closes: time = time(19, 0)


@dataclass(frozen=True, slots=True)
class Extension:
    """The hours of one post extended on one date by an act (art. 10, § 1º)."""

    day: date
    until: datetime


class Opening(StrEnum):
    """How a post stands at an instant."""

    OPEN = "open"
    BEFORE_HOURS = "before_hours"
    AFTER_HOURS = "after_hours"
    NON_BUSINESS = "non_business"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gate says of one passage, with what the house knows of the person."""

    decision: Decision
    person_known: bool
    skew_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Minor:
    """What is looked at, and never kept, of somebody under 18 (art. 3º, § 4º)."""

    age: int
    accompanied: bool = False
    document_shown: bool = False
    check_passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result and its ground."""

    result: Result
    ground: Ground


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a visitor's access needs at the desk."""

    document_shown: bool
    face_picture: bool
    document_picture: bool
    cpf_required: bool = field(default=False)


def building(name: str) -> Building:
    """The building with that name; ValueError for anything but the four (art. 1º, § 1º; R1)."""
    return Building(name)


def may_identify(roles: Collection[str], opening: Opening) -> bool:
    """Who identifies: the GRPC (art. 2º); after 19:00 the Gpol may as well (art. 10, § 2º; R2, R53)."""
    return "identificacao" in roles or ("gpol" in roles and opening is Opening.AFTER_HOURS)


def may_check_security(roles: Collection[str]) -> bool:
    """Who does the security check: the Dpol, never the GRPC (art. 2º; R2)."""
    return "seguranca" in roles or "gpol" in roles


def evidence_needed(*, first_access: bool, without_document: bool = False) -> Evidence:
    """What the first and the later accesses need (art. 3º, I and II, § 6º; R4, R5, R11)."""
    if not first_access:
        return Evidence(document_shown=False, face_picture=False, document_picture=False)
    return Evidence(document_shown=not without_document, face_picture=True, document_picture=not without_document)


def may_register_without_document(roles: Collection[str]) -> bool:
    """Only the Gpol authorises a registration by name and photograph (art. 3º, § 6º; R11)."""
    return "gpol" in roles


def age_on(birth: date, day: date) -> int:
    """Completed years on that day: the birthday itself counts (Código Civil, art. 132, § 3º)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def admit_minor(minor: Minor) -> Verdict | None:
    """The way in of somebody under 18 (art. 3º, § 4º; R8, R9); None for an adult, who goes as R4.

    An accompanied child passes with the adult (MESMA_PASSAGEM): it has no event of its own, the adult's counts it.
    """
    if minor.age >= 18:
        return None
    if minor.age < 12:
        return (
            Verdict(Result.LIBERADO, Ground.MESMA_PASSAGEM)
            if minor.accompanied
            else Verdict(Result.ENCAMINHADO_GPOL, Ground.CRIANCA_DESACOMPANHADA)
        )
    if not minor.document_shown:
        return Verdict(Result.ENCAMINHADO_GPOL, Ground.ADOLESCENTE_SEM_DOCUMENTO)
    if not minor.check_passed:
        return Verdict(Result.PENDENTE_VERIFICACAO, Ground.VERIFICACAO_PENDENTE)
    return Verdict(Result.LIBERADO, Ground.ADOLESCENTE)


def keeps_face(*, declared_minor: bool) -> bool:
    """A declared minor's picture is discarded, never enrolled, never compared (art. 3º, § 4º; R10)."""
    return not declared_minor


def opening_at(instant: datetime, *, business_day: bool, hours: Hours, extensions: Iterable[Extension] = ()) -> Opening:
    """How a post stands at `instant` (arts. 10 and 11; R51, R52, R53, R56).

    The closing second itself is accepted; fractions of a second do not count. An extension holds past midnight, too.
    """
    moment = local(instant).replace(microsecond=0)
    if any(_closing(extension.day, hours) < moment <= local(extension.until) for extension in extensions):
        return Opening.OPEN
    if not business_day:
        return Opening.NON_BUSINESS
    clock = moment.time()
    if clock < hours.opens:
        return Opening.BEFORE_HOURS
    return Opening.OPEN if clock <= hours.closes else Opening.AFTER_HOURS


def decide(opening: Opening, seen: Seen) -> Verdict:
    """What becomes of a visitor's passage (arts. 3º, 10 and 11; R3, R51, R53, R56).

    A clock that was off by more than a minute is never trusted with an automatic entry; a doubt is never a refusal.
    """
    if abs(seen.skew_s) > MAX_SKEW_S:
        return Verdict(Result.PENDENTE_VERIFICACAO, Ground.RELOGIO)
    if opening is Opening.NON_BUSINESS:
        return Verdict(Result.NEGADO, Ground.DIA_NAO_UTIL)
    if opening is Opening.BEFORE_HOURS:
        return Verdict(Result.NEGADO, Ground.ANTES_DO_HORARIO)
    if opening is Opening.AFTER_HOURS:
        return Verdict(Result.ENCAMINHADO_GPOL, Ground.APOS_HORARIO)
    if seen.decision == "recognised" and seen.person_known:
        return Verdict(Result.LIBERADO, Ground.RECONHECIDA)
    ground = Ground.DESCONHECIDA if seen.decision == "unknown" else Ground.DUVIDA
    return Verdict(Result.PENDENTE_VERIFICACAO, ground)


def may_confirm(confirmer: Confirmer, opening: Opening) -> bool:
    """Whose confirmation lets a visitor in: the GRPC's while open (art. 2º), the Gpol's also after 19:00 (art. 10, § 2º).

    On a non-business day nobody's does: the list of art. 11 is closed (R56).
    """
    allowed = {Opening.OPEN} if confirmer == "identificacao" else {Opening.OPEN, Opening.AFTER_HOURS}
    return opening in allowed


def same_passage(earlier: datetime, later: datetime) -> bool:
    """Twice at one gate within ten seconds, in whatever order the events came, is one passage."""
    return abs(later - earlier) <= timedelta(seconds=PASSAGE_S)


def attendance_date(instant: datetime) -> date:
    """The date of an entry is its local date; a stay past midnight adds none (DE4)."""
    return local(instant).date()


def windows(
    days: Iterable[tuple[date, bool]], hours: Hours, extensions: Iterable[Extension] = ()
) -> list[tuple[datetime, datetime]]:
    """The opening windows of the days given (day, is it a business day), extensions joined (art. 10; R51, R52)."""
    longest = {extension.day: local(extension.until) for extension in sorted(extensions, key=lambda act: act.until)}
    found = []
    for day, business in days:
        closes = _closing(day, hours)
        until = max(closes, longest.get(day, closes))
        if business:
            found.append((datetime.combine(day, hours.opens, TZ), until))
        elif until > closes:
            found.append((closes, until))
    return found


def message_for(ground: Ground, hours: Hours) -> str:
    """The sentence that the gate shows; it names nobody."""
    return GROUND_TEXTS[ground].format(opens=f"{hours.opens.hour}h{hours.opens.minute:02d}")


def _closing(day: date, hours: Hours) -> datetime:
    return datetime.combine(day, hours.closes, TZ)
