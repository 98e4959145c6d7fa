"""The 38 queries of the rules on PostgreSQL, whatever way a page is found, and the same meaning as the reference."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from documents.dossier.models import Dossier, DossierDocument
from documents.search import compiled, language, plans, queries, vectors
from documents.search.language import BadQuery
from documents.search.queries import Filters, SearchTooSlow
from tests.documents.search.conftest import CLERK, Archive
from tests.documents.search.queries_of_the_rules import MORE, QUERIES, REFUSED

DOCUMENTS_ONLY = Filters(kind="document")
pytestmark = pytest.mark.slow


def numbers(session: Session, query: str, filters: Filters = DOCUMENTS_ONLY) -> list[UUID | None]:
    """The documents found, the total checked both ways."""
    results = queries.search(session, CLERK, query, filters)
    total = queries.count(session, CLERK, query, filters)
    assert total == len(results.items)
    assert results.total in {None, total}
    return [item.document_id for item in results.items]


@pytest.mark.parametrize("way", ["index", "newest", "walk", "few"])
def test_the_queries_of_the_rules(
    session: Session, seed: dict[UUID, str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "FEW", -1 if way == "walk" else 10**9)
    monkeypatch.setattr(plans, "FEW_OF_ALL", -1)
    monkeypatch.setattr(plans, "FEW_READ", -1 if way == "newest" else 10**9)
    monkeypatch.setattr(plans, "FEW_SORTED", -1)
    dossier_id = session.get_one(DossierDocument, next(iter(seed))).dossier_id
    filters = Filters(kind="document", dossier_id=dossier_id if way == "few" else None)
    more = [(0, query, expected) for query, expected in MORE]
    for row, query, expected in [*QUERIES, *more]:
        found = sorted(seed[one] for one in numbers(session, query, filters) if one)
        assert (row, query, " ".join(found)) == (row, query, expected)


@pytest.mark.parametrize(("row", "query"), REFUSED)
def test_the_refused_queries(session: Session, row: int, query: str) -> None:
    with pytest.raises(BadQuery):
        queries.search(session, CLERK, query)
    with pytest.raises(BadQuery):
        queries.count(session, CLERK, query)


def test_random_queries_mean_what_the_reference_says(
    session: Session, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    luck = random.Random(853)
    words = ["de", "da", "lei", "leis", "leite", "saúde", "saudar", "a", "comissão", "comissões", "meio", "ambiente"]
    texts = [" ".join(luck.choices(words, k=luck.randint(1, 9))) for _ in range(18)]
    monkeypatch.setattr(vectors, "_MOST_WORDS", 5)  # the longer ones become long texts
    monkeypatch.setattr(vectors, "LONGEST_PHRASE", 4)
    dossier = archive.dossier()
    made = {archive.document(dossier, text).id: f"peça do teste\n{text}" for text in texts}
    assert session.scalar(text("SELECT count(*) FROM search_entry WHERE extent = 1")) > 3
    for _ in range(80):
        query = _some_query(luck, words)
        parsed = language.parse(query)
        monkeypatch.setattr(plans, "FEW", luck.choice([-1, 10**9]))
        monkeypatch.setattr(plans, "FEW_OF_ALL", -1)
        monkeypatch.setattr(plans, "FEW_READ", luck.choice([-1, 10**9]))
        monkeypatch.setattr(plans, "FEW_SORTED", luck.choice([-1, 10**9]))
        monkeypatch.setattr(compiled, "_LIST_AGAINST_ROW", luck.choice([-1, 300]))
        expected = {one for one, body in made.items() if language.matches(parsed, body)}
        assert (query, set(numbers(session, query))) == (query, expected)


def _some_query(luck: random.Random, words: list[str]) -> str:
    def term() -> str:
        word = luck.choice(words)
        phrase = '"' + " ".join(luck.choices(words, k=luck.randint(2, 3))) + '"'
        wild = word[:2] + luck.choice(["*", "?", "??", "*e*", "?*"]) if len(word) > 2 else word
        return luck.choice([word, phrase, wild, f"{word}-{luck.choice(words)}"])

    pieces = [term()]
    for _ in range(luck.randint(0, 3)):
        pieces.append(luck.choice([" ", " && ", " -", " - "]) + term())
    return "".join(pieces)


def long_text(words: int) -> str:
    return " ".join(f"palavra{number}" for number in range(words))


def test_a_phrase_beyond_word_16_383_is_found(session: Session, archive: Archive) -> None:
    dossier = archive.dossier()
    before = long_text(16_380)
    made = archive.document(dossier, f"{before} reunião especial da comissão de saúde {before} agulha no fim")
    archive.document(dossier, "comissão da saúde especial reunião de")
    assert numbers(session, '"especial da comissão"') == [made.id]  # on both sides of the limit
    assert numbers(session, '"comissão de saúde" && "agulha no fim" && palavra7') == [made.id]
    assert numbers(session, 'agulha - "comissão de saúde"') == []
    assert numbers(session, '"saúde de comissão"') == []
    assert numbers(session, "agulha && palavra16379 -inexistente") == [made.id]


def test_a_phrase_of_a_word_that_stands_more_than_256_times_is_found(session: Session, archive: Archive) -> None:
    dossier = archive.dossier()
    made = archive.document(dossier, "de novo " * 600 + "de verdade")
    archive.document(dossier, "verdade de novo")
    assert numbers(session, '"de verdade"') == [made.id]
    assert numbers(session, '"novo de verdade" && novo') == [made.id]
    assert numbers(session, 'verdade - "de verdade"') != [made.id]


def test_an_enormous_text_is_found_by_its_words_too(
    session: Session, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_MOST_BYTES", 2_000)
    made = archive.document(archive.dossier(), long_text(300) + " agulha fina")
    assert session.scalar(text("SELECT extent FROM search_entry WHERE subject = :id"), {"id": made.id}) == 2
    for query in ("agulha", "palavra7 && agulha", '"agulha fina"', "agul*", "palavra0 -ausente", "palavra29?"):
        assert numbers(session, query) == [made.id]
    assert numbers(session, "palavra7 -agulha") == []


def test_a_wildcard_with_too_many_forms_says_so(
    session: Session, seed: dict[UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MOST_FORMS", 1)
    with pytest.raises(BadQuery, match="escreva mais letras"):
        queries.search(session, CLERK, "inform?")
    assert len(numbers(session, "inform*")) == 3  # a star at the end has no such limit


def test_a_slow_search_is_interrupted_with_what_to_do(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SearchTooSlow) as slow, plans.limits(session, 0.05):
        session.execute(text("SELECT pg_sleep(2)"))
    assert "Acrescente uma palavra com &&" in slow.value.message
    assert session.scalar(select(1)) == 1  # the caller's transaction goes on
    assert session.scalar(text("SHOW statement_timeout")) == "0"


def test_pages_follow_one_another_newest_first(
    session: Session, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = archive.dossier()
    made = [archive.document(dossier, f"folha {number}").id for number in range(45)][::-1]
    for few in (-1, 10**9):
        monkeypatch.setattr(plans, "FEW", few)
        monkeypatch.setattr(plans, "FEW_OF_ALL", -1)
        for query in ("folha", '"folha" -ausente', ""):
            pages, after = [], None
            for size in (20, 20, 5):
                results = queries.search(session, CLERK, query, DOCUMENTS_ONLY, after)
                assert len(results.items) == size
                pages += [item.document_id for item in results.items]
                after = results.after
            assert after is None
            assert pages == made


def test_a_walk_that_finds_little_asks_the_index(
    session: Session, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "FEW", -1)
    monkeypatch.setattr(plans, "FEW_OF_ALL", -1)
    monkeypatch.setattr(plans, "STEP", 3)
    monkeypatch.setattr(plans, "FARTHEST", 6)
    dossier = archive.dossier()
    old = archive.document(dossier, "agulha")
    for _ in range(12):
        archive.document(dossier, "palheiro")
    assert numbers(session, "agulha") == [old.id]
    assert len(numbers(session, "palheiro")) == 12


def test_the_dossier_itself_is_found_by_what_is_known_of_it(session: Session, archive: Archive) -> None:
    dossier: Dossier = archive.dossier(parties=("Maria da Conceição Abreu",), specification="Reforma do plenário")
    archive.document(dossier, "reforma do telhado")
    for query in ('"reforma do plenário"', "conceicao && plenário", dossier.number, '"tipo do teste" && abreu'):
        results = queries.search(session, CLERK, query)
        assert [(item.kind, item.dossier_id) for item in results.items] == [("dossier", dossier.id)]
