"""Cases in words: due instants, values and names of data, as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from webapp import shown
from workflow import clock, process

KNOWN_LABELS = {
    "person_id": "Pessoa",
    "person": "Pessoa",
    "account_id": "Conta",
    "event_id": "Evento da portaria",
    "event": "Evento da portaria",
    "document_id": "Documento",
    "entry_id": "Entrada",
    "post": "Posto",
    "building": "Edifício",
    "instant": "Instante",
    "date": "Data",
    "result": "Resultado",
    "ground": "Fundamento",
    "decision": "Decisão",
    "case_id": "Caso",
    "pessoa_id": "Pessoa",
    "evento_id": "Evento da portaria",
    "decisao": "Resultado",
    "fundamento": "Fundamento",
    "dia": "Dia",
    "primeira_do_dia": "Primeira entrada do dia",
    "menor": "Menor de 18 anos",
    "criancas": "Crianças que acompanham",
}

KNOWN_VALUES = {
    "LIBERADO": "Liberada",
    "PENDENTE_VERIFICACAO": "Pendente de verificação",
    "ENCAMINHADO_GPOL": "Encaminhada à Gpol",
    "NEGADO": "Negada",
    "reconhecida": "Pessoa reconhecida",
    "confirmada": "Pessoa confirmada pelo atendimento",
    "mesma_passagem": "Mesma passagem, já registrada",
    "duvida": "Reconhecimento duvidoso",
    "desconhecida": "Rosto desconhecido",
    "relogio": "Relógio do equipamento errado",
    "verificacao_pendente": "Verificação de segurança pendente",
    "apos_horario": "Depois do horário",
    "antes_do_horario": "Antes do horário",
    "dia_nao_util": "Dia não útil",
    "nao_identificada": "Pessoa não identificada",
    "nao_autorizada": "Entrada não autorizada",
    "pedido_da_grpc": "Pedido do atendimento",
    "adolescente": "Adolescente",
    "adolescente_sem_documento": "Adolescente sem documento",
    "crianca_desacompanhada": "Criança sem adulto responsável",
}


@dataclass(frozen=True, slots=True)
class DueWords:
    """A due instant as a word and how pressing it is (a kind of `ui.status`)."""

    kind: str
    text: str


def due_words(due_at: datetime | None, now: datetime | None = None) -> DueWords | None:
    """“vence hoje, 17h00”, “venceu ontem”; None without a due instant."""
    if due_at is None:
        return None
    reference = now or clock.now()
    days = (clock.local(due_at).date() - clock.local(reference).date()).days
    if due_at <= reference:
        return DueWords("error", _overdue(-days, due_at))
    if days == 0:
        return DueWords("warning", f"vence hoje, {shown.show_time(due_at)}")
    if days == 1:
        return DueWords("warning", f"vence amanhã, {shown.show_time(due_at)}")
    return DueWords("neutral", f"vence em {days} dias, {shown.show_date(due_at)}")


def _overdue(days: int, due_at: datetime) -> str:
    if days <= 0:
        return f"venceu hoje, {shown.show_time(due_at)}"
    return "venceu ontem" if days == 1 else f"venceu há {days} dias"


def label(key: str, process_key: str) -> str:
    """How the process's own forms call this datum; else a known word; else the key made readable."""
    item = _field(key, process_key)
    return item.label if item else KNOWN_LABELS.get(key) or key.replace("_", " ").capitalize()


def _field(key: str, process_key: str) -> process.Field | None:
    try:
        declared = process.get(process_key)
    except LookupError:
        return None
    forms = (declared.start, *declared.forms.values())
    return next((item for form in forms if form for item in form.fields if item.name == key), None)


def value(raw: Any, key: str, process_key: str, names: Mapping[UUID, str]) -> str:
    """One datum as people write it; an id that somebody has a name for becomes the name."""
    if raw is None or raw == "":
        return "não informado"
    if isinstance(raw, bool):
        return "Sim" if raw else "Não"
    if isinstance(raw, datetime):
        return shown.show_instant(raw)
    if isinstance(raw, date):
        return shown.show_date(raw)
    if isinstance(raw, Decimal):
        return f"{raw:,}".replace(",", " ").replace(".", ",").replace(" ", ".")
    if isinstance(raw, list | tuple):
        return ", ".join(value(item, key, process_key, names) for item in raw) or "nenhum"
    if isinstance(raw, Mapping):
        return "; ".join(f"{inner}: {value(item, str(inner), process_key, names)}" for inner, item in raw.items())
    found = as_uuid(raw)
    if found is not None:
        return names.get(found, str(raw))
    return _choice(str(raw), key, process_key)


def _choice(raw: str, key: str, process_key: str) -> str:
    item = _field(key, process_key)
    known = dict(item.choices) if item is not None else {}
    return known.get(raw) or KNOWN_VALUES.get(raw, raw)


def as_uuid(raw: Any) -> UUID | None:
    """The UUID that this value is, or None."""
    if isinstance(raw, UUID):
        return raw
    if not isinstance(raw, str) or len(raw) != 36:
        return None
    try:
        return UUID(raw)
    except ValueError:
        return None


def uuids_in(values: Iterable[Any]) -> set[UUID]:
    """Every id found in case data, for one look-up of names."""
    found: set[UUID] = set()
    for item in values:
        if isinstance(item, Mapping):
            found |= uuids_in(item.values())
        elif isinstance(item, list | tuple):
            found |= uuids_in(item)
        elif (single := as_uuid(item)) is not None:
            found.add(single)
    return found


def facts(data: Mapping[str, Any], process_key: str, names: Mapping[UUID, str]) -> list[tuple[str, str]]:
    """Case data in words, in the order in which they came; what is empty, or an id that names nobody, says nothing."""
    return [
        (label(key, process_key), value(raw, key, process_key, names))
        for key, raw in data.items()
        if raw not in (None, "") and not _nameless(raw, names)
    ]


def _nameless(raw: Any, names: Mapping[UUID, str]) -> bool:
    found = as_uuid(raw)
    return found is not None and found not in names
