"""The database down: a polite 503, the gate goes on, nobody is signed out, everything arrives afterwards.

30 s (`CARIMBO_OUTAGE_S` changes it), which is longer than every timeout on the way. Two ways of being down:
gone (nobody listens) and hung (SIGSTOP: connections stay open and nothing answers).
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gate_bridge.simulators.controlid import ControlIdTerminal
from people.persons import create_person
from tests.resilience.house import SECRET_PATH, House
from workflow.database import transaction

pytestmark = pytest.mark.slow
OUTAGE_S = float(os.environ.get("CARIMBO_OUTAGE_S", "30"))
PATIENCE_S = 10.0


@contextmanager
def gone(house: House) -> Iterator[None]:
    """The server is killed and not started again."""
    with house.nobody_tends():
        house.kill("postgres")
        yield


@contextmanager
def hung(house: House) -> Iterator[None]:
    """Every process of the server stands still."""
    main = house.pid("postgres")
    tree = [main, *(int(child) for child in Path(f"/proc/{main}/task/{main}/children").read_text().split())]
    for pid in tree:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(tree):  # the main one last: while it stands still, it buries nobody
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("down", [gone, hung])
def test_the_database_down_for_30_seconds(house: House, down: object) -> None:
    with house.inside(), transaction() as session:
        who = create_person(session, "Visitante da Queda", None, verified=False)
        who = who.id
    house.install_terminal({"1": who})
    desk = house.staff("atendente")
    events = house.one("SELECT count(*) FROM gate_event")
    terminal = ControlIdTerminal(f"{house.keypad}/{SECRET_PATH}")
    reports: list[str] = []
    pages: list[tuple[str, int, float, str]] = []
    with down(house):  # type: ignore[operator]  # one of the two above
        end = time.monotonic() + OUTAGE_S
        while time.monotonic() < end:
            answer = terminal.identify(5_000 + len(reports), uuid=f"queda-{down.__name__}-{len(reports)}")
            assert answer.status_code == 200
            reports.append(hashlib.sha256(str(answer.request.body).encode()).hexdigest())
            for path in ("/atendimento/", "/validaDocumento?codigo=0000-0000-0000-0000"):
                start = time.monotonic()
                page = desk._http.get(house.url + path, timeout=30, allow_redirects=False)
                pages.append((path, page.status_code, time.monotonic() - start, page.text))
            time.sleep(0.3)
    assert {status for _, status, _, _ in pages} == {503}
    assert max(seconds for _, _, seconds, _ in pages) < PATIENCE_S
    for _, _, _, text in pages:
        assert 'lang="pt-BR"' in text
        assert "Nada se perdeu" in text
        assert "Traceback" not in text
    house.wait_up()
    assert "Alice Nogueira" in desk.get("/atendimento/")
    digests = "SELECT count(*) FROM gate_event WHERE raw_sha256 = ANY(%s) AND case_id IS NOT NULL"
    house.wait("a chegada de tudo", lambda: house.one(digests, reports) == len(reports), 90)
    assert house.one("SELECT count(*) FROM gate_event") == events + len(reports)
