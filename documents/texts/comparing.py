"""Two versions side by side: what was taken out is <del>, what was put in is <ins>; words are compared inside blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from html.parser import HTMLParser
from uuid import UUID

from sqlalchemy.orm import Session

from documents.texts import versions

_SHOWN = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5"}
_BLOCKS = {"p", "h1", "h2", "h3", "h4", "li", "td", "th", "blockquote"}
_MOST_WORDS = 4000
"""Above it a changed block is shown as a whole: comparing grows with the square."""


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
    pieces: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += [_shown(block, _words(block.words)) for block in new[j1:j2]]
        else:
            pieces += _changed(old[i1:i2], new[j1:j2])
    return "\n".join(pieces)


def _changed(old: Sequence[Block], new: Sequence[Block]) -> Iterator[str]:
    """Blocks that differ, pairwise as far as both sides go."""
    for left, right in zip(old, new, strict=False):
        yield _shown(right, _inside(left.words, right.words))
    for block in old[len(new) :]:
        yield _shown(block, _mark("del", block.words))
    for block in new[len(old) :]:
        yield _shown(block, _mark("ins", block.words))


def _inside(old: Sequence[str], new: Sequence[str]) -> str:
    if max(len(old), len(new)) > _MOST_WORDS:
        return f"{_mark('del', old)} {_mark('ins', new)}"
    pieces = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(_words(new[j1:j2]))
        else:
            pieces += [_mark("del", old[i1:i2]), _mark("ins", new[j1:j2])]
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
