"""The seed's documents as dossier documents, and who looks for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from documents.dossier.models import DocumentType, Dossier, DossierDocument, DossierParty, DossierType, LegalHypothesis
from documents.search import operations
from people.rules import fold
from tests.documents.search.queries_of_the_rules import DOCUMENTS
from workflow import clock
from workflow.actor import Actor

CLERK = Actor("account", uuid4(), uuid4(), frozenset({"servidor"}), "GRPC")
_numbers = count(1)


class Archive:
    """Makes dossiers and documents, each a second later than the last."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._made = clock.now() - timedelta(days=30)
        self.hypothesis = LegalHypothesis(name="Pessoal (teste)", law="Lei 12.527/2011, art. 31", level="restrito")
        kinds = [DossierType(key="teste", name="Tipo do teste"), DocumentType(key="peca", name="Peça do teste")]
        session.add_all([*kinds, self.hypothesis])
        session.flush()

    def dossier(self, level: str = "publico", parties: tuple[str, ...] = (), specification: str = "") -> Dossier:
        number = f"9999.01.{next(_numbers):07d}/2026-00"
        made = Dossier(
            number=number, type_key="teste", specification=specification, level=level, effective_level=level,
            hypothesis_id=None if level == "publico" else self.hypothesis.id, origin_unit="GRPC",
            created_at=self._tick(), passed_units=["GRPC"],
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        for name in parties:
            self.session.add(DossierParty(dossier_id=made.id, name=name, name_folded=fold(name)))
        operations.index_dossier(self.session, made)
        return made

    def document(self, dossier: Dossier, text: str, unit: str = "GRPC", status: str = "signed") -> DossierDocument:
        number = next(_numbers)
        made = DossierDocument(
            number=900_000_000 + number, dossier_id=dossier.id, position=number, kind="internal", type_key="peca",
            unit=unit, created_at=self._tick(), status=status,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        operations.index_document(self.session, made, text)
        return made

    def _tick(self) -> datetime:
        self._made += timedelta(seconds=1)
        return self._made


@pytest.fixture
def archive(session: Session) -> Archive:
    return Archive(session)


@pytest.fixture
def seed(archive: Archive) -> dict[UUID, str]:
    """The documents D1 to D8 of the rules, by id."""
    dossier = archive.dossier()
    return {archive.document(dossier, text).id: name for name, text in DOCUMENTS.items()}
