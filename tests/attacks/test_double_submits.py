"""Every form that adds something, sent twice at the same moment: done once, both answered as done, nothing breaks."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from documents.dossier import operations
from documents.texts import operations as texts
from tests.webapp import processo_people as people
from tests.webapp import scenario
from workflow.database import transaction
from workflow.models import EventRow

pytestmark = pytest.mark.slow
WHO = people.ANA


@dataclass(frozen=True)
class Place:
    """A dossier of Ana's with a signed text, a draft and a block that holds it."""

    dossier: UUID
    draft: UUID
    other: str


@dataclass(frozen=True)
class Form:
    """A POST: its address, its fields, the events that it makes once."""

    path: str
    made: dict[str, int]
    fields: Callable[[Place], dict[str, object]]


def _act(name: str, kind: str, /, **fields: object) -> Form:
    return Form(f"/processo/{{dossier}}/{name}", {kind: 1}, lambda _: dict(fields))


NEW = "/processo/{dossier}/documentos"
SIGN = {"cargo": "Analista", "way": "senha", "password": scenario.PASSWORD}
FORMS = {
    "processo": Form("/processo/novo/contratacao", {"dossier_opened": 1}, lambda _: {
        "specification": "Cadeiras", "parties": "", "level": "publico", "hypothesis_id": "", "numbering": "automatico"}),
    "documento": Form(f"{NEW}/novo?tipo=despacho", {"dossier_document_added": 1}, lambda _: {"beginning": "branco", "level": "publico"}),
    "arquivos": Form(f"{NEW}/novo?tipo=anexo", {"dossier_document_added": 1}, lambda _: {
        "files": (io.BytesIO(b"Ata da reuniao"), "ata.txt"), "level": "publico", "origin": "nato"}),
    "arquivo": Form(f"{NEW}/arquivo?tipo=anexo", {"dossier_document_added": 1}, lambda _: {
        "files": (io.BytesIO(b"Ata da reuniao"), "ata.txt"), "level": "publico", "origin": "nato"}),
    "salvar": Form("/documento/{draft}/salvar", {"texto_salvo": 1}, lambda _: {"html": "<p>Outro.</p>", "based_on": "1"}),
    "assinar": Form("/documentos/assinar", {"documento_assinado": 1}, lambda place: {"documento": str(place.draft), **SIGN}),
    "bloco": Form("/blocos", {"bloco_criado": 1}, lambda place: {"tipo": "signature", "descricao": "", "documento": str(place.draft)}),
    "enviar": _act("enviar", "dossier_sent", units="GRI"),
    "enviar e manter": _act("enviar", "dossier_sent", units="GRI", keep_open="y"),
    "concluir": _act("concluir", "dossier_concluded"),
    "sobrestar": _act("sobrestar", "dossier_suspended", reason="Aguarda"),
    "andamento": _act("andamento", "dossier_entry", text="Recebido"),
    "comentário": _act("comentar", "dossier_commented", text="De acordo"),
    "anotação": _act("anotar", "dossier_noted", text="Ligar"),
    "ciência": _act("ciencia", "dossier_acknowledged", sure="y"),
    "marcador": _act("marcar", "dossier_marked", marker_id="novo", colour="verde", name="Compras"),
    "atribuir": _act("assumir", "dossier_assigned"),
    "prioridade": _act("prioridade", "dossier_priority", priority="2"),
    "prazo": _act("prazo", "dossier_due_set", days="3", business="y"),
    "acompanhar": _act("acompanhar", "dossier_watched", group=""),
    "relacionar": Form("/processo/{dossier}/relacionar", {"dossier_related": 2}, lambda place: {"number": place.other}),
    "anotação em lote": Form("/controle/agir", {"dossier_noted": 1}, lambda place: {
        "acao": "note", "item": f"dossier:{place.dossier}", "anotacao": "Ligar"}),
    "comentário no documento": Form("/processo/{dossier}/documento/{draft}/comentar-documento", {"dossier_commented": 1}, lambda _: {"text": "Rever"}),
}  # fmt: skip


@pytest.fixture
def house(app: Flask) -> Flask:
    """Ana, Bia and the types."""
    people.people()
    return app


def _place() -> Place:
    dossier = people.opened()
    draft = people.document(dossier, title="Rascunho")
    with transaction() as session:
        texts.save(session, draft, "<p>Arquive-se.</p>", actor=people.actor_of(WHO), based_on=0)
        other = operations.open_dossier(session, "contratacao", actor=people.actor_of(WHO))
        return Place(dossier, draft, other.number)


def _twice(app: Flask, form: Form, place: Place) -> list[TestResponse]:
    """The same request at the same moment, in two threads."""
    client = app.test_client()
    scenario.enter(client, WHO)
    token = scenario.token_of(client, "/processo/novo")
    cookies = "; ".join(f"{one.key}={one.value}" for one in (client._cookies or {}).values())
    path = form.path.format(dossier=place.dossier, draft=place.draft)
    together = threading.Barrier(2)

    def send(_: int) -> TestResponse:
        sender = app.test_client(use_cookies=False)
        data = {"csrf_token": token, **form.fields(place)}
        together.wait(10)
        return sender.post(path, data=data, headers={"Cookie": cookies})

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(send, range(2)))


def _events() -> Counter[str]:
    with transaction() as session:
        return Counter(session.scalars(select(EventRow.kind)))


def test_the_same_form_sent_twice_at_once_is_done_once(house: Flask) -> None:
    wrong = {}
    for name, form in FORMS.items():
        place = _place()
        before = _events()
        answers = _twice(house, form, place)
        made = _events() - before
        statuses = [answer.status_code for answer in answers]
        places = {(answer.location or "") for answer in answers}
        if {kind: made[kind] for kind in form.made} != form.made or max(statuses) >= 400 or len(places) != 1:
            wrong[name] = (dict(made), statuses, places)
    assert not wrong
    assert scenario.chain_is_whole()


def test_what_was_refused_may_be_sent_again_as_it_was(house: Flask) -> None:
    client = house.test_client()
    scenario.enter(client, WHO)
    place = _place()
    data = {"csrf_token": scenario.token_of(client, "/processo/novo"), "documento": str(place.draft), **SIGN}
    wrong = client.post("/documentos/assinar", data={**data, "password": "outra"})
    assert wrong.status_code == 422
    assert client.post("/documentos/assinar", data=data).status_code == 303
    path = f"/processo/{place.dossier}/comentar"
    for _ in range(2):
        assert client.post(path, data={"csrf_token": data["csrf_token"], "text": ""}).status_code == 422
