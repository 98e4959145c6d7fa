"""What no browser's form sends, at the running server: refused in words, nothing typed reaches the log."""

from __future__ import annotations

import pytest

from tests.resilience.house import House
from webapp.cli.visit import Visit

pytestmark = pytest.mark.slow
NUL = "jocasta-secreta\x00"


def test_a_NUL_character_is_refused_and_what_was_typed_is_not_logged(house: House) -> None:
    anyone, gestora = Visit(house.url), house.staff("gestora")
    anyone.get("/entrar")
    data = {"login": NUL, "password": "x", "csrf_token": anyone._token}
    answers = [
        anyone._http.post(f"{house.url}/entrar", data=data, timeout=10),
        gestora._http.get(f"{house.url}/processos", params={"q": NUL}, timeout=10),
        anyone._http.get(f"{house.url}/validaDocumento", params={"codigo": NUL}, timeout=10),
    ]
    assert all(answer.status_code < 500 for answer in answers)
    assert answers[0].status_code == 422
    assert "não conferem" in answers[0].text
    assert "jocasta-secreta" not in house.log("web")
