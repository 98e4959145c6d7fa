"""Small inputs that must not take long: the time grows with the input, not with its square or its powers."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from documents.search.language import matches, parse
from documents.search.snippets import snippet
from documents.texts import sanitising
from documents.texts.comparing import compared
from documents.texts.sanitising import sanitise
from integrations.mailbox_reader import read
from workflow.errors import InvalidInput

SECONDS = 4.0
"""Of the processor, on a machine that runs two suites; what is attacked here took minutes."""
HEADERS = b"From: a@camara.mg.gov.br\r\nTo: ceac@almg.test\r\nMessage-ID: <1@x>\r\n"


def quick(work: Callable[[], object]) -> object:
    """Its answer, which does not take long."""
    began = time.process_time()
    answer = work()
    assert time.process_time() - began < SECONDS
    return answer


@pytest.mark.parametrize(
    "opening", ["<blockquote>", "<p><strong>", "<table><tr><td>", "<svg><p>", "<a href='https://x'>"]
)
def test_elements_that_never_close_are_refused_before_they_are_parsed(opening: str) -> None:
    html = opening * (sanitising.MAX_CHARACTERS // len(opening))
    with pytest.raises(InvalidInput):
        quick(lambda: sanitise(html))


@pytest.mark.parametrize("signs", ["&", "&a", "&#x", "&amp;", "&lt;"])
def test_a_text_of_nothing_but_signs_is_refused(signs: str) -> None:
    html = signs * (sanitising.MAX_CHARACTERS // len(signs))
    with pytest.raises(InvalidInput):
        quick(lambda: sanitise(html))


def test_entities_become_their_letters_and_never_markup() -> None:
    assert sanitise("<p>S&atilde;o&nbsp;Jo&#227;o &#60;script&#62; &lt;b&gt; &amp;lt; a & b</p>") == (
        "<p>São&nbsp;João &lt;script&gt; &lt;b&gt; &amp;lt; a &amp; b</p>"
    )
    assert "<script" not in sanitise("&#60;script&#62;alert(1)&#60;/script&#62;")


def test_comparing_texts_of_few_words_that_come_again_and_again() -> None:
    one = " ".join("ab"[(i * 7919 >> 3) & 1] for i in range(8_000))
    other = " ".join("ab"[(i * 104729 >> 4) & 1] for i in range(8_000))
    assert "<del>" in str(quick(lambda: compared(f"<p>{one}</p>", f"<p>{other}</p>")))
    blocks = "".join(f"<p>{word}</p>" for word in one.split()), "".join(f"<p>{word}</p>" for word in other.split())
    assert "<del>" in str(quick(lambda: compared(*blocks)))


def test_one_word_changed_in_a_long_paragraph_is_still_shown_alone() -> None:
    words = [f"palavra{i % 50}" for i in range(6_000)]
    changed = [*words[:3_000], "outra", *words[3_001:]]
    shown = compared(f"<p>{' '.join(words)}</p>", f"<p>{' '.join(changed)}</p>")
    assert shown.count("<del>") == shown.count("<ins>") == 1
    assert "<ins>outra</ins>" in shown


@pytest.mark.parametrize("wild", ["a" + "*a" * 12 + "z", "i" + "*?" * 13 + "z", "a" + "*" * 200 + "z"])
def test_wildcards_do_not_multiply(wild: str) -> None:
    query = parse(wild)
    body = f"{'a' * 200} inconstitucionalissimamente {'i' * 200}"
    quick(lambda: snippet(query, body))
    assert not quick(lambda: matches(query, body))


@pytest.mark.parametrize(
    ("wild", "word", "found"),
    [("a*b*c", "aXbXbc", True), ("a*b*c", "acb", False), ("a*?c", "ac", False), ("a*?c", "abbc", True),
     ("a?b*", "a1b", True), ("ab*ab", "ab", False), ("ab*ab", "abab", True), ("a*b?c*", "a1b2b3c9", True)],
)  # fmt: skip
def test_wildcards_mean_what_they_meant(wild: str, word: str, found: bool) -> None:
    assert matches(parse(wild), word) is found


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: text/plain; " + b"a=b; " * 20_000,
        b"Content-Type: text/plain; " + b"".join(b"n*%d*=a; " % i for i in range(10_000)),
        b"Cc: " + b"a@b.cc, " * 12_500,
        b"Reply-To: " + b"a." * 50_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 7_000,
    ],
    ids=["parameters", "pieces", "addresses", "dots", "words"],
)
def test_a_message_with_an_enormous_header_is_read_at_once(header: bytes) -> None:
    assert read(HEADERS + header[:200] + b"\r\n\r\nola").message_id == "<1@x>"
    quick(lambda: read(HEADERS + header + b"\r\n\r\nola"))
