"""Pure decisions about ofícios to the câmaras: numbers, states, the letter, deadlines. Rule ids: OF, LA, EM, RE."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from documents.numbering.rules import OFICIO
from processes.oficio_camaras.models import ExemplarState as S

UNIVERSE = 853
"""Municípios of Minas Gerais, one câmara each (EM1)."""
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")

FINAL = frozenset({S.RESPONDIDO, S.SEM_RESPOSTA, S.DISPENSADA_RESPOSTA})
TRANSITIONS: Mapping[S, frozenset[S]] = {
    S.GERADO: frozenset({S.NA_FILA, S.VIA_POSTAL}),
    S.NA_FILA: frozenset({S.ENVIADO, S.DEVOLVIDO, S.VIA_POSTAL, S.REENVIO, S.RECEBIDO, S.RESPONDIDO}),
    S.ENVIADO: frozenset({S.ENTREGUE, S.DEVOLVIDO, S.REENVIO, S.RECEBIDO, S.RESPONDIDO}),
    S.ENTREGUE: frozenset({S.DEVOLVIDO, S.REENVIO, S.RECEBIDO, S.RESPONDIDO}),
    S.DEVOLVIDO: frozenset({S.REENVIO, S.VIA_POSTAL, S.RECEBIDO, S.RESPONDIDO}),
    S.REENVIO: frozenset({S.NA_FILA}),
    S.VIA_POSTAL: frozenset({S.NA_FILA, S.REENVIO, S.RECEBIDO, S.RESPONDIDO}),
    S.RECEBIDO: frozenset({S.RESPONDIDO, S.SEM_RESPOSTA, S.DISPENSADA_RESPOSTA}),
    S.RESPONDIDO: frozenset(),
    S.SEM_RESPOSTA: frozenset({S.RESPONDIDO}),
    S.DISPENSADA_RESPOSTA: frozenset({S.RESPONDIDO}),
}
"""Section 4. Who confirms or answers has received it, whatever was believed before; a late answer is still an answer.
REENVIO without a bounce before it: the câmara told that its address changed."""

STATE_LABELS: Mapping[S, str] = {
    S.GERADO: "Gerado",
    S.NA_FILA: "Na fila",
    S.ENVIADO: "Enviado",
    S.ENTREGUE: "Entregue",
    S.DEVOLVIDO: "Devolvido",
    S.REENVIO: "Reenvio",
    S.VIA_POSTAL: "Via postal",
    S.RECEBIDO: "Recebido",
    S.RESPONDIDO: "Respondido",
    S.SEM_RESPOSTA: "Sem resposta",
    S.DISPENSADA_RESPOSTA: "Resposta dispensada",
}

RETRY_AFTER = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
LINK_LIFETIME = timedelta(days=90)
MAX_FORWARDS = 60
"""Addresses to which one exemplar may be forwarded; the largest câmara of Minas has 41 vereadores."""


def valid_number(number: str) -> bool:
    """OF1: `Of. 002/2018/GRPC/GRI`; three digits at least, no superfluous zero, four of the year, units by sigla."""
    return OFICIO.fullmatch(number) is not None


def mrpr_number(number: str, organ: str = "ALMG") -> str:
    """OF4: `Of. 002/2018/GRPC/GRI` as the MRPR writes it: type in capitals, Nº, units smaller → larger, the body last."""
    _, _, written = number.partition(" ")
    seq, year, *siglas = written.split("/")
    return "/".join((f"OFÍCIO Nº {int(seq)}", year, *reversed(siglas), organ))


def may_become(state: S | str, wanted: S) -> bool:
    """Whether an exemplar may go from one state to the other (section 4)."""
    return wanted in TRANSITIONS[S(state)]


def may_approve(account: UUID | None, acting_for: UUID | None, writer: UUID | None) -> bool:
    """Writer ≠ approver (section 4, steps 2 and 3): neither the writer nor somebody in the writer's place."""
    return account is not None and writer not in {account, acting_for}


def needs_second_approval(recipients: int) -> bool:
    """Section 4, step 3: the GRPC approves what goes to more than one recipient."""
    return recipients > 1


def may_retract(signed: bool) -> bool:
    """Section 4, step 4: after the signature the content is immutable; a correction is a new ofício, em retificação."""
    return not signed


def vocative(template: str, president: str | None, gender: str | None) -> str:
    """LA3, LA5: the seed's generic form with a colon; with a known president, gender and name; MRPR: Senhor + cargo, comma."""
    if template == "mrpr3":
        return {"F": "Senhora Presidente,", "M": "Senhor Presidente,"}.get(gender or "", "Senhor(a) Presidente,")
    if not president or gender not in ("F", "M"):
        return "Excelentíssimo(a) Senhor(a) Presidente:"
    treatment = "Excelentíssima Senhora" if gender == "F" else "Excelentíssimo Senhor"
    return f"{treatment} Presidente {president}:"


def normal_email(typed: str) -> str | None:
    """The address in lower case, or None when it cannot be one (RFC 5321, 4.5.3.1: 254 characters at most)."""
    address = typed.strip().lower()
    local = address.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return address if len(address) <= 254 and not dots and _EMAIL.fullmatch(address) else None


class Problem(StrEnum):
    """Why a person must look at an exemplar."""

    CADASTRO = "cadastro"
    DEVOLVIDO = "devolvido"
    DUVIDA = "duvida"


class Answer(StrEnum):
    """What to do with an attempt to send."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    REFUSED = "refused"


def after_refusal(permanent: bool, failures: int) -> tuple[Answer, timedelta | None]:
    """EM4: 5xx is a bounce at once; 4xx is tried again after 5 min, 1 h and 6 h, and then is one, too."""
    if permanent or failures >= len(RETRY_AFTER):
        return Answer.REFUSED, None
    return Answer.RETRY, RETRY_AFTER[failures]


def why_no_redirection(state: S | str, in_doubt: bool) -> str | None:
    """Section 4, REENVIO: why an exemplar may not go to another address now, in words; None when it may."""
    if in_doubt:
        return "O envio está em dúvida. Decida primeiro a pendência deste exemplar."
    if S(state) in (S.GERADO, S.DEVOLVIDO):
        return "Este exemplar espera uma decisão sobre o endereço. Escreva o novo na pendência dele."
    if not may_become(state, S.REENVIO):
        return "A câmara já recebeu este ofício. Para os próximos, atualize o endereço no cadastro da câmara."
    return None


def after_receipt(requires_reply: bool) -> S | None:
    """RE1: without a reply due, the receipt closes the exemplar."""
    return None if requires_reply else S.DISPENSADA_RESPOSTA


def at_deadline(state: S | str) -> S | None:
    """RE2: received and unanswered when the ofício is closed: SEM_RESPOSTA; what never arrived stays as it is."""
    return S.SEM_RESPOSTA if S(state) is S.RECEBIDO else None


def is_late(day: date, due_on: date | None) -> bool:
    """RE2: a reply after the last day is RESPONDIDO, fora do prazo."""
    return due_on is not None and day > due_on


def all_final(states: Collection[S | str]) -> bool:
    """Section 4, step 8: every exemplar answered, unanswered or dispensed."""
    return bool(states) and all(S(state) in FINAL for state in states)


def reminder_due(today: date, due_on: date) -> str | None:
    """RE4: D-5, D-1 and D+1; no more than these three."""
    return {5: "D-5", 1: "D-1", -1: "D+1"}.get((due_on - today).days)
