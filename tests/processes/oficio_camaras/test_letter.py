"""The letter: the seed's text as the seed has it, the MRPR's form, merge fields, what is printed of a câmara."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import kinds
from documents.fields import written
from documents.rendering import Page, render_html, render_pdf
from documents.sealing import PadesSealer
from documents.texts.sanitising import plain
from documents.verification import verify_seal
from processes.oficio_camaras import camaras, letter
from processes.oficio_camaras.models import Camara, Campaign
from tests.documents.test_declaracao_text import text_of
from workflow.errors import InvalidInput

KINDS = (
    "oficio_almg",
    "oficio_almg_recibo",
    "oficio_mrpr3",
    "oficio_mrpr3_recibo",
    "oficio_passo_a_passo",
    "oficio_relatorio",
)


def page_of(kind: str, **changes: str) -> Page:
    declared = kinds.get(kind)
    sample = declared.sample()
    texts = written(declared, {**sample["fields"], **changes})
    instant = datetime.fromisoformat(sample["issued_at"])
    return Page(kind, texts, sample["code"], f"{sample['validation_base_url']}/{sample['token']}", instant)


@pytest.mark.parametrize("kind", KINDS)
def test_LA1_golden_html(kind: str) -> None:
    assert render_html(page_of(kind)) + "\n" == (kinds.FOLDER / kind / "golden.html").read_text("utf-8")


def test_LA1_the_seeds_letter_in_its_order(tmp_path: Path) -> None:
    html = render_html(page_of("oficio_almg"))
    words = plain(html)
    order = [
        "Of. 002/2018/GRPC/GRI", "Belo Horizonte, 14 de dezembro de 2018.", "Excelentíssimo(a) Senhor(a) Presidente:",
        "Com o intuito de estreitar", "Na expectativa de podermos", "Nossos contatos:",
        "Rua Martim de Carvalho, 94 – 8.º andar", "Atenciosamente,", "Equipe do Centro de Apoio às Câmaras",
        "Ceac – Gerência de Relações Institucionais",
    ]  # fmt: skip
    main = words[words.index("Excelentíssimo") - 200 :]
    places = [main.index(piece) for piece in order[1:]]
    assert places == sorted(places)
    assert html.count("<p>", html.index('class="texto"'), html.index('class="contatos"')) == 6
    assert "Fax: (31) 2108-7308" in words  # EM9: text of the old footer, nothing more


def test_OF6_both_numbers_at_the_foot() -> None:
    foot = re.search(r'<p class="folha">(.*?)</p>', render_html(page_of("oficio_almg")))
    assert foot is not None
    assert "Of. 002/2018/GRPC/GRI" in foot[1]
    assert "0100.07.0000002/2018-90" in foot[1]


def test_LA2_the_mrpr_has_addressee_subject_and_comma() -> None:
    html = render_html(page_of("oficio_mrpr3"))
    for piece in ("OFÍCIO Nº 2/2018/GRI/GRPC/ALMG", "Assunto: Declaração", "Senhor(a) Presidente,", "Betim/MG"):
        assert piece in html


@pytest.mark.slow
def test_LA6_ST3_the_stamped_copy_is_accessible_and_stamped_on_every_sheet(sealer: PadesSealer, tmp_path: Path) -> None:
    pdf = sealer.seal(render_pdf(page_of("oficio_almg_recibo")))
    assert verify_seal(pdf, sealer.roots).ok
    for mark in (b"pdfuaid", b"/MarkInfo", b"/Lang"):
        assert mark in pdf
    text = text_of(pdf, tmp_path)
    for sheet in ("1/2", "2/2"):
        assert f"RECEBIDO 18/01/2019 10:01 092 {sheet}" in text
    assert (
        "Cópia com carimbo de recebimento, em cada folha: CÂMARA MUNICIPAL DE BETIM RECEBIDO 18/01/2019 10:01 092."
        in text
    )


def test_a_text_never_brings_script_or_pictures() -> None:
    html = render_html(page_of("oficio_almg", body='<p>Texto<script>x</script><img src="file:///etc/passwd"></p>'))
    body = html[html.index('class="texto"') : html.index('class="contatos"')]
    assert "script" not in body
    assert "img" not in body


def test_merge_fields_that_do_not_resolve_are_named() -> None:
    assert letter.unresolved("<p>«camara.nome» e «camara.prefeito»</p>", "almg_seed") == ("camara.prefeito",)
    assert letter.unresolved("<p>«camara.nome»</p>", "almg_seed") == ()


def test_LA7_no_exemplar_prints_another_camaras_data(db: Session) -> None:
    """All 853: the merged letter names its own município, and of the others only names that are part of its own text."""
    rows: Sequence[Camara] = db.scalars(select(Camara).order_by(Camara.ibge)).all()
    for number, camara in enumerate(rows):
        camara.president, camara.president_gender = f"Presidente Número{number:03d} Silva", "FM"[number % 2]
    campaign = Campaign(
        template="almg_seed", body="<p>À «camara.nome», de «camara.municipio», a «camara.presidente».</p>"
    )
    assert len(rows) == 853
    for number, camara in enumerate(rows):
        fields = letter.own(campaign, letter.values_of("almg_seed", camara), number + 1, len(rows))
        assert fields["name"] == f"Câmara Municipal de {camara.name}"
        assert f"Presidente Número{number:03d} Silva:" in str(fields["vocative"])
        expected = f"À Câmara Municipal de {camara.name}, de {camara.name}, a Presidente Número{number:03d} Silva."
        assert plain(str(fields["body"])) == expected
        assert fields["exemplar"] == f"Exemplar {number + 1} de 853"


def test_EM1_852_or_twice_is_an_error(db: Session) -> None:
    rows = camaras.read_csv(camaras.DATA.read_text("utf-8"))
    with pytest.raises(InvalidInput) as fewer:
        camaras.import_camaras(db, rows[1:])
    assert "852" in fewer.value.fields["arquivo"]
    with pytest.raises(InvalidInput) as twice:
        camaras.import_camaras(db, [*rows[1:], rows[1]])
    assert rows[1].ibge in twice.value.fields["arquivo"]
    assert camaras.import_camaras(db, rows) == 853


def test_EM1_importing_again_keeps_what_people_wrote(db: Session) -> None:
    camara = db.get_one(Camara, "3106705")
    camara.president = "Ana Prado"
    db.flush()
    camaras.import_camaras(db)
    db.refresh(camara)
    assert (camara.president, camara.email) == ("Ana Prado", "camara.3106705@municipio.example")


def test_EM2_bonfim_resolves_by_code() -> None:
    found = [row for row in camaras.read_csv(camaras.DATA.read_text("utf-8")) if row.name == "Bonfim"]
    assert [row.ibge for row in found] == ["3108107"]
