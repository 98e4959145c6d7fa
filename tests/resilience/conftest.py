"""One installation for the whole folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resilience.house import House


@pytest.fixture(scope="session")
def running_house() -> Iterator[House]:
    """Started at the first test that wants it."""
    started = House()
    yield started
    started.stop()


@pytest.fixture
def house(running_house: House) -> House:
    """The installation, everything of it up, whatever the test before did to it."""
    running_house.wait_up()
    return running_house
