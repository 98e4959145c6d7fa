"""Whatever a person may write is shown as it was written, on every page that can be reached: no tag, no attribute, no script."""

from __future__ import annotations

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from documents.dossier import external, operations
from documents.signatures import blocks
from documents.texts import operations as texts
from processes.oficio_camaras.correspondence.models import TriageMessage
from tests.webapp.processo_people import ADMIN, ANA, BIA, House, actor_of, document, opened, people
from workflow import clock
from workflow.actor import Actor
from workflow.database import transaction

pytestmark = pytest.mark.slow
MARK = "data-ataque"
ATTACK = f"</script>\"'><b {MARK}>"
"""Out of a script, out of an attribute with either quote, and then an element."""
MOST = 60
"""Pages for one person."""


class _Seen(HTMLParser):
    """The links of a page, and what of it was not written by us."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element or attribute of the attacker's, a handler, an address that runs."""
        for name, value in attrs:
            if name == MARK or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.wrong.append(self.get_starttag_text() or tag)
            if name in ("href", "hx-get") and value:
                self.links.append(value)


def fill(session: Session, dossier_id: object, ana: Actor) -> None:
    """The attack in every place of a processo where a text is taken."""
    one = {"actor": ana}
    operations.set_specification(session, dossier_id, f"Compra {ATTACK}", **one)  # type: ignore[arg-type]  # an id
    operations.set_parties(session, dossier_id, [f"Câmara {ATTACK}"], **one)  # type: ignore[arg-type]
    operations.comment(session, dossier_id, ATTACK, **one)  # type: ignore[arg-type]
    operations.add_note(session, dossier_id, ATTACK, **one)  # type: ignore[arg-type]
    operations.add_entry(session, dossier_id, ATTACK, **one)  # type: ignore[arg-type]
    marker = operations.create_marker(session, ATTACK, "vermelho", **one)
    operations.mark(session, dossier_id, marker.id, ATTACK, **one)  # type: ignore[arg-type]
    operations.watch(session, dossier_id, ATTACK, **one)  # type: ignore[arg-type]
    external.grant(session, dossier_id, "fora@exemplo.org", days=3, **one)  # type: ignore[arg-type]
    file = operations.add_document(session, dossier_id, "external", "anexo", title=ATTACK, **one)  # type: ignore[arg-type]
    texts.upload(session, file.id, b"a;b\n", f"{ATTACK}.csv", actor=ana)


@pytest.fixture
def house(app: Flask) -> House:
    """A processo that Bia's unit has too, a block, names and lists of the administration: all with the attack."""
    people()
    dossier_id = opened(ANA, specification="x")
    letter = document(dossier_id, ANA, f"Ofício {ATTACK}")
    ana = actor_of(ANA)
    with transaction() as session:
        texts.save(session, letter, f"<p>Texto {ATTACK} <a href='javascript:1'>x</a></p>", actor=ana, based_on=0)
        texts.save(session, letter, "<p>Outro</p>", actor=ana, based_on=1, comment=ATTACK[:60])
        fill(session, dossier_id, ana)
        operations.send(session, dossier_id, ["GRI"], actor=ana, keep_open=True)
        block = blocks.create(session, "signature", ATTACK, actor=ana)
        blocks.add(session, block.id, document_ids=[letter], note=ATTACK, actor=ana)
        blocks.offer(session, block.id, ["GRI"], actor=ana)
        session.add(
            TriageMessage(sender=f"{ATTACK}@x", subject=ATTACK, text=ATTACK, reason=ATTACK, arrived_at=clock.now())
        )
        for table in ("unit", "dossier_type", "document_type", "legal_hypothesis", "text_model", "standard_text"):
            session.execute(text(f"UPDATE {table} SET name = left(name || :attack, 120)"), {"attack": f" {ATTACK}"})  # noqa: S608 - ours
        session.execute(text("UPDATE account SET display_name = display_name || :attack"), {"attack": f" {ATTACK}"})
    return House(app, dossier_id)


def wrong_pages(client: FlaskClient, *first: str) -> tuple[dict[str, list[str]], int]:
    """Every page that can be reached from the first ones by its links; what is wrong on each, and how many showed the text."""
    waiting, known = deque(first), set(first)
    wrong: dict[str, list[str]] = {}
    shown = 0
    while waiting and len(known) < MOST * 3:
        path = waiting.popleft()
        with client.get(path) as answer:
            if "html" not in (answer.content_type or ""):
                continue
            written, status = answer.get_data(as_text=True), answer.status_code
        page = _Seen()
        page.feed(written)
        shown += MARK in written
        if page.wrong or status >= 500:
            wrong[path] = page.wrong or [str(status)]
        for link in page.links:
            to = urlsplit(urljoin(path, link))
            kind = to.path if not to.query or len(known) < MOST else ""
            found = f"{to.path}?{to.query}" if to.query else to.path
            if not to.netloc and kind and found not in known and len(known) < MOST and "/sair" not in found:
                known.add(found)
                waiting.append(found)
    return wrong, shown


def test_what_was_written_is_shown_and_nothing_more(house: House) -> None:
    for place in (
        '<p title="{}">',
        "<p title='{}'>",
        "<p>{}</p>",
        "<script>'{}'</script>",
    ):  # what is looked for would be found
        seen = _Seen()
        seen.feed(place.format(ATTACK))
        assert seen.wrong, place
    first = (
        "/controle", f"/processo/{house.dossier}?andamento=total", "/blocos", "/pesquisa?q=texto", "/administracao/",
        "/oficios", "/oficios/triagem", f"/processo/{house.dossier}/enviar", f"/processo/{house.dossier}/atribuir",
    )  # fmt: skip
    for login in (ANA, BIA, ADMIN):
        found, shown = wrong_pages(house.client(login), *first)
        assert found == {}, login
        assert shown >= 5, login
