"""The frequent words of a text as signs."""

from __future__ import annotations

from hashlib import sha256

from documents.search.flow import SIGNS, flow, phrase_flow
from documents.search.words import fold

FIRST_LIST = 1_442


def test_words_are_only_ever_added_at_the_end() -> None:
    words = list(SIGNS)
    assert sha256(" ".join(words[:FIRST_LIST]).encode()).hexdigest()[:16] == "99b9d5ba05e66cb1"
    assert words == [fold(word) for word in words]
    assert max(map(ord, SIGNS.values())) <= 0x7FF  # two bytes at most
    assert len(set(SIGNS.values())) == len(SIGNS) >= FIRST_LIST
    assert not set(SIGNS.values()) & {" ", "\\"}
    assert (SIGNS["de"], SIGNS["a"]) == ("!", '"')


def signs(*words: str) -> str:
    found = phrase_flow(words)
    assert found is not None
    return found


def test_a_phrase_of_frequent_words_is_in_the_flow_exactly_when_the_words_stand_together() -> None:
    text = flow(["agulha", "o", "projeto", "de", "lei", "da", "camara", "xilofone", "agulha", "de", "lei"])
    assert signs("projeto", "de", "lei") in text
    assert signs("lei", "da", "camara") in text
    assert signs("camara", "de") not in text  # other words stand between
    assert signs("projeto", "lei") not in text
    assert phrase_flow(("projeto", "de", "agulha")) is None
    assert text.count(" ") == 2
