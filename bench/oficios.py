"""853 exemplars of an ofício, from the signature to the last message accepted by a real exim4 on loopback.

    python -m bench.oficios [--json] [--recipients N] [--kills N] [--only speed|kills]

First the time on two cores with the rate limit off and durability on, with progress. Then the same with a worker that is
killed (SIGKILL) at N random points and started again: the server's own log must show none twice, and what it accepted and
what is in doubt must be 853 together, at most one in doubt a connection (EM6).
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

import documents
import migrations
import people
import processes
from bench.exim import Exim, EximMissing
from bench.report import Figure, arguments, progress, show
from documents.development_ca import development_sealer
from documents.dossier.operations import install_types
from documents.settings import HOUSE
from integrations.mail import FolderMailbox, SmtpMailbox, SmtpSettings
from integrations.postgres import EmbeddedPostgres
from people import accounts, units
from people.keyring import Keyring
from people.models import Account
from processes.oficio_camaras import letter, operations, settings
from processes.oficio_camaras.correspondence.models import DispatchAttempt
from processes.oficio_camaras.models import Camara, Campaign, Exemplar
from processes.oficio_camaras.rules import UNIVERSE
from workflow import clock, database, jobs, queries
from workflow import operations as engine
from workflow.actor import SYSTEM, Actor
from workflow.database import transaction

TARGET_S = 90.0
PASSWORD = "uma senha comprida para a medida"  # noqa: S105 - of accounts that live as long as this program
LONGEST_S = 900.0


@dataclass(frozen=True)
class House:
    """A house of its own: folder, database and mail server."""

    folder: Path
    url: str
    port: int


def configure(house: House) -> None:
    """Bind this process, as the wiring does."""
    database.configure(house.url)
    keyring = Keyring.open(house.folder / "keys")
    people.configure(people.PeopleSettings(keyring, FolderMailbox(house.folder / "correio"), "http://127.0.0.1"))
    sealer = development_sealer(house.folder / "selo", HOUSE)
    documents.configure(str(house.folder / "documentos"), sealer, "https://www.almg.gov.br/validaDocumento")
    smtp = SmtpSettings("127.0.0.1", house.port, "none", sender="portal@almg.example")
    settings.configure(
        settings.OficioSettings(SmtpMailbox(smtp), "http://127.0.0.1", "ceac@almg.example", rate_per_minute=0)
    )
    processes.discover()


@contextmanager
def prepared(folder: Path) -> Iterator[tuple[House, Exim]]:
    """Database, people, câmaras with addresses, mail server."""
    (folder / "postgres").mkdir(mode=0o755)
    (folder / "exim").mkdir(mode=0o755)
    with EmbeddedPostgres(folder / "postgres") as server, Exim(folder / "exim") as exim:
        house = House(folder, server.ensure_database("bench"), exim.port)
        migrations.upgrade(house.url)
        configure(house)
        with transaction() as session:
            engine.deploy(session)
            install_types(session)
            units.create_unit(session, "GRPC", "Gerência-Geral de Relações Públicas e Cerimonial", actor=SYSTEM)
            units.create_unit(session, "GRI", "Gerência de Relações Institucionais", actor=SYSTEM, parent="GRPC")
            for login, role, unit in (("redatora", "servidor", "GRI"), ("chefe", "chefia", "GRI"), ("diretor", "chefia", "GRPC")):  # fmt: skip
                account = accounts.create_staff_account(session, login, f"{login} da Silva", PASSWORD, actor=SYSTEM)
                units.add_membership(session, account.id, unit, role, actor=SYSTEM)
            operations.import_camaras(session)
            address = "camara." + Camara.ibge + "@municipio.example"
            session.execute(update(Camara).values(email=address, email_valid=True))
        yield house, exim
        database.dispose()


def sign(count: int) -> UUID:
    """An ofício to the câmaras with the seed's text, drafted, reviewed, approved and signed; its campaign."""
    with transaction() as session:
        writer, chief, director = (_actor(session, login) for login in ("redatora", "chefe", "diretor"))
        case = engine.start_case(session, "oficio_camaras", {"dossier": None}, actor=writer)
        recipients = list(session.scalars(select(Camara.ibge).order_by(Camara.ibge).limit(count)))
        campaign = session.scalars(select(Campaign).where(Campaign.case_id == case.id)).one()
        draft = operations.Draft("Declaração de comparecimento pela internet", letter.seed_text(), recipients)
        operations.save_draft(session, campaign.id, draft, actor=writer)
        for node, actor, data in (
            ("redigir", writer, {}),
            ("revisar", chief, {"revisao": "aprovar"}),
            ("aprovar", director, {"aprovacao": "aprovar"}),
        ):
            engine.complete_task(session, _task(session, case.id, node), data, actor=actor)
        operations.sign(session, _task(session, case.id, "assinar"), password=PASSWORD, cargo="Gerente", actor=chief)
        return campaign.id


