"""Documents over HTTP: saved, compared, restored; hostile and long texts."""

from __future__ import annotations

import pytest

from tests.webapp import processo_people as house
from tests.webapp.documentos_desk import HX, Desk, desk, html_of, row, save
from tests.webapp.signing import installation

__all__ = ["desk", "installation"]
pytestmark = pytest.mark.slow


def test_saving_makes_a_version_and_the_same_text_none(desk: Desk) -> None:
    document = desk.written()
    answer = save(desk, document, "<p>Arquive-se já.</p>", 1)
    assert answer.get_json() == {"version": 2, "conflict": False, "message": ""}
    assert save(desk, document, "<p>Arquive-se já.</p>", 2).get_json()["version"] == 2
    assert desk.post(f"/documento/{document}/salvar", html="<p>x</p>").status_code == 422


def test_two_people_at_once_lose_nothing(desk: Desk) -> None:
    document = desk.written()
    caio, token = desk.at(house.CAIO)
    assert save(desk, document, "<p>De Caio.</p>", 1, caio, token).get_json()["version"] == 2
    told = save(desk, document, "<p>De Ana.</p>", 1).get_json()
    assert told["conflict"] is True
    assert told["other"]["version"] == 2
    assert "caio" in told["other"]["author"]
    assert "De Caio." in desk.ana.get(told["other"]["url"], headers=HX).text
    assert "De Ana." in desk.ana.get(told["mine_url"], headers=HX).text
    assert "Caio" in desk.ana.get(told["compare_url"], headers=HX).text
    assert html_of(document, 2) == "<p>De Caio.</p>"
    assert html_of(document, 3) == "<p>De Ana.</p>"


def test_versions_are_listed_compared_in_words_and_restored(desk: Desk) -> None:
    document = desk.written("<h2>Decisão</h2><p>Arquive-se hoje.</p>")
    save(desk, document, "<h2>Decisão</h2><p>Arquive-se amanhã.</p>", 1)
    page = desk.ana.get(f"/documento/{document}/versoes").text
    assert "Versão 1" in page
    compared = desk.ana.get(f"/documento/{document}/comparar?de=1&para=2").text
    assert '<del><span class="visually-hidden">[retirado: </span>hoje.' in compared
    assert '<ins><span class="visually-hidden">[incluído: </span>amanhã.' in compared
    assert desk.ana.get(f"/documento/{document}/comparar?de=1").status_code == 404
    assert desk.ana.get(f"/documento/{document}/comparar?de=1&para=9").status_code == 404
    assert "hoje." in desk.ana.get(f"/documento/{document}/versoes/1").text
    assert desk.post(f"/documento/{document}/versoes/1/restaurar").status_code == 303
    assert (row(document).version, html_of(document, 3)) == (3, "<h2>Decisão</h2><p>Arquive-se hoje.</p>")


def test_the_text_follows_the_headings_of_the_page(desk: Desk) -> None:
    document = desk.written(
        '<h1 class="align-center">Ata</h1><h2>Abertura</h2><table><tbody><tr><td>a</td></tr></tbody></table>'
    )
    part = desk.ana.get(f"/documento/{document}/ver").text
    assert '<h3 class="t1 align-center">Ata</h3><h4 class="t2">Abertura</h4>' in part
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Tabela"><table>' in part


HOSTILE = (
    "<script>fetch('/sair')</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
    "<p style='background:url(https://mau.example/x)'>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<img src='https://mau.example/espiao.png'>",
    "<form action='https://mau.example'><button formaction='javascript:alert(1)'>x</button></form>",
)


def test_hostile_html_is_harmless_once_saved(desk: Desk) -> None:
    document = house.document(desk.dossier)
    for version, hostile in enumerate(HOSTILE):
        assert save(desk, document, f"<p>antes {version}</p>{hostile}<p>depois</p>", version).status_code == 200
        kept = html_of(document, version + 1)
        assert "antes" in kept
        for word in (
            "<script",
            "onerror",
            "onload",
            "javascript:",
            "mau.example",
            "<svg",
            "<iframe",
            "style=",
            "<form",
        ):
            assert word not in kept
    assert "mau.example" not in desk.ana.get(f"/documento/{document}").text


def test_a_long_text_is_taken_whole(desk: Desk) -> None:
    document = house.document(desk.dossier)
    long = "<p>" + "ação " * 200_000 + "</p>"
    assert save(desk, document, long, 0).status_code == 200
    assert len(html_of(document, 1)) > 900_000
