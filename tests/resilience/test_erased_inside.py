"""A person erased (LGPD) while inside the building: the chain verifies and nothing of them is left anywhere.

Anywhere: every table of the database as pg_dump writes it, every file of the data folder but the database's own pages,
the bridge's spool and gallery among them.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests
from sqlalchemy import select

from gate_bridge.clock import BridgeClock
from gate_bridge.link import ServerLink
from gate_bridge.settings import Key
from gate_bridge.simulators.controlid import ControlIdTerminal
from integrations.faces import boxes
from people import faces, operations
from people.gallery import vector_to_bytes
from people.models import Account, PersonKey
from processes.entrada.bridges import enrol_bridge
from processes.entrada.posts import post_by_code
from tests.resilience.house import DAY, SECRET_PATH, House, cpf
from tests.webapp.signing import event
from webapp.cli.visit import Visit
from workflow import clock
from workflow.database import transaction

pytestmark = pytest.mark.slow
NAME, ADDRESS, PASSWORD = "Jocasta Quintanilha Brandão", "jocasta.q@exemplo.com.br", "uma frase de jocasta"
DIGITS = cpf(833_333_333)


def register(house: House, folder: Path) -> UUID:
    """At the desk, over HTTP, with two photographs and a document."""
    desk = house.staff("atendente")
    desk.get("/atendimento/")
    draft = desk.ask("/atendimento/cadastros")
    for number in (1, 2):
        desk.ask(draft["face_url"], picture=(folder / f"{number}.jpg").read_bytes())
    desk.ask(draft["document_url"], picture=(folder / "3.jpg").read_bytes())
    desk.ask(draft["details_url"], nome=NAME, cpf=DIGITS)
    desk.look(draft["candidates_url"])
    return UUID(desk.ask(draft["finish_url"])["person"])


def open_account(house: House, person: UUID) -> None:
    """An account of the Portal, its messages waiting for a mail server that is not there."""
    with house.inside(), transaction() as session:
        operations.open_account(session, ADDRESS, PASSWORD)
        account = session.scalars(select(Account).where(Account.login == ADDRESS)).one()
        account.confirmed_at, account.person_id, account.display_name = clock.now(), person, NAME
    Visit(house.url).sign_in(ADDRESS, PASSWORD)


def doubt(house: House, person: UUID, picture: bytes) -> None:
    """A doubtful passage: the person is a candidate, and the crop shows the face."""
    with house.inside(), transaction() as session:
        made = enrol_bridge(session, post_by_code(session, "PI-HALL"))
    link = ServerLink(
        house.url, str(made.bridge_id), (Key(made.key_id, made.secret.encode()),), BridgeClock(house.offset())
    )
    unique = str(uuid4())
    crop = boxes.seal_crop(base64.b64decode(made.gallery_secret), unique, picture)
    candidates = [{"person": str(person), "score": 0.33}]
    instant = BridgeClock(house.offset()).legal_now().isoformat()
    sent = event(
        None, id=unique, decision="doubtful", candidates=candidates, crop=crop, instant=instant, bridge_time=instant
    )
    assert link.post("/api/v1/gate/events", {"events": [sent]})["accepted"] == [unique]
    house.wait("o recorte", lambda: house.one("SELECT count(*) FROM gate_crop WHERE event_id = %s", unique))


def enter(house: House, person: UUID) -> None:
    """In through the gate: the terminal recognises, the entry is recorded, the declaration is issued."""
    house.install_terminal({"1": person})
    house.wait("a pessoa na galeria", lambda: gallery(house, person), 30)
    assert ControlIdTerminal(f"{house.keypad}/{SECRET_PATH}").identify(1, uuid=str(uuid4())).status_code == 200
    house.wait("a entrada", lambda: house.one("SELECT count(*) FROM entry WHERE person_id = %s", person))
    cac = house.staff("cac")
    page = f"/cac/pessoa/{person}/{DAY.isoformat()}"
    house.wait("o dia", lambda: house.one("SELECT count(*) FROM attendance WHERE person_id = %s", person))
    cac.get(page)
    cac.post(page, who="holder", document_seen="y")
    house.wait(
        "a declaração", lambda: house.one("SELECT count(*) FROM document WHERE owner_person_id = %s", person), 40
    )


def gallery(house: House, person: UUID) -> list[Path]:
    """The files in which the bridge has a box of the person, which are those of its spool."""
    return [path for path in house.files_with(str(person).encode()) if path.name.startswith("spool")]


def secrets_of(house: House, person: UUID, picture: bytes) -> dict[str, bytes]:
    """What must not be found afterwards, as it may lie somewhere."""
    with house.inside(), transaction() as session:
        key = session.get_one(PersonKey, person)
        vector = faces.vector_of(session, person)
        assert vector is not None
        return {
            "name": NAME.encode(), "folded name": b"jocasta quintanilha", "token of the name": b"quintanilha",
            "CPF": DIGITS.encode(), "CPF as people write it": f"{DIGITS[:3]}.{DIGITS[3:6]}.{DIGITS[6:9]}".encode(),
            "e-mail": ADDRESS.encode(), "vector": vector_to_bytes(vector[0]), "picture": picture[3000:3064],
            "salt": key.salt, "wrapped key": key.wrapped_key, "face rests": faces.picture(session, person, "face")[900:964],
        }  # fmt: skip


def found(dump: bytes, house: House, secret: bytes) -> list[str]:
    """Where it is: in the dump as text, hex or base64; in files also as it is."""
    core = base64.b64encode(secret)[:-4] or secret
    forms = [secret, secret.hex().encode(), core]
    places = ["banco"] if any(form in dump or form.lower() in dump.lower() for form in forms) else []
    return places + [str(path) for form in forms for path in house.files_with(form)]


def test_a_person_erased_while_inside_leaves_nothing_and_the_chain_verifies(house: House, faces_folder: Path) -> None:
    folder = sorted((faces_folder / "known").iterdir())[3]
    picture = (folder / "1.jpg").read_bytes()
    person = register(house, folder)
    open_account(house, person)
    enter(house, person)
    doubt(house, person, picture)
    secrets = secrets_of(house, person, picture)
    before = house.dump()
    for known in ("name", "CPF", "e-mail", "token of the name", "salt", "wrapped key"):
        assert found(before, house, secrets[known]), f"the search would not find {known}"

    gestora = house.staff("gestora")
    gestora.get(f"/titulares/pessoa/{person}")
    gestora.post(f"/titulares/pessoa/{person}", understood="y")
    house.wait(
        "a galeria sem a pessoa", lambda: house.one("SELECT erased_at IS NOT NULL FROM person WHERE id = %s", person)
    )
    health = lambda: requests.get(f"{house.keypad}/healthz", timeout=5).json()["gallery"]["people"]  # noqa: E731
    house.wait("a sincronização", lambda: not boxes_in_spool(house, person), 20)
    assert health() == house.one("SELECT count(*) FROM face_record")

    dump = house.dump()
    for what, secret in secrets.items():
        assert found(dump, house, secret) == [], what
    verdict = house.audit()
    assert verdict.returncode == 0, verdict.stdout
    assert json.loads(verdict.stdout)["ok"] is True


def boxes_in_spool(house: House, person: UUID) -> bool:
    """Whether the bridge's gallery still has the person."""
    with closing(sqlite3.connect(f"file:{house.data}/ponte/spool.sqlite?mode=ro", uri=True)) as spool:
        return bool(spool.execute("SELECT 1 FROM gallery WHERE person = ?", (str(person),)).fetchall())
