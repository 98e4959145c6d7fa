"""Acts on one item or on many, each in a transaction of its own; what was done can be undone from the same page.

Without scripts the answer is the page again; with them (HX-Request) the list and what to tell, in one fragment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import cast
from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from documents.dossier import operations as dossiers
from documents.inbox import acts, operations
from documents.inbox.acts import Asked, Step
from documents.inbox.items import Kind
from webapp import once
from webapp.controle import endereco
from webapp.controle.lista import blueprint, listed
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import DomainError, InvalidInput

MOST = 200
DONE = {
    "claim": ("assumido", "assumidos"), "release": ("devolvido à unidade", "devolvidos à unidade"),
    "assign": ("atribuído", "atribuídos"), "conclude": ("concluído", "concluídos"), "reopen": ("reaberto", "reabertos"),
    "send": ("enviado", "enviados"), "read": ("marcado como lido", "marcados como lidos"),
    "unread": ("marcado como não lido", "marcados como não lidos"), "priority": ("com outra prioridade", "com outra prioridade"),
    "mark": ("com o marcador", "com o marcador"), "unmark": ("sem o marcador", "sem o marcador"),
    "note": ("com a anotação", "com a anotação"), "due": ("com o prazo mudado", "com o prazo mudado"),
    "watch": ("em acompanhamento", "em acompanhamento"), "unwatch": ("fora do acompanhamento", "fora do acompanhamento"),
}  # fmt: skip


@dataclass
class Outcome:
    """What came of an act: how many were done, what each refusal said and how often, the way back."""

    done: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    back: list[Step] = field(default_factory=list)

    def refuse(self, message: str) -> None:
        """One more that stayed as it was."""
        self.refused[message] = self.refused.get(message, 0) + 1


@blueprint.post("/controle/agir")
@requires("task.work")
def do() -> ResponseReturnValue:
    """The act on the chosen items; those that refuse it stay as they were, and why is told."""
    asked, keys = _asked(request.form), _chosen(request.form)
    outcome = Outcome()
    with transaction() as db:  # of its own: each item has its own too. Only a note adds something each time
        again = asked.act == "note" and once.earlier(db) is not None
    if again:
        return _answer("Esta anotação já tinha sido feita.", {}, None)
    for kind, item in keys:
        _attempt(outcome, lambda db, kind=kind, item=item: acts.perform(db, kind, item, asked, actor=actor()))
    undo = None
    if outcome.back:
        with transaction() as db:
            undo = {"id": str(operations.keep_undo(db, outcome.back, actor=actor()))}
    return _answer(_told(asked, outcome, len(keys)), outcome.refused, undo)


@blueprint.post("/controle/desfazer/<uuid:undo_id>")
@requires("task.work")
def undo(undo_id: UUID) -> ResponseReturnValue:
    """Takes the last act back, item by item."""
    with transaction() as db:
        steps = operations.take_undo(db, undo_id, actor=actor())
        once.forget_all(db)
    outcome = Outcome()
    for step in steps:
        kind, item = cast(Kind, step["kind"]), UUID(step["id"])
        _attempt(
            outcome,
            lambda db, step=step, kind=kind, item=item: acts.perform(db, kind, item, acts.step_of(step), actor=actor()),
        )
    return _answer("Desfeito." if outcome.done else "", outcome.refused, None)


def _attempt(outcome: Outcome, act: Callable[..., list[Step]]) -> None:
    """One item in its own transaction."""
    try:
        with transaction() as db:
            back = act(db)
    except InvalidInput as refusal:
        outcome.refuse(next(iter(refusal.fields.values()), refusal.message))
    except DomainError as refusal:
        outcome.refuse(refusal.message)
    else:
        outcome.done += 1
        outcome.back += back


def _chosen(form: MultiDict[str, str]) -> list[tuple[Kind, UUID]]:
    """The items, each once; a line's own button names its act and its item together."""
    single = form.get("rapido", "").partition(":")[2]
    found: dict[tuple[Kind, UUID], None] = {}
    for text in [single] if single else form.getlist("item"):
        kind, _, identifier = text.partition(":")
        try:
            if kind in ("task", "dossier"):
                found[cast(Kind, kind), UUID(identifier)] = None
        except ValueError:
            continue
    if not found:
        raise InvalidInput(message="Selecione ao menos um item da lista.")
    if len(found) > MOST:
        raise InvalidInput(message=f"Selecione no máximo {MOST} itens de cada vez.")
    return list(found)


