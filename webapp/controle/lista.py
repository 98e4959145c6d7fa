"""The page of the list, the list alone (304 while nothing changed) and its counts."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from documents import inbox
from documents.inbox import operations, queries
from documents.inbox.items import PAGE, WorkFilters
from people import queries as people
from webapp.controle import endereco, linhas
from webapp.gestao import caixa, pedidos
from webapp.security import actor, may, requires
from workflow import queries as work
from workflow import worklist
from workflow.database import transaction
from workflow.errors import NotFound

blueprint = Blueprint("controle", __name__, template_folder="templates")
WINDOW = 300
"""A list refreshes itself as far as that; what was scrolled to below it stays as it was read."""
KEPT_S, MANY = 30, 10_000
"""The counts of a list of more than MANY items may be KEPT_S old."""


@blueprint.get("/controle", endpoint="inbox")
@requires("inbox.view")
def page() -> ResponseReturnValue:
    """One list, one line an item; kept up to date by itself."""
    filters = endereco.read(request.args)
    with transaction() as db:
        if not request.args and (default := operations.default_query(db, actor())):
            return redirect(f"{url_for('controle.inbox')}?{default}")
        views = [(view.id, view.name, view.query, view.is_default) for view in operations.views_of(db, actor())]
        markers = [(one.id, one.name, one.colour) for one in queries.markers_of(db, actor())]
        offered = {
            "types": queries.titles(db), "colleagues": queries.colleagues(db, actor()),
            "units": [sigla for sigla, _ in people.units(db)] if may("dossier.work") else [],
        }  # fmt: skip
    return render_template(
        "controle/pagina.html", **listed(filters), **offered, **pedidos.listing(), views=views, markers=markers,
        marker_choices=[("", "Todos"), *((str(key), name) for key, name, _ in markers)],
        cuts=cuts(filters, None), f=endereco.write(filters), query=endereco.to_query(filters), words=endereco,
        undo=pending_undo(), counts_url=url_for("controle.counted", **endereco.write(filters)),
    )  # fmt: skip


@blueprint.get("/controle/lista")
@requires("inbox.view")
def fragment() -> ResponseReturnValue:
    """The list again, or what follows `depois`; 304 when nothing changed since `versao`."""
    filters = endereco.read(request.args)
    if not request.args.get("depois") and request.args.get("versao"):
        with transaction() as db:
            if request.args["versao"] == inbox.work_version(db, actor()):
                return Response(status=304)
    return render_template("controle/_lista.html", **listed(filters))


@blueprint.get("/controle/contagens")
@requires("inbox.view")
def counted() -> str:
    """The cuts with how many are in each."""
    filters = endereco.read(request.args)
    return render_template(
        "controle/_recortes.html", cuts=cuts(filters, counts_of(filters)), counted=True,
        counts_url=url_for("controle.counted", **endereco.write(filters)),
    )  # fmt: skip


@blueprint.get("/controle/tarefa/<uuid:task_id>")
@requires("inbox.view")
def open_task(task_id: UUID) -> ResponseReturnValue:
    """Opens a task on its own page; it is no longer unread."""
    with transaction() as db:
        row = work.task_view(db, task_id).row
        with contextlib.suppress(NotFound):  # done meanwhile, or not one's own: its page says so
            worklist.set_reading(db, task_id, False, actor=actor())
    return redirect(caixa.task_url(row))


def listed(filters: WorkFilters) -> dict[str, Any]:
    """What the list is drawn from: the version first, so that what changes while it is read is seen by the next look."""
    after = request.values.get("depois", "")
    wanted = min(max(request.values.get("mostrar", PAGE, type=int), PAGE), WINDOW)
    with transaction() as db:
        version = inbox.work_version(db, actor())
        found = inbox.work(db, actor(), filters, after=after, limit=PAGE if after else wanted)
        shown = linhas.lines(db, found.items)
    asked = endereco.write(filters)
    return {
        "lines": shown, "version": version, "grouped": bool(filters.group), "followed": bool(after),
        "list_url": url_for("controle.fragment", **asked), "scope": filters.scope, "filtered": bool(asked),
        "more_url": url_for("controle.inbox", depois=found.after, **asked) if found.after else "",
        "more_part": url_for("controle.fragment", depois=found.after, **asked) if found.after else "",
    }  # fmt: skip


_kept: dict[tuple[object, ...], tuple[float, str, inbox.Counts]] = {}
_lock = threading.Lock()


def counts_of(filters: WorkFilters) -> inbox.Counts:
    """The counts, kept while the version is the same; those of long lists also for a while when it is not."""
    who = actor()
    key = (who.id, who.acting_for, who.unit, who.roles, who.person_id, filters)
    with transaction() as db:
        version = inbox.work_version(db, who)
        with _lock:
            kept = _kept.get(key)
        if kept and (kept[1] == version or (kept[2].everything > MANY and time.monotonic() - kept[0] < KEPT_S)):
            return kept[2]
        found = inbox.counts(db, who, filters)
    with _lock:
        if len(_kept) > 500:
            _kept.clear()
        _kept[key] = (time.monotonic(), version, found)
    return found


def cuts(filters: WorkFilters, counts: inbox.Counts | None) -> list[dict[str, Any]]:
    """The cuts of the list as tabs: by whose it is, then what presses."""
    numbers = {} if counts is None else {
        "todas": counts.everything, "minhas": counts.mine, "livres": counts.free, "atrasados": counts.late,
        "hoje": counts.today, "naolidos": counts.unread,
    }  # fmt: skip
    bare = endereco.write(filters, recorte="", prazo="", naolidos="")
    tabs = [(name, label, {"recorte": name}) for name, label in endereco.SCOPES if name != "concluidas"]
    tabs += [("atrasados", "Atrasados", {"prazo": "atrasados"}), ("hoje", "Vencem hoje", {"prazo": "hoje"})]
    tabs.append(("naolidos", "Não lidos", {"naolidos": "1"}))
    if may("dossier.read"):
        tabs.append(("concluidas", "Concluídos", {"recorte": "concluidas"}))
    now = "naolidos" if filters.unread else endereco.write(filters).get("prazo") or filters.scope
    shown = [
        {"name": name, "label": label, "url": url_for("controle.inbox", **(bare | extra)), "current": name == now,
         "count": numbers.get(name)}
        for name, label, extra in tabs
    ]  # fmt: skip
    if may("dossier.read"):
        elsewhere = url_for("processo.watched")
        shown.append(
            {"name": "acompanhados", "label": "Acompanhados", "url": elsewhere, "current": False, "count": None}
        )
    return shown


def pending_undo() -> dict[str, str] | None:
    """The act just done, which the page offers to take back."""
    found: dict[str, str] | None = session.pop("desfazer", None)
    return found
