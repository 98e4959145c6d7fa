"""Eight people at the same few processos at once, each act drawn by lot: nobody meets a deadlock, nothing is half done.

A refusal in words is an answer; any other error is a failure. At the end the whole is proved against the chains.
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import people
from documents.dossier import operations as dossiers
from documents.dossier.models import DossierDocument, LegalHypothesis
from documents.signatures import blocks, sealing, signing
from documents.signatures.models import Block, BlockItem
from documents.texts import operations as texts
from integrations.mail import FolderMailbox
from people.keyring import Keyring
from people.settings import PeopleSettings
from tests.documents.conftest import sealer, storage  # noqa: F401 - fixtures
from tests.documents.signatures.conftest import PASSWORD, build, person
from webapp import integrity
from workflow import clock, database
from workflow.actor import Actor
from workflow.database import transaction
from workflow.errors import DomainError

pytestmark = pytest.mark.slow
SEED = 2716
SECONDS = 6.0
UNITS = ("GRI", "GTI", "GRPC")
Act = Callable[["Person", Session], object]


@dataclass
class Person:
    """One of the eight: who, their luck, what became of their acts."""

    actor: Actor
    luck: random.Random
    ids: tuple[UUID, ...]
    law: UUID
    marker: UUID
    done: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def dossier(self) -> UUID:
        """One of the few."""
        return self.luck.choice(self.ids)

    def two(self) -> tuple[UUID, UUID]:
        """Two of them, in whatever order."""
        one, other = self.luck.sample(self.ids, 2)
        return one, other

    def units(self) -> list[str]:
        """Where to: in whatever order."""
        others = [unit for unit in UNITS if unit != self.actor.unit]
        return self.luck.sample(others, self.luck.randint(1, len(others)))

    def documents(self, session: Session, most: int = 3) -> list[UUID]:
        """Some documents, in whatever order."""
        query = select(DossierDocument.id).where(DossierDocument.status.in_(("draft", "signed")))
        if self.luck.random() < 0.8:
            query = query.where(DossierDocument.unit == self.actor.unit)
        found = sorted(session.scalars(query.limit(200)))
        return self.luck.sample(found, min(len(found), self.luck.randint(1, most)))

    def document(self, session: Session) -> UUID:
        """One of them."""
        return next(iter(self.documents(session, 1)), UUID(int=0))

    def block(self, session: Session) -> UUID:
        """A block, perhaps not of one's own."""
        found = sorted(session.scalars(select(Block.id)))
        return self.luck.choice(found) if found else UUID(int=0)


def _write(who: Person, session: Session) -> None:
    document = dossiers.add_document(session, who.dossier(), "internal", "despacho", actor=who.actor)
    texts.save(session, document.id, f"<p>{who.luck.random()}</p>", actor=who.actor, based_on=0)


def _edit(who: Person, session: Session) -> None:
    document = session.get(DossierDocument, who.document(session))
    if document is not None:
        html, seen = f"<p>{who.luck.random()}</p>", max(document.version - who.luck.randint(0, 1), 0)
        texts.save(session, document.id, html, actor=who.actor, based_on=seen)


def _sign(who: Person, session: Session) -> None:
    signing.sign(session, who.documents(session), password=PASSWORD, cargo="Analista", actor=who.actor)


def _level(who: Person, session: Session) -> None:
    level, law = who.luck.choice((("publico", None), ("restrito", who.law)))
    document = who.document(session) if who.luck.random() < 0.5 else None
    owner = session.get(DossierDocument, document) if document else None
    dossier = owner.dossier_id if owner else who.dossier()
    dossiers.change_access(session, dossier, level, law, actor=who.actor, document_id=owner.id if owner else None)


def _attach(who: Person, session: Session) -> None:
    """For good, but for the administrator, who undoes it at once: the others go on having processos to work with."""
    one, other = who.two()
    dossiers.attach(session, one, other, actor=who.actor)
    dossiers.detach(session, one, "engano", actor=replace(who.actor, roles=who.actor.roles | {"admin"}))


def _put(who: Person, session: Session) -> None:
    blocks.add(session, who.block(session), document_ids=who.documents(session), actor=who.actor)


def _take_out(who: Person, session: Session) -> None:
    found = sorted(session.scalars(select(BlockItem.id)))
    blocks.remove(session, who.luck.choice(found) if found else UUID(int=0), actor=who.actor)


def _seal(who: Person, session: Session) -> None:
    """What the worker does meanwhile."""
    signed = session.scalars(select(DossierDocument.id).where(DossierDocument.status == "signed").limit(50)).all()
    if signed:
        sealing.seal_signed(session, who.luck.choice(sorted(signed)))


