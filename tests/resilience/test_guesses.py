"""1,000 guesses at validation codes: 429 from the eleventh in a minute, one alarm, none right (VA5)."""

from __future__ import annotations

import http.client
import random
from collections import Counter
from urllib.parse import urlsplit

import pytest

from tests.resilience.house import House

pytestmark = pytest.mark.slow
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALARMS = "SELECT count(*) FROM event WHERE kind = 'validation_alarm'"


def guess(house: House, chance: random.Random, address: str, times: int) -> list[tuple[int, str]]:
    """So many guesses over one connection from one address of loopback; status and verdict of each."""
    connection = http.client.HTTPConnection(urlsplit(house.url).netloc, source_address=(address, 0), timeout=30)
    answers = []
    for _ in range(times):
        code = "".join(chance.choices(ALPHABET, k=16))
        connection.request("GET", f"/validaDocumento?codigo={code}")
        answer = connection.getresponse()
        text = answer.read().decode()
        assert (answer.status == 429) == (answer.headers["Retry-After"] is not None)
        verdict = text.partition('data-result="')[2].partition('"')[0]
        answers.append((answer.status, verdict))
    connection.close()
    return answers


def test_1000_guesses_at_validation_codes(house: House) -> None:
    chance, alarms = random.Random(20261124), house.one(ALARMS)
    from_one = Counter(guess(house, chance, "127.9.9.9", 60))
    assert from_one == {(200, "NAO_ENCONTRADO"): 10, (429, ""): 50}
    from_many: Counter[tuple[int, str]] = Counter()
    for number in range(100):
        from_many.update(guess(house, chance, f"127.9.0.{number + 1}", 10))
    assert from_many == {(200, "NAO_ENCONTRADO"): 1000}
    assert house.one(ALARMS) == alarms + 1
