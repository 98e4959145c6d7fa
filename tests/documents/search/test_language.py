"""The query language: all 38 queries of the rules on the reference matcher, and what the decisions add."""

from __future__ import annotations

import pytest

from documents.search import language
from documents.search.language import BadQuery, Query, Term, matches, parse
from tests.documents.search.queries_of_the_rules import DOCUMENTS, MORE, QUERIES, REFUSED


def found(query: str) -> str:
    parsed = parse(query)
    return " ".join(name for name, text in DOCUMENTS.items() if matches(parsed, text))


@pytest.mark.parametrize(("row", "query", "expected"), QUERIES)
def test_row(row: int, query: str, expected: str) -> None:
    assert found(query) == expected


@pytest.mark.parametrize(("row", "query"), REFUSED)
def test_row_refused(row: int, query: str) -> None:
    with pytest.raises(BadQuery) as refused:
        parse(query)
    sentence = language.ONLY_EXCLUSIONS if row == 35 else "Não use como primeiro caractere"
    assert sentence in refused.value.message
    assert refused.value.code == "pesquisa"
    assert refused.value.fields == {"q": refused.value.message}


@pytest.mark.parametrize(("query", "expected"), MORE)
def test_more(query: str, expected: str) -> None:
    assert found(query) == expected


def test_l_missing_quote_gives_a_notice() -> None:
    assert parse('"reunião especial').notice == language.UNCLOSED
    assert parse('"reunião especial"').notice == ""


def test_the_full_list_because_of_punctuation_is_told() -> None:
    assert parse("( && )") == Query(notice=language.NOTHING)
    assert parse("   ") == Query()


def test_c_and_binds_tighter_than_the_space() -> None:
    a, b, c, d = (Term((word,)) for word in "abcd")
    assert parse("a b && c -d").alternatives == ((a,), (b, c))
    assert parse("a b && c -d").excluded == (d,)


@pytest.mark.parametrize("query", ["auxílio-*", "saúde ?", "a && *b", "-*b c", "(saúde)*"])
def test_i_no_word_begins_with_a_wildcard(query: str) -> None:
    with pytest.raises(BadQuery):
        parse(query)


def test_limits_are_told() -> None:
    with pytest.raises(BadQuery, match="500 caracteres"):
        parse("a" * 501)
    with pytest.raises(BadQuery, match="40 termos"):
        parse("a " * 41)
    with pytest.raises(BadQuery, match="60 palavras"):
        parse('"' + "a " * 61 + '"')


def test_b_words_are_letters_and_digits_whatever_their_accents_are_made_of() -> None:
    assert matches(parse("saúde"), "a sau\u0301de")
    assert matches(parse("sau\u0301de"), "SAÚDE")
    assert matches(parse("comissao"), "comis\u00adsão")
    assert matches(parse('"Lei nº 14.063/2020"'), "a LEI Nº 14 063 2020")
    assert not matches(parse("lei_x"), "lei x y"[:3] + " y x")
