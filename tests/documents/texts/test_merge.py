"""Fields of a text are substituted, and nothing else: no model runs anything."""

from __future__ import annotations

import time
from datetime import date

import pytest

from documents.texts.merge import fill, in_words, missing, unresolved


def test_known_fields_are_filled_and_the_others_named() -> None:
    filled = fill(
        "<p>«processo.numero» de « unidade.nome » a «camara.nome»</p>", {"processo.numero": "1", "unidade.nome": "GRI"}
    )
    assert filled.html == "<p>1 de GRI a «camara.nome»</p>"
    assert filled.unresolved == ("camara.nome",)


def test_a_value_is_escaped_and_never_looked_at_again() -> None:
    filled = fill("<p>«a»</p>", {"a": "<script>x</script> «b»", "b": "não"})
    assert filled.html == "<p>&lt;script&gt;x&lt;/script&gt; «b»</p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ open('/etc/passwd').read() }}",
        "{% for a in range(10**9) %}{% for b in range(10**9) %}x{% endfor %}{% endfor %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{% include '/etc/passwd' %}",
        "«processo.__class__.__init__.__globals__»",
        "«a.b»" * 20_000,
        "${7*7} <%= 7*7 %> #{7*7}",
    ],
)
def test_a_model_that_tries_to_read_files_or_loop_for_ever_is_only_text(hostile: str) -> None:
    start = time.perf_counter()
    assert fill(f"<p>{hostile}</p>", {"processo.numero": "1"}).html == f"<p>{hostile}</p>"
    assert time.perf_counter() - start < 1


def test_a_field_split_by_markup_is_still_found() -> None:
    assert unresolved("<p>«<strong>camara</strong>.nome»</p>") == ("camara.nome",)


def test_fields_of_the_signature_do_not_count_as_missing() -> None:
    assert missing("<p>«documento.numero», «data.extenso», «outro»</p>", "despacho") == ("outro",)


def test_LA2_the_first_of_a_month_is_an_ordinal() -> None:
    assert in_words(date(2018, 12, 14)) == "14 de dezembro de 2018"
    assert in_words(date(2027, 3, 1)) == "1º de março de 2027"
