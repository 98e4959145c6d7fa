"""HTML from people becomes HTML of ours: a closed list of elements, attributes and classes (OWASP XSS prevention).

Whatever is not on the list goes; the words stay, except those of script and style. Layout is by class, never by style.
Pictures are no part of a text: they come in as external documents, with their own checks.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import nh3

from workflow.errors import InvalidInput

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 50
MAX_SPAN = 100
MAX_OPEN = 1_000
"""Elements open at once before cleaning: the parser's time grows with the square of it, and no editor comes near."""
MAX_SIGNS = 20_000
"""Entities that stay entities: in one stretch of text the parser's time grows with the square of them."""
_TOO_DEEP = "O texto tem listas ou tabelas demais umas dentro das outras. Simplifique-o."

CLASSES = frozenset(
    {
        *(f"align-{side}" for side in ("left", "center", "right", "justify")),
        *(f"indent-{step}" for step in range(1, 7)),
        *(f"width-{percent}" for percent in range(5, 101, 5)),
        *("first-line", "numbered", "keep-together", "page-break", "small", "borderless"),
    }
)
"""The classes that a text may carry; documents/kinds/documento_interno/style.css gives each its look."""

_BLOCKS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "li",
    "td",
    "th",
    "blockquote",
    "hr",
    "br",
    "tr",
    "table",
    "ul",
    "ol",
    "caption",
}
_INLINE = {"strong", "em", "u", "s", "sub", "sup", "span", "a"}
TAGS = _BLOCKS | _INLINE | {"thead", "tbody", "tfoot", "colgroup", "col"}
_ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
    "col": {"span"},
}
_CLASSED = ("p", "h1", "h2", "h3", "h4", "span", "td", "th", "table", "li", "ul", "ol", "blockquote", "col", "hr")
_SYNONYMS = re.compile(r"<(/?)(b|i|del|strike|ins)(?=[\s>/])", re.IGNORECASE)
_CLOSING = re.compile(r"(</(?:div|section|article|header|footer|main|h5|h6|dt|dd|pre|figure)\s*>)", re.IGNORECASE)
_SAME = {"b": "strong", "i": "em", "del": "s", "strike": "s", "ins": "u"}
_VOID = {"br", "hr", "col"}
_ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,8}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-z][^\s/>]*)", re.IGNORECASE)
_ENDS_ITSELF = _VOID | {
    *("area", "base", "embed", "img", "input", "link", "meta", "source", "track", "wbr"),
    *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "caption", "option"),
}
"""Void, or closed by the next of its kind (HTML, 13.1.2): left open they do not nest."""
_HREF = re.compile(r"(https://[^\s]+|mailto:[^\s]+)", re.IGNORECASE)


def sanitise(html: str) -> str:
    """The clean form of `html`; InvalidInput when it is too long or nested too deep. Cleaning twice changes nothing."""
    if len(html) > MAX_CHARACTERS:
        raise InvalidInput(
            {"html": f"O texto passa de {MAX_CHARACTERS:,} caracteres. Divida o documento.".replace(",", ".")}
        )
    same = _SYNONYMS.sub(lambda found: f"<{found[1]}{_SAME[found[2].lower()]}", html.replace("\x00", ""))
    same = _ENTITY.sub(_letter, same)
    if same.count("&") > MAX_SIGNS:
        raise InvalidInput({"html": "O texto tem sinais “&” demais. Divida o documento."})
    if _open(same) > MAX_OPEN:
        raise InvalidInput({"html": _TOO_DEEP})
    same = _CLOSING.sub(r"\1<br>", same)  # these elements go, their ends stay apart
    clean: str = nh3.clean(
        same,
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "svg", "math", "iframe", "object", "template", "noscript"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        allowed_classes={tag: set(CLASSES) for tag in _CLASSED},
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    clean = clean.replace(' class=""', "")
    if _depth(clean) > MAX_DEPTH:
        raise InvalidInput({"html": _TOO_DEEP})
    return clean


def plain(html: str) -> str:
    """The words of a text, one block a line: what the search finds and what versions are compared by."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """Spans and numbers within reason (a `colspan` of a billion is a denial of service), links to what is meant."""
    if name in ("colspan", "rowspan", "span", "start"):
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit()):
            return None
        return str(max(1, min(int(digits[:6]), MAX_SPAN if name != "start" else 9999)))
    if name == "scope":
        return value if value in ("row", "col", "rowgroup", "colgroup") else None
    if name == "type":
        return value if value in ("1", "a", "A", "i", "I") else None
    if name == "href":
        return value.strip() if _HREF.fullmatch(unescape(value).strip()) and len(value) <= 2000 else None
    return value


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data.replace("\n", " "))


def _letter(entity: re.Match[str]) -> str:
    """The letter that an entity stands for; those that have a meaning in HTML stay as they are."""
    letter = unescape(entity[0])
    return entity[0] if set(letter) & set("<>&\"'`=\x00") or (not letter.isprintable() and letter != "\xa0") else letter


def _open(html: str) -> int:
    """How many elements are open at once, at most, as they are written; in linear time."""
    held: dict[str, int] = {}
    deepest = now = 0
    for closing, tag in _TAG.findall(html):
        name = tag.lower()
        if name in _ENDS_ITSELF:
            continue
        if not closing:
            held[name] = held.get(name, 0) + 1
            now += 1
        elif held.get(name):
            held[name] -= 1
            now -= 1
        deepest = max(deepest, now)
    return deepest


def _depth(clean: str) -> int:
    """How deep elements are nested; layout recurses as deep."""
    deepest = now = 0
    for closing, tag in re.findall(r"<(/?)([a-z0-9]+)", clean):
        if tag in _VOID:
            continue
        now += -1 if closing else 1
        deepest = max(deepest, now)
    return deepest
