"""The seeded documents: the same for the same seed, and found as those that people write."""

from __future__ import annotations

from itertools import pairwise
from zlib import crc32

import numpy as np
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import migrations
from documents.dossier.models import DocumentVersion, Dossier, DossierDocument
from documents.search import queries
from documents.search.flow import flow
from documents.search.models import SearchEntry
from documents.search.queries import Filters
from documents.search.vectors import mixed, vectors
from tests.documents.search.conftest import CLERK
from webapp.cli.scale_texts import Corpus, fill_texts, mixed_all
from workflow.database import transaction


def test_the_hash_of_many_pairs_is_that_of_each() -> None:
    crcs = [crc32(word.encode()) for word in ("de", "saude", "lei", "a", "x" * 90)]
    firsts, seconds = np.array(crcs[:-1], dtype=np.uint64), np.array(crcs[1:], dtype=np.uint64)
    each = [mixed(first, second) for first, second in pairwise(crcs)]
    assert mixed_all(firsts, seconds).tolist() == each


@pytest.mark.slow
def test_seeded_documents_are_found(session: Session) -> None:
    assert fill_texts(session, 120, 853) == 15
    counted = {
        table: session.scalar(select(func.count()).select_from(table))
        for table in (Dossier, DossierDocument, DocumentVersion, SearchEntry)
    }
    assert list(counted.values()) == [15, 120, 120, 135]
    results = queries.search(session, CLERK, '"assembleia legislativa do estado de minas gerais"')
    assert results.total is not None
    assert 10 < results.total < 60
    document = results.items[0]
    assert [item.document_id for item in queries.search(session, CLERK, "", Filters(number=document.number)).items] == [
        document.document_id
    ]
    assert queries.count(session, CLERK, "") == session.scalar(
        select(func.count()).select_from(SearchEntry).join(Dossier, Dossier.id == SearchEntry.dossier_id)
        .where((Dossier.effective_level == "publico") | ((Dossier.effective_level == "restrito") & (Dossier.origin_unit == "GRPC")))
    )  # fmt: skip
    assert session.scalar(text("SELECT to_regclass('ix_search_entry_words') IS NOT NULL"))


@pytest.mark.slow
def test_a_seeded_vector_holds_what_indexing_would_make(session: Session) -> None:
    corpus = Corpus(1)
    numbers = next(corpus.texts(np.random.default_rng(1), 1))
    body = corpus.body(numbers.tolist())
    seeded = corpus.vector([], numbers.tolist(), corpus.pairs(numbers), "=1")
    made = vectors([corpus.folded[number] for number in numbers.tolist()], ["=1"]).whole
    assert corpus.flow([], numbers.tolist()) == flow([corpus.folded[number] for number in numbers.tolist()])
    same = text("SELECT CAST(:one AS tsvector) = CAST(:other AS tsvector)")
    assert session.scalar(same, {"one": seeded, "other": made})
    assert body[0].isupper()
    assert [word.lower() for word in body.replace(".", "").split()] == [corpus.shown[one] for one in numbers.tolist()]


@pytest.mark.slow
def test_texts_that_were_there_before_the_flow_get_theirs(database_url: str) -> None:
    with transaction() as session:
        fill_texts(session, 40, 853)
        made = session.execute(select(SearchEntry.id, SearchEntry.flow)).all()
        session.execute(text("ALTER TABLE search_entry DROP COLUMN flow"))
        session.execute(text("UPDATE alembic_version SET version_num = '013'"))
    assert migrations.standing(database_url)[0] == "013"
    migrations.upgrade(database_url, "014")
    with transaction() as session:
        assert set(session.execute(select(SearchEntry.id, SearchEntry.flow)).all()) == set(made)
        assert session.scalar(text("SELECT to_regclass('ix_search_entry_words') IS NOT NULL"))
        outside = "SELECT count(*) FROM search_entry WHERE pg_column_toast_chunk_id(flow) IS NOT NULL"
        assert session.scalar(text(outside)) == 0  # the row itself keeps it
    assert len({flow for _, flow in made}) > 40