def _actor(session: Session, login: str) -> Actor:
    return units.actor_of(session, session.scalars(select(Account.id).where(Account.login == login)).one())


def _task(session: Session, case_id: UUID, node: str) -> UUID:
    return next(task.id for task in queries.case_view(session, case_id).tasks if task.node == node)


@dataclass(frozen=True)
class State:
    """How far it is, as the page of progress sees it."""

    generated: int
    sent: int
    in_doubt: int
    count: int

    @property
    def done(self) -> bool:
        """Each exemplar sent or in doubt."""
        return self.sent + self.in_doubt == self.count


def state_of(campaign_id: UUID, count: int) -> State:
    """Counted in the database."""
    with transaction() as session:
        one = select(
            func.count(),
            func.count().filter(Exemplar.state == "ENVIADO"),
            func.count().filter(Exemplar.in_doubt),
        ).where(Exemplar.campaign_id == campaign_id)
        return State(*session.execute(one).one(), count)


def started(house: House) -> subprocess.Popen[bytes]:
    """A worker in a process of its own, the leader of its group."""
    given = json.dumps({"folder": str(house.folder), "url": house.url, "port": house.port})
    command = [sys.executable, "-m", "bench.oficios", "--worker", given]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)


def work(given: str) -> None:
    """The worker: what `carimbo worker` does."""
    values = json.loads(given)
    house = House(Path(values["folder"]), values["url"], values["port"])
    configure(house)
    jobs.run_worker(house.url, concurrency=2)


def speed(folder: Path, count: int) -> list[Figure]:
    """The time of one ofício to all, nobody killed."""
    with prepared(folder) as (house, exim):
        worker = started(house)
        time.sleep(3)  # a worker is there before anybody signs
        try:
            campaign_id, begun = sign(count), time.perf_counter()
            generated = _watch(campaign_id, begun, count)
            took = time.perf_counter() - begun
            accepted, load = exim.accepted(), os.getloadavg()[0]
        finally:
            worker.terminate()
            worker.wait(30)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [
        Figure("exemplars accepted by exim4", len(accepted), "messages", count, "=="),
        Figure("from signature to the last exemplar sealed", generated, "s"),
        Figure("from signature to the last message accepted", took, "s", TARGET_S * count / UNIVERSE),
        Figure("processor time of worker, renderers, database and exim4, starts included", _seconds(used), "s"),
        Figure("load of the machine during it (2 or 3 are ours)", load, "processes"),
    ]


