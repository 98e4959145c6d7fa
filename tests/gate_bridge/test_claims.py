"""The keypad over real HTTP: claims by CPF and QR, what the visitor sees, and what nobody learns."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate_bridge import claims as claims_module
from gate_bridge.answers import ClaimAnswers
from gate_bridge.claims import ClaimDesk, is_cpf
from gate_bridge.clock import BridgeClock
from gate_bridge.gallery import Gallery
from gate_bridge.http_server import HttpServer
from gate_bridge.intake import Intake
from gate_bridge.link import ServerLink
from gate_bridge.settings import Address
from gate_bridge.shown import shown
from gate_bridge.spool import GalleryRow, Spool
from gate_bridge.status import TZ, GateConfig, Standing, Window
from gate_bridge.web import GateSite
from integrations.faces.boxes import sign_token
from tests.gate_bridge.conftest import CPF, put
from tests.gate_bridge.gate_server import GateServer
from tests.gate_bridge.test_spool import wait_until

PERSON, OTHER_CPF = str(uuid4()), "11144477735"
PRIVATE = Ed25519PrivateKey.generate()


@dataclass
class Keypad:
    url: str
    desk: ClaimDesk
    config: GateConfig

    def claim(self, **fields: str) -> requests.Response:
        return requests.post(f"{self.url}/claim", json=fields, timeout=5)

    def state(self, claim_id: str) -> dict[str, Any]:
        return requests.get(f"{self.url}/claim/{claim_id}", headers={"Accept": "application/json"}, timeout=5).json()


@pytest.fixture
def keypad(spool: Spool, clock: BridgeClock, gallery: Gallery) -> Iterator[Keypad]:
    row = put(PERSON, 1, cpf=CPF)
    gallery.update([GalleryRow(PERSON, row["box"], row["seen_at"])], (), ())
    gallery.refreshed()
    config = GateConfig(post="P1", token_key=PRIVATE.public_key().public_bytes_raw())
    desk = ClaimDesk(gallery, clock, lambda: config)
    site = GateSite(
        intake=Intake(spool, clock, gallery, lambda: config),
        claims=desk,
        clock=clock,
        config=lambda: served.config,
        terminals={},
        health=lambda: {"ok": True, "spool": {"full": False}},
        metrics=bytes,
    )
    server = HttpServer(site, Address("127.0.0.1", 0))
    served = Keypad(server.url, desk, config)
    server.start()
    yield served
    server.stop()


TUESDAY, WEDNESDAY, THURSDAY = (
    Window(opening, opening + timedelta(hours=11, minutes=30))
    for opening in (datetime(2026, 11, day, 10, 30, tzinfo=UTC) for day in (24, 25, 26))
)


def test_a_claim_waits_for_its_face(keypad: Keypad) -> None:
    answer = keypad.claim(cpf="529.982.247-25")
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["word"]) == ("look", "Olhe para a câmera")
    waiting = keypad.desk.waiting()
    assert waiting is not None
    assert (waiting.person, waiting.kind) == (PERSON, "cpf")


def test_nobody_learns_whether_a_cpf_is_registered(keypad: Keypad) -> None:
    answers = []
    for cpf in (CPF, OTHER_CPF):
        claim = keypad.claim(cpf=cpf).json()
        keypad.desk.decided(claim["id"], "event", recognised=False)
        checking = keypad.state(claim["id"])
        keypad.desk.answered(claim["id"], "PENDENTE_VERIFICACAO")
        answers.append(
            [
                {key: value for key, value in one.items() if key != "id"}
                for one in (claim, checking, keypad.state(claim["id"]))
            ]
        )
    assert answers[0] == answers[1]
    assert answers[0][2]["word"] == "Aguarde o atendente"
    assert "Ana" not in str(answers)
    assert "score" not in str(answers)


@pytest.mark.parametrize("text", ["", "123", "111.111.111-11", "52998224724", "5299822472500", "<script>", "9" * 5000])
def test_what_is_no_cpf_is_refused_in_words(keypad: Keypad, text: str) -> None:
    answer = keypad.claim(cpf=text)
    assert answer.status_code in (413, 422)
    assert answer.json()["error"]
    assert keypad.desk.waiting() is None


def test_a_browser_without_script_claims_by_form_and_follows_the_page(keypad: Keypad) -> None:
    page = requests.post(
        f"{keypad.url}/claim", data={"cpf": "529.982.247-25"}, headers={"Accept": "text/html"}, timeout=5
    )
    assert page.url.startswith(f"{keypad.url}/claim/")
    assert "Olhe para a câmera" in page.text
    assert 'http-equiv="refresh"' in page.text
    wrong = requests.post(f"{keypad.url}/claim", data={"cpf": "1"}, headers={"Accept": "text/html"}, timeout=5)
    assert wrong.status_code == 422
    assert "Este CPF não está certo" in wrong.text


def test_guessing_cpfs_is_limited_by_address(keypad: Keypad, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(claims_module.WRONG_CLAIMS):
        claim = keypad.claim(cpf=OTHER_CPF)
        assert claim.status_code == 201
        keypad.desk.decided(claim.json()["id"], "event", recognised=False)
    refused = keypad.claim(cpf=CPF)
    assert refused.status_code == 429
    assert "Muitas tentativas" in refused.json()["error"]
    monkeypatch.setattr(claims_module, "WRONG_WITHIN_S", 0.0)
    assert keypad.claim(cpf=CPF).status_code == 201


def test_a_flood_of_claims_is_limited_by_address(keypad: Keypad) -> None:
    for _ in range(claims_module.CLAIMS_A_MINUTE):
        keypad.desk.open_cpf(CPF, "127.0.0.1")
    assert keypad.claim(cpf=CPF).status_code == 429
    assert keypad.desk.open_cpf(CPF, "10.0.0.7").state == "look"


def test_the_qr_is_verified_offline_and_serves_once(keypad: Keypad) -> None:
    token = sign_token(PRIVATE, UUID(PERSON), time.time())
    assert keypad.claim(qr=token).status_code == 201
    waiting = keypad.desk.waiting()
    assert waiting is not None
    assert (waiting.kind, waiting.person) == ("qr", PERSON)
    again = keypad.claim(qr=token)
    assert (again.status_code, again.json()["error"]) == (
        422,
        "Este QR já foi usado. Atualize a página e mostre o novo.",
    )


@pytest.mark.parametrize(
    "token",
    [
        "CARIMBO1.x.y",
        "lixo",
        sign_token(Ed25519PrivateKey.generate(), UUID(PERSON), time.time()),
        sign_token(PRIVATE, UUID(PERSON), time.time() - 61),
    ],
)
def test_a_qr_that_proves_nothing_is_refused(keypad: Keypad, token: str) -> None:
    assert keypad.claim(qr=token).status_code == 422
    assert keypad.desk.waiting() is None


def test_the_newest_claim_wins_and_one_that_saw_no_face_ends(keypad: Keypad, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = keypad.claim(cpf=CPF).json()["id"], keypad.claim(cpf=CPF).json()["id"]
    assert keypad.state(first)["word"] == "Não vimos seu rosto"
    waiting = keypad.desk.waiting()
    assert waiting is not None
    assert waiting.id == second
    monkeypatch.setattr(claims_module, "FACE_WITHIN_S", 0.0)
    assert keypad.desk.waiting() is None
    assert keypad.state(second)["state"] == "unseen"


def test_a_claim_is_decided_by_one_camera_only(keypad: Keypad) -> None:
    claim = keypad.claim(cpf=CPF).json()["id"]
    assert keypad.desk.decided(claim, "e1", recognised=True)
    assert not keypad.desk.decided(claim, "e2", recognised=True)
    assert keypad.state(claim)["event"] == "e1"


def test_the_servers_result_is_shown_and_its_silence_is_the_attendants(
    keypad: Keypad, link: ServerLink, server: GateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ClaimAnswers(keypad.desk, link, lambda: None)
    answers.start()
    claim = keypad.claim(cpf=CPF).json()["id"]
    keypad.desk.decided(claim, "e1", recognised=True)
    assert keypad.state(claim)["word"] == "Um instante"
    server.events["e1"], server.results["e1"] = {}, "LIBERADO"
    wait_until(lambda: keypad.state(claim)["state"] == "done")
    assert (keypad.state(claim)["word"], keypad.state(claim)["tone"]) == ("Entrada liberada", "ok")
    other = keypad.claim(cpf=CPF).json()["id"]
    keypad.desk.decided(other, "e2", recognised=True)
    monkeypatch.setattr(claims_module, "ANSWER_WITHIN_S", 0.0)
    wait_until(lambda: keypad.state(other)["state"] == "done")
    assert keypad.state(other)["word"] == "Aguarde o atendente"
    answers.stop()


def test_closed_says_when_it_opens(keypad: Keypad) -> None:
    claim = replace(keypad.desk.open_cpf(CPF, "x"), state="done", result="NEGADO")
    opening = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    config = replace(keypad.config, windows=(Window(opening, opening + timedelta(hours=11)),))
    closed = shown(claim, config, opening - timedelta(hours=12))
    assert (closed.word, closed.message, closed.tone) == ("Fechado", "Abre em 24/11/2026, às 7h30.", "stop")
    assert shown(claim, config, opening).word == "Entrada não liberada"
    assert shown(replace(claim, result="ENCAMINHADO_GPOL"), config, opening).word == "Procure a Polícia Legislativa"


def at(clock: BridgeClock, monkeypatch: pytest.MonkeyPatch, day: int, hour: int, minute: int = 0) -> None:
    """It is then, in Belo Horizonte, in November 2026."""
    moment = datetime(2026, 11, day, hour, minute, tzinfo=TZ)
    monkeypatch.setattr(clock, "legal_now", lambda: moment)


CLOSED_AT = {
    "before the opening": (24, 7, 29, (TUESDAY, WEDNESDAY), "Abre em 24/11/2026, às 7h30."),
    "on a Sunday": (22, 10, 0, (TUESDAY,), "Abre em 24/11/2026, às 7h30."),
    "on a holiday": (25, 10, 0, (THURSDAY,), "Abre em 26/11/2026, às 7h30."),
}


@pytest.mark.parametrize("case", CLOSED_AT)
def test_R51_R56_closed_is_said_at_once_and_no_claim_is_kept(
    keypad: Keypad, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    day, hour, minute, windows, message = CLOSED_AT[case]
    at(clock, monkeypatch, day, hour, minute)
    keypad.config = replace(keypad.config, windows=windows)
    page = requests.get(keypad.url, timeout=5).text
    assert "Fechado" in page
    assert message in page
    assert "<form" not in page
    for cpf in (CPF, OTHER_CPF, "123"):
        answer = keypad.claim(cpf=cpf)
        assert (answer.status_code, answer.json()["word"], answer.json()["message"]) == (200, "Fechado", message)
        assert (answer.json()["result"], answer.json()["waiting"]) == ("NEGADO", False)
        assert keypad.state(answer.json()["id"]) == answer.json()
    form = requests.post(f"{keypad.url}/claim", data={"cpf": CPF}, timeout=5)
    assert message in form.text
    assert keypad.desk.waiting() is None


def test_R53_after_hours_closed_is_said_and_the_claim_goes_on_to_the_gpol(
    keypad: Keypad, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(clock, monkeypatch, 24, 19, 1)
    keypad.config = replace(keypad.config, windows=(TUESDAY, WEDNESDAY))
    told = requests.get(f"{keypad.url}/opening", timeout=5).json()
    assert (told["word"], told["waiting"]) == ("Fechado", True)
    assert told["message"].startswith("Abre em 25/11/2026, às 7h30.")
    assert "Polícia Legislativa" in requests.get(keypad.url, timeout=5).text
    assert keypad.claim(cpf=CPF).json()["state"] == "look"
    assert keypad.desk.waiting() is not None


def test_R52_an_extension_of_the_hours_opens_the_keypad_again(
    keypad: Keypad, clock: BridgeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(clock, monkeypatch, 24, 20)
    former = replace(keypad.config, windows=(TUESDAY, WEDNESDAY))
    longer = replace(TUESDAY, end=TUESDAY.end + timedelta(hours=2))
    keypad.config = replace(keypad.config, windows=(longer, WEDNESDAY)).following(former, clock.legal_now())
    assert keypad.config.windows == (longer, WEDNESDAY)
    assert requests.get(f"{keypad.url}/opening", timeout=5).json() == {}
    assert "Fechado" not in requests.get(keypad.url, timeout=5).text


def test_an_evening_is_told_from_a_holiday_also_when_the_server_no_longer_tells_of_the_day(keypad: Keypad) -> None:
    evening = datetime(2026, 11, 24, 19, 30, tzinfo=TZ)
    fresh = replace(keypad.config, windows=(WEDNESDAY,))
    known = fresh.following(replace(fresh, windows=(TUESDAY, WEDNESDAY)), evening)
    assert known.standing(evening) is Standing.AFTER_HOURS
    assert fresh.standing(evening) is Standing.UNKNOWN
    assert fresh.standing(evening - timedelta(hours=3)) is Standing.CLOSED
    assert fresh.following(known, evening + timedelta(days=2)).windows == (WEDNESDAY,)
    withdrawn = replace(TUESDAY, end=TUESDAY.end + timedelta(hours=2))
    assert fresh.following(replace(fresh, windows=(withdrawn,)), evening).windows == (WEDNESDAY,)
    assert GateConfig().standing(evening) is Standing.UNKNOWN


def test_every_state_has_a_colour_a_word_and_a_sign(keypad: Keypad) -> None:
    claim = keypad.desk.open_cpf(CPF, "x")
    states = [
        claim,
        replace(claim, state="checking"),
        replace(claim, state="unseen"),
        *(
            replace(claim, state="done", result=one)
            for one in ("LIBERADO", "PENDENTE_VERIFICACAO", "NEGADO", "ENCAMINHADO_GPOL", None)
        ),
    ]
    for state in states:
        look = shown(state, keypad.config, datetime.now(UTC))
        assert look.tone
        assert look.word
        assert look.sign
        assert look.message


def test_pages_carry_a_strict_policy_and_no_inline_script(keypad: Keypad) -> None:
    page = requests.get(keypad.url, timeout=5)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.text.count("<script") == page.text.count("<script src=") == 1
    assert "style=" not in page.text
    assert " onclick" not in page.text
    assert (
        requests.get(f"{keypad.url}/static/keypad.js", timeout=5).headers["Content-Type"].startswith("text/javascript")
    )
    for path in ("/static/../web.py", "/static/%2e%2e/web.py", "/nada", "/claim/nada"):
        assert requests.get(keypad.url + path, headers={"Accept": "application/json"}, timeout=5).status_code == 404


def test_another_page_cannot_claim(keypad: Keypad) -> None:
    answer = requests.post(
        f"{keypad.url}/claim", json={"cpf": CPF}, headers={"Origin": "https://alheio.example"}, timeout=5
    )
    assert answer.status_code == 403
    assert keypad.desk.waiting() is None


@pytest.mark.parametrize("digits", ["52998224725", "11144477735", "00000000191"])
def test_cpf_check_digits(digits: str) -> None:
    assert is_cpf(digits)
    assert not is_cpf(digits[:-1] + str((int(digits[-1]) + 1) % 10))