ACTS: dict[str, tuple[int, Act]] = {
    "send": (6, lambda w, s: dossiers.send(s, w.dossier(), w.units(), actor=w.actor, keep_open=w.luck.random() < 0.9)),
    "conclude": (1, lambda w, s: dossiers.conclude(s, w.dossier(), actor=w.actor)),
    "reopen": (4, lambda w, s: dossiers.reopen(s, w.dossier(), actor=w.actor)),
    "priority": (2, lambda w, s: dossiers.set_priority(s, w.dossier(), w.luck.randint(0, 2), actor=w.actor)),
    "unread": (2, lambda w, s: dossiers.mark_unread(s, w.dossier(), actor=w.actor)),
    "read": (2, lambda w, s: dossiers.mark_read(s, w.dossier(), actor=w.actor)),
    "due": (2, lambda w, s: dossiers.set_due(s, w.dossier(), actor=w.actor, on=clock.today() + timedelta(days=9))),
    "specify": (2, lambda w, s: dossiers.set_specification(s, w.dossier(), f"Compra {w.luck.random()}", actor=w.actor)),
    "parties": (2, lambda w, s: dossiers.set_parties(s, w.dossier(), [f"Parte {w.luck.random()}"], actor=w.actor)),
    "write": (6, _write),
    "edit": (6, _edit),
    "sign": (4, _sign),
    "seal": (1, _seal),
    "seen": (3, lambda w, s: dossiers.note_seen(s, w.document(s), actor=w.actor)),
    "cancel": (3, lambda w, s: dossiers.cancel_document(s, w.document(s), "engano", actor=w.actor)),
    "delete": (1, lambda w, s: dossiers.delete_document(s, w.document(s), actor=w.actor)),
    "relate": (4, lambda w, s: dossiers.relate(s, *w.two(), actor=w.actor)),
    "unrelate": (4, lambda w, s: dossiers.unrelate(s, *w.two(), actor=w.actor)),
    "attach": (3, _attach),
    "suspend": (1, lambda w, s: dossiers.suspend(s, w.dossier(), "aguarda", actor=w.actor)),
    "resume": (4, lambda w, s: dossiers.resume(s, w.dossier(), actor=w.actor)),
    "level": (3, _level),
    "entry": (3, lambda w, s: dossiers.add_entry(s, w.dossier(), "Telefonema", actor=w.actor)),
    "comment": (4, lambda w, s: dossiers.comment(s, w.dossier(), "Falta o termo", actor=w.actor)),
    "note": (3, lambda w, s: dossiers.add_note(s, w.dossier(), "Ver amanhã", actor=w.actor)),
    "mark": (4, lambda w, s: dossiers.mark(s, w.dossier(), w.marker, "x", actor=w.actor)),
    "unmark": (2, lambda w, s: dossiers.unmark(s, w.dossier(), w.marker, actor=w.actor)),
    "watch": (2, lambda w, s: dossiers.watch(s, w.dossier(), "Contratos", actor=w.actor)),
    "acknowledge": (2, lambda w, s: dossiers.acknowledge(s, w.dossier(), None, actor=w.actor)),
    "block": (1, lambda w, s: blocks.create(s, "signature", "Da semana", actor=w.actor)),
    "put": (4, _put),
    "take out": (2, _take_out),
    "offer": (4, lambda w, s: blocks.offer(s, w.block(s), w.units(), actor=w.actor)),
    "receive": (3, lambda w, s: blocks.receive(s, w.block(s), actor=w.actor)),
    "give back": (3, lambda w, s: blocks.give_back(s, w.block(s), actor=w.actor)),
    "take back": (2, lambda w, s: blocks.take_back(s, w.block(s), actor=w.actor)),
    "sign all": (3, lambda w, s: blocks.sign_all(s, w.block(s), password=PASSWORD, cargo="Chefe", actor=w.actor)),
}  # fmt: skip


@pytest.fixture
def eight(database_url: str, storage: Path, tmp_path: Path) -> list[Person]:  # noqa: F811
    """Eight people of three units with four processos open in all of them."""
    people.configure(PeopleSettings(Keyring.new(), FolderMailbox(tmp_path / "correio"), "http://127.0.0.1"))
    database.configure(database_url, pool_size=20, max_overflow=20)
    with transaction() as session:
        first = build(session)
        ids = [first.dossier]
        ids += [dossiers.open_dossier(session, "administrativo_geral", actor=first.gri).id for _ in range(3)]
        for dossier in ids:
            dossiers.send(session, dossier, ["GTI", "GRPC"], actor=first.gri, keep_open=True)
        actors = [person(session, f"pessoa{number}", f"Pessoa {number}", UNITS[number % 3]) for number in range(8)]
        markers = {one.unit: dossiers.create_marker(session, "Urgente", "vermelho", actor=one).id for one in actors[:3]}
        law = session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == "restrito").limit(1)).one()
    return [
        Person(actor, random.Random(SEED + number), tuple(ids), law, markers[actor.unit])  # noqa: S311 - of a test
        for number, actor in enumerate(actors)
    ]


def work(who: Person, until: float) -> None:
    """Act after act, each in a transaction of its own; a refusal in words is an answer."""
    names, weights = list(ACTS), [weight for weight, _ in ACTS.values()]
    while time.monotonic() < until:
        name = who.luck.choices(names, weights)[0]
        try:
            with transaction() as session:
                ACTS[name][1](who, session)
        except DomainError:
            continue
        except Exception:
            who.failures.append(f"{name}: {traceback.format_exc()}")
        else:
            who.done[name] += 1


def test_eight_people_at_four_processos_meet_no_deadlock_and_leave_nothing_half_done(
    eight: list[Person], database_url: str
) -> None:
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=work, args=(who, until)) for who in eight]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [failure for who in eight for failure in who.failures] == []
    done = sum((who.done for who in eight), Counter[str]())
    assert done.total() > 100
    assert len(done) > len(ACTS) * 2 // 3, done
    with transaction() as session:
        assert integrity.verify(session)[1] == []
