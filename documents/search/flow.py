"""A text as the sequence of its frequent words, each one a single character: so a frequent phrase is tested in the row itself.

The index finds the rows where the pairs of a phrase stand, but only positions say that they stand together, and the
positions of a row's words rest outside of it: reading them for 200,000 rows takes a second and a half. Of the words of
frequent.txt a row keeps the sequence, some 200 bytes, in which a phrase of such words is looked for as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_OTHERS = " "
_ALPHABET = [chr(code) for code in (*range(0x21, 0x5C), *range(0x5D, 0x7F), *range(0x100, 0x800))]
"""One byte in UTF-8 for the first 93 words (no backslash, which COPY would read), two for the 1,792 that may follow."""


def _signs() -> Mapping[str, str]:
    """By its place in the list, to which words may only be added at the end: rows keep these signs."""
    words = (Path(__file__).parent / "frequent.txt").read_text("ascii").split()
    return dict(zip(words, _ALPHABET, strict=False))


SIGNS = _signs()


def flow(words: Sequence[str]) -> str:
    """The signs of a text's folded words in their order; a space for one or several that are not frequent."""
    return re.sub("  +", _OTHERS, "".join([SIGNS.get(word, _OTHERS) for word in words]))


def phrase_flow(words: Sequence[str]) -> str | None:
    """What a text's flow holds exactly when the text has these words in sequence; None when one is not frequent."""
    found = [SIGNS.get(word) for word in words]
    return None if None in found else "".join(sign for sign in found if sign)
