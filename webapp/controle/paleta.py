"""The palette of every page (Ctrl+K): pages, commands, and what the quick search finds."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from documents.inbox import WorkFilters, work
from documents.search.queries import quick
from webapp import menu
from webapp.controle import linhas
from webapp.controle.lista import blueprint
from webapp.security import actor, may, requires
from workflow.database import transaction

MOST = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette."""

    label: str
    about: str
    url: str


@blueprint.get("/controle/paleta")
@requires("inbox.view")
def palette() -> str:
    """What fits the words typed: pages first, then work, then what the search knows."""
    typed = " ".join(request.args.get("q", "").replace("\0", "").split())[:100]
    pages = [option for option in _pages() if _fits(option, typed)]
    found = _items(typed) if len(typed) >= 2 else []
    groups = [("Ir para", pages), ("No seu controle", found)]
    if len(typed) >= 2 and may("dossier.search"):
        groups.append(("Encontrado na pesquisa", _searched(typed, {option.url for option in found})))
    if typed:
        groups.append(
            (
                "Filtrar",
                [Option(f"Filtrar a lista por “{typed}”", "Controle de processos", url_for("controle.inbox", q=typed))],
            )
        )
    return render_template("controle/_paleta.html", groups=[(title, options) for title, options in groups if options])


def _pages() -> list[Option]:
    found = [Option(item.label, item.about, item.url) for item in menu.visible()]
    cuts = (("Meus itens", "minhas"), ("Itens sem ninguém", "livres"))
    found += [Option(label, "Controle de processos", url_for("controle.inbox", recorte=cut)) for label, cut in cuts]
    found.append(Option("Itens atrasados", "Controle de processos", url_for("controle.inbox", prazo="atrasados")))
    found.append(Option("Mudar de unidade", "Escolher a unidade em que você trabalha", url_for("sessao.seats")))
    return found


def _fits(option: Option, typed: str) -> bool:
    text = _folded(f"{option.label} {option.about}")
    return all(word in text for word in _folded(typed).split())


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


def _items(typed: str) -> list[Option]:
    with transaction() as session:
        page = work(session, actor(), WorkFilters(text=typed), limit=MOST)
    return [
        Option(
            item.title,
            " · ".join(part for part in (item.number, item.subject or item.type) if part),
            linhas.item_url(item),
        )
        for item in page.items
    ]


def _searched(typed: str, known: set[str]) -> list[Option]:
    """What the search knows, but for what the list has shown already."""
    with transaction() as session:
        lines = quick(session, actor(), typed)
    found = []
    for line in lines:
        asked: dict[str, Any] = {"documento": line.id} if line.kind == "document" else {}
        url = url_for("processo.page", dossier_id=line.dossier_id, **asked)
        if url not in known:
            found.append(Option(line.title, line.detail, url))
    return found
