"""The public list, its filters and pages; what is withdrawn; links both ways."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from documents.dossier import operations as dossiers
from documents.publication import operations, queries
from documents.publication.queries import Filters
from tests.documents.dossier.conftest import hypothesis_of
from tests.documents.publication.conftest import (
    MONDAY,
    SUMMARY,
    TUESDAY,
    WEDNESDAY,
    at,
    opened,
    publish_due,
    published,
    scheduled,
    signed,
)
from workflow.actor import Actor
from workflow.errors import NotFound


def ids(session: Session, **filters: object) -> list[object]:
    return [one.id for one in queries.published(session, Filters(**filters)).items]  # type: ignore[arg-type]  # the test's own


def test_nothing_is_seen_before_it_is_published(session: Session, gri: Actor) -> None:
    at(MONDAY)
    row = scheduled(session, signed(session, opened(session, gri), gri), gri)
    assert ids(session) == []
    for read in (queries.publication, queries.file):
        with pytest.raises(NotFound):
            read(session, row.id)


def test_it_is_found_by_day_vehicle_type_and_words(session: Session, gri: Actor) -> None:
    row = published(session, signed(session, opened(session, gri), gri), gri)
    for found in (
        {"day": TUESDAY}, {"vehicle": "diario"}, {"type_key": "portaria"}, {"words": "inventário COMISSÃO"}, {},
    ):  # fmt: skip
        assert ids(session, **found) == [row.id], found
    for missed in (
        {"day": MONDAY},
        {"vehicle": "portal"},
        {"type_key": "despacho"},
        {"words": "comiss"},
        {"words": "100%"},
    ):
        assert ids(session, **missed) == [], missed


def test_every_publication_is_on_exactly_one_page(session: Session, gri: Actor) -> None:
    dossier = opened(session, gri)
    rows = {published(session, signed(session, dossier, gri), gri).id for _ in range(5)}
    seen: list[object] = []
    after = ""
    for _ in range(3):
        page = queries.published(session, Filters(), after=after, limit=2)
        seen += [one.id for one in page.items]
        after = page.after
    assert after == ""
    assert (len(seen), set(seen)) == (5, rows)
    assert len(queries.published(session, Filters(), after="x~y").items) == 5


def test_what_is_publico_no_more_keeps_its_line_and_nothing_else(session: Session, gri: Actor) -> None:
    row = published(session, signed(session, opened(session, gri), gri), gri)
    assert queries.publication(session, row.id).file
    for level in ("restrito", "sigiloso"):
        dossiers.change_access(session, row.dossier_id, level, hypothesis_of(session, level), actor=gri)
        shown = queries.publication(session, row.id)
        assert (shown.withdrawn, shown.file, shown.edition) == (True, False, "1/2026")
        assert (shown.name, shown.summary, shown.code, shown.dossier_number, shown.sha256) == ("",) * 5
        with pytest.raises(NotFound, match="retirada do acesso público"):
            queries.file(session, row.id)
        assert ids(session) == [row.id]
        assert ids(session, words="inventário") == ids(session, type_key="portaria") == []
    dossiers.change_access(session, row.dossier_id, "publico", None, actor=gri)
    assert queries.publication(session, row.id).summary == SUMMARY


def test_links_go_both_ways(session: Session, gri: Actor) -> None:
    dossier = opened(session, gri)
    first, second = signed(session, dossier, gri), signed(session, dossier, gri)
    row = published(session, first, gri)
    assert [one for one, _ in queries.rectifiers(session, row.id)] == [second.id]
    made = operations.rectify(session, row.id, second.id, WEDNESDAY, SUMMARY, "Corrige o artigo 2º.", actor=gri)
    assert queries.publication(session, row.id).after == ()
    at(WEDNESDAY)
    publish_due(session)
    undone = operations.void(session, made.id, WEDNESDAY, "A correção saiu errada.", actor=gri)
    publish_due(session)
    original, rectified, last = (queries.publication(session, one.id) for one in (row, made, undone))
    assert [(one.id, one.kind) for one in original.after] == [(made.id, "rectification")]
    assert rectified.before is not None
    assert rectified.void is not None
    assert (rectified.before.id, rectified.void.id) == (row.id, undone.id)
    assert last.before is not None
    assert (last.before.id, last.file, original.void) == (made.id, False, None)
    own = queries.of_document(session, second.id)
    assert {(one.kind, one.status) for one in own} == {("rectification", "published"), ("voiding", "published")}
