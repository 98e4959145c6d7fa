"""Every kind of event has its sentence, in Portuguese; an event of an unknown kind can't be written.

A sentence may use `{title}` (the task's or node's title in the diagram) and any key of the event's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class UnknownKind(LookupError):
    """No sentence was registered for this kind of event."""


SENTENCES: dict[str, str] = {
    "case_started": "Processo iniciado.",
    "case_advanced": "O sistema fez sozinho os primeiros passos.",
    "case_completed": "Processo concluído.",
    "case_cancelled": "Processo cancelado.",
    "case_migrated": "Processo passou da versão {from_version} para a versão {version} do diagrama.",
    "task_created": "Tarefa “{title}” criada.",
    "task_completed": "Tarefa “{title}” concluída.",
    "task_claimed": "Tarefa “{title}” assumida.",
    "task_released": "Tarefa “{title}” devolvida à caixa da unidade.",
    "task_assigned": "Tarefa “{title}” atribuída.",
    "service_finished": "O sistema concluiu: “{title}”.",
    "service_error_taken": "O sistema não pôde concluir “{title}” e seguiu o caminho previsto para isso ({error}).",
    "timer_fired": "Prazo “{title}” venceu.",
    "message_received": "Chegou o que se esperava: “{title}”.",
    "message_thrown": "Aviso enviado: “{title}”.",
    "incident_opened": "Falha em “{title}”: aguarda providência.",
    "incident_retried": "Nova tentativa de “{title}” após a falha.",
    "incident_resolved": "Falha em “{title}” resolvida manualmente.",
}


def register_kinds(kinds: Mapping[str, str]) -> None:
    """Add the kinds of another package; the same kind with another sentence is an error."""
    for kind, text in kinds.items():
        if SENTENCES.get(kind, text) != text:
            raise ValueError(f"event kind {kind!r} has another sentence already")
        if not text.strip():
            raise ValueError(f"event kind {kind!r} needs a sentence")
        SENTENCES[kind] = text


class _Lacking(str):
    """What an event does not say, however its sentence would write it (`{number:0>7}`)."""

    def __format__(self, _spec: str) -> str:
        return str(self)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return _Lacking("—")


def sentence(kind: str, data: Mapping[str, Any], title: str = "") -> str:
    """The sentence of one event; what its data lack is shown as a dash."""
    if kind not in SENTENCES:
        raise UnknownKind(kind)
    return SENTENCES[kind].format_map(_Known({**data, "title": title or data.get("node", "—")}))