def _seconds(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def _watch(campaign_id: UUID, begun: float, count: int) -> float:
    """Until all are sent, saying how far it is; when the last exemplar was there."""
    generated = said = 0.0
    while True:
        state, now = state_of(campaign_id, count), time.perf_counter() - begun
        if state.generated == count and not generated:
            generated = now
        if now - said > 5 or state.done:
            progress(f"  {now:5.1f} s: {state.generated} generated, {state.sent} sent")
            said = now
        if state.done:
            return generated
        if now > LONGEST_S:
            raise RuntimeError("the ofício did not get through")
        time.sleep(0.1)


def kills(folder: Path, count: int, times: int, seed: int) -> list[Figure]:
    """The same, with a worker that is killed again and again while it generates and sends."""
    chance = random.Random(seed)  # noqa: S311 - where to kill, no secret
    with prepared(folder) as (house, exim):
        campaign_id, begun = sign(count), time.perf_counter()
        killed = 0
        worker = started(house)
        try:
            while not (state := state_of(campaign_id, count)).done:
                if time.perf_counter() - begun > LONGEST_S:
                    raise RuntimeError("the ofício did not get through")
                if killed < times and _moment(state, killed, times, chance):
                    os.killpg(worker.pid, signal.SIGKILL)
                    worker.wait()
                    killed += 1
                    progress(
                        f"  killed {killed}: {state.generated} generated, {state.sent} sent, {state.in_doubt} in doubt"
                    )
                    _hurry()
                    worker = started(house)
                time.sleep(0.02)
        finally:
            worker.terminate()
            worker.wait(30)
        return [Figure("workers killed", killed, "times"), *_counted(campaign_id, exim, count)]


def _moment(state: State, killed: int, times: int, chance: random.Random) -> bool:
    """A third of the kills while exemplars are made, the others while messages leave; spread at random."""
    making = max(1, times // 3)
    if killed < making:
        return state.generated > state.count * killed / making * 0.9 + 20 and chance.random() < 0.05
    return state.sent > 0.9 * state.count * (killed - making) / (times - making) + 5 and chance.random() < 0.3


def _hurry() -> None:
    """What a killed worker held is given back at once; in service it takes the half minute of a missed heartbeat."""
    with transaction() as session:
        session.execute(text("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'"))


def _counted(campaign_id: UUID, exim: Exim, count: int) -> list[Figure]:
    """At the server's side: what it took, what it took twice; and at ours, what is in doubt, by connection."""
    accepted = exim.accepted()
    with transaction() as session:
        rows = session.execute(
            select(DispatchAttempt.message_id, DispatchAttempt.connection, DispatchAttempt.outcome)
            .join(Exemplar, Exemplar.id == DispatchAttempt.exemplar_id)
            .where(Exemplar.campaign_id == campaign_id)
        ).all()
    doubts = [(mail.strip("<>"), connection) for mail, connection, outcome in rows if outcome == "in_doubt"]
    sent = {mail.strip("<>") for mail, _, outcome in rows if outcome == "accepted"}
    by_connection = max((sum(other == one for _, other in doubts) for _, one in doubts), default=0)
    return [
        Figure("messages that the server accepted twice", sum(count > 1 for count in accepted.values()), "", 0, "=="),
        Figure("recorded as sent and not in the server's log", len(sent - set(accepted)), "", 0, "=="),
        Figure(
            "in the server's log and neither sent nor in doubt",
            len(set(accepted) - sent - {m for m, _ in doubts}),
            "",
            0,
            "==",
        ),
        Figure("sent + in doubt", len(sent) + len(doubts), "exemplars", count, "=="),
        Figure("in doubt", len(doubts), "exemplars"),
        Figure("of which the server had taken", len({m for m, _ in doubts} & set(accepted)), "exemplars"),
        Figure("in doubt over one connection, at most", by_connection, "", 1),
    ]


def main() -> int:
    """Measure and print; 1 when a target does not hold."""
    if len(sys.argv) == 3 and sys.argv[1] == "--worker":
        work(sys.argv[2])
        return 0

    def more(parser: ArgumentParser) -> None:
        parser.add_argument("--kills", type=int, default=9, help="how often the worker is killed (9)")
        parser.add_argument("--only", choices=("speed", "kills"), help="one of the two parts")
        parser.add_argument("--recipients", type=int, default=UNIVERSE, help="to how many câmaras (853)")
        parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills (1)")

    options = arguments(__doc__ or "", more)
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:2]))
    clock.configure(timedelta(0))
    figures: list[Figure] = []
    count: int = options.recipients
    parts: tuple[tuple[str, Callable[[Path], list[Figure]]], ...] = (
        ("speed", lambda folder: speed(folder, count)),
        ("kills", lambda folder: kills(folder, count, options.kills, options.seed)),
    )
    try:
        for name, part in parts:
            if options.only in (None, name):
                progress(f"{name}…")
                with tempfile.TemporaryDirectory(prefix="carimbo-oficios-") as folder:
                    Path(folder).chmod(0o755)  # the database's and the mail server's own users must reach it
                    figures += part(Path(folder))
    except EximMissing as missing:
        progress(str(missing))
        return 1
    return show(f"Ofício to {count} câmaras, two cores", figures, options.json)


if __name__ == "__main__":
    sys.exit(main())