def _asked(form: MultiDict[str, str]) -> Asked:
    """The act and what it needs; a new marker is made on the way."""
    name = form.get("rapido", "").partition(":")[0] or form.get("acao", "")
    if name == "clear-due":
        return Asked("due")
    if name not in DONE:
        raise InvalidInput(message="Escolha o que fazer com os itens selecionados.")
    made: dict[str, Callable[[], Asked]] = {
        "assign": lambda: Asked("assign", account=_account(form)),
        "send": lambda: Asked("send", units=_units(form), keep_open=form.get("manter") == "1", return_by=_day(form, "retorno")),
        "priority": lambda: Asked("priority", priority=_number(form, "prioridade") or 0),
        "mark": lambda: Asked("mark", marker=_marker(form), text=form.get("texto_marcador", "")),
        "unmark": lambda: Asked("unmark", marker=endereco.uuid_of(form.get("marcador_novo", ""))),
        "note": lambda: Asked("note", text=form.get("anotacao", "")),
        "due": lambda: _due(form),
    }  # fmt: skip
    return made.get(name, lambda: Asked(name))()


def _account(form: MultiDict[str, str]) -> UUID:
    found = endereco.uuid_of(form.get("conta", ""))
    if found is None:
        raise InvalidInput(message="Escolha a pessoa que recebe os itens.")
    return found


def _units(form: MultiDict[str, str]) -> tuple[str, ...]:
    found = tuple(
        dict.fromkeys(
            part.strip().upper() for part in form.get("unidades", "").replace(";", ",").split(",") if part.strip()
        )
    )
    if not found:
        raise InvalidInput(message="Escreva a sigla da unidade que recebe. Várias: separe por vírgula.")
    return found


def _marker(form: MultiDict[str, str]) -> UUID | None:
    name = form.get("marcador_nome", "").strip()
    if not name:
        return endereco.uuid_of(form.get("marcador_novo", ""))
    with transaction() as db:
        return dossiers.create_marker(db, name, form.get("marcador_cor", "azul"), actor=actor()).id


def _due(form: MultiDict[str, str]) -> Asked:
    on, days = _day(form, "prazo_dia"), _number(form, "prazo_dias")
    if (on is None) == (days is None):
        raise InvalidInput(message="Escolha uma data ou um número de dias para o prazo.")
    return Asked("due", on=on, days=days, business=form.get("prazo_uteis") == "1")


def _day(form: MultiDict[str, str], name: str) -> date | None:
    text = form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(message="Escreva a data como dia, mês e ano.") from None


def _number(form: MultiDict[str, str], name: str) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise InvalidInput(message="Escreva um número inteiro.")
    return int(text)


def _told(asked: Asked, outcome: Outcome, chosen: int) -> str:
    one, many = DONE[asked.act]
    if not outcome.done:
        return ""
    how = f"1 item {one}" if outcome.done == 1 else f"{outcome.done} itens {many}"
    return f"{how}." if outcome.done == chosen else f"{how} de {chosen}."


def _refusals(refused: dict[str, int]) -> Iterable[str]:
    for message, count in refused.items():
        yield message if count == 1 else f"{count} ficaram como estavam. {message}"


def _answer(told: str, refused: dict[str, int], undo: dict[str, str] | None) -> ResponseReturnValue:
    """The page again, or the list and what to tell."""
    query = endereco.to_query(endereco.of_query(request.form.get("volta", "")))
    warnings = list(_refusals(refused))
    if request.headers.get("HX-Request"):
        filters = endereco.of_query(query)
        return render_template(
            "controle/_resposta.html", **listed(filters), told=told, warnings=warnings, undo=undo, query=query
        )
    if undo is not None:
        session["desfazer"] = {**undo, "told": told}
    elif told:
        flash(told, "ok")
    for warning in warnings[:5]:
        flash(warning, "warning")
    return redirect(f"{url_for('controle.inbox')}?{query}", code=303)
