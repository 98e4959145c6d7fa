"""Two versions side by side: what was taken out is <del>, what was put in is <ins>; words are compared inside blocks."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from html.parser import HTMLParser
from uuid import UUID

from sqlalchemy.orm import Session

from documents.texts import versions

_SHOWN = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5"}
_BLOCKS = {"p", "h1", "h2", "h3", "h4", "li", "td", "th", "blockquote"}
_MOST_PAIRS = 2_000_000
"""Pairs of words or of blocks that one comparison looks at, in all: it grows with the square, and worse where the same
few words come again and again. What is beyond is shown as a whole, taken out and put in."""
_DENSEST = 20
"""Times that a word may come again, on average, and still be matched word by word."""


@dataclass(frozen=True)
class Block:
    """A paragraph, heading, item or cell, and its words."""

    tag: str
    words: tuple[str, ...]


def compare(session: Session, document_id: UUID, a: int, b: int) -> str:
    """What changed from version `a` to version `b` of a document, as safe HTML."""
    before, after = (versions.at(session, document_id, number).html for number in (a, b))
    return compared(before, after)


def compared(before: str, after: str) -> str:
    """The same of two clean texts. Every word is escaped: nothing of the texts is markup here."""
    old, new = _blocks(before), _blocks(after)
    budget = _Budget()
    pieces: list[str] = []
    for equal, i1, i2, j1, j2 in _stretches(old, new, budget):
        if equal:
            pieces += [_shown(block, _words(block.words)) for block in new[j1:j2]]
        else:
            pieces += _changed(old[i1:i2], new[j1:j2], budget)
    return "\n".join(pieces)


class _Budget:
    """What is left of the work that one comparison may do."""

    def __init__(self) -> None:
        self._left = _MOST_PAIRS

    def allows(self, old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
        """Whether these two may be matched; it is counted."""
        self._left -= len(old) * len(new)
        often = len(new) > _DENSEST * len(set(new))
        return self._left >= 0 and not (often and len(old) * len(new) > _MOST_PAIRS // 100)


def _stretches(
    old: Sequence[Hashable], new: Sequence[Hashable], budget: _Budget
) -> Iterator[tuple[bool, int, int, int, int]]:
    """Whether equal, and where in both: the common beginning and end first, then what can be matched between them."""
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    begin = min(len(old), len(new)) if same is None else same
    tail = zip(reversed(old[begin:]), reversed(new[begin:]), strict=False)
    end = next((at for at, (one, other) in enumerate(tail) if one != other), min(len(old), len(new)) - begin)
    old_end, new_end = len(old) - end, len(new) - end
    if begin:
        yield True, 0, begin, 0, begin
    inner = old[begin:old_end], new[begin:new_end]
    if (inner[0] or inner[1]) and budget.allows(*inner):
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, *inner, autojunk=False).get_opcodes():
            yield tag == "equal", begin + i1, begin + i2, begin + j1, begin + j2
    elif inner[0] or inner[1]:
        yield False, begin, old_end, begin, new_end
    if end:
        yield True, old_end, len(old), new_end, len(new)


def _changed(old: Sequence[Block], new: Sequence[Block], budget: _Budget) -> Iterator[str]:
    """Blocks that differ, pairwise as far as both sides go."""
    for left, right in zip(old, new, strict=False):
        yield _shown(right, _inside(left.words, right.words, budget))
    for block in old[len(new) :]:
        yield _shown(block, _mark("del", block.words))
    for block in new[len(old) :]:
        yield _shown(block, _mark("ins", block.words))


def _inside(old: Sequence[str], new: Sequence[str], budget: _Budget) -> str:
    pieces = []
    for equal, i1, i2, j1, j2 in _stretches(old, new, budget):
        pieces += [_words(new[j1:j2])] if equal else [_mark("del", old[i1:i2]), _mark("ins", new[j1:j2])]
    return " ".join(piece for piece in pieces if piece)


def _shown(block: Block, inner: str) -> str:
    tag = _SHOWN.get(block.tag, "p")
    return f"<{tag}>{inner}</{tag}>"


def _mark(tag: str, words: Sequence[str]) -> str:
    return f"<{tag}>{_words(words)}</{tag}>" if words else ""


def _words(words: Sequence[str]) -> str:
    return escape(" ".join(words))


def _blocks(html: str) -> list[Block]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open = ["p"]
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.end()
            self._open.append(tag)
        elif tag == "br":
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end()
            if len(self._open) > 1:
                self._open.pop()

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def end(self) -> None:
        """Close the block at hand; a paragraph in an item or cell is that item or cell."""
        words = tuple("".join(self._text).split())
        self._text.clear()
        if words:
            outer = [tag for tag in self._open if tag != "p"]
            self.blocks.append(Block(outer[-1] if outer else "p", words))
