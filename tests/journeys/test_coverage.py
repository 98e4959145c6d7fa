"""The map from the clauses to their tests is true: each named test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journeys.coverage import DRIVEN, SAFE

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("named", sorted({test for tests in (DRIVEN | SAFE).values() for test in tests}))
def test_every_test_of_the_map_exists(named: str) -> None:
    path, _, name = named.partition("::")
    assert re.search(rf"^def {name}\(", (TESTS / path).read_text(), re.MULTILINE), named


def test_every_clause_has_a_test_and_what_is_driven_has_one_with_a_browser() -> None:
    assert all(tests for tests in (DRIVEN | SAFE).values())
    for clause, tests in DRIVEN.items():
        for named in tests:
            path, _, name = named.partition("::")
            found = re.search(rf"^def {name}\((.*?)\) -> None:", (TESTS / path).read_text(), re.MULTILINE | re.DOTALL)
            assert found is not None, (clause, named)
            assert "page: Page" in found[1], (clause, named)
