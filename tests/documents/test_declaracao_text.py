"""The wording of the declaração, letter by letter (DE1; Deliberação 2.716/2019, Anexo)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from documents.assets import EMBLEM
from documents.kinds import FOLDER, get, keys
from documents.rendering import render_html
from tests.documents.conftest import KIND, page_for

LETTERHEAD = "Assembleia Legislativa do Estado de Minas Gerais"
ANEXO = """DECLARAÇÃO DE COMPARECIMENTO

Declaramos, para os devidos fins, que {name}, inscrito no CPF sob o nº {cpf}, compareceu à Assembleia Legislativa do \
Estado de Minas Gerais em {date}.

Para verificar a autenticidade deste documento, acesse http://www.almg.gov.br/validaDocumento e insira o código {code} \
(código de validação).

Ou, se preferir, faça a leitura do QR Code abaixo, para acessar uma cópia desta declaração.

Em caso de dúvidas, entre em contato com o CAC pelo telefone (31) 2108-7800.

Este documento foi gerado em {issued_date}, às {issued_time} min."""
SAMPLE = {
    "name": "Maria Aparecida da Conceição Guimarães",
    "cpf": "529.982.247-25",
    "date": "24/11/2026",
    "code": "7K3M-Q2XA-9TZ4-HB6W",
    "issued_date": "24/11/2026",
    "issued_time": "14h05",
}
BLANKS = {
    "name": "_" * 37,
    "cpf": "_" * 21,
    "date": "_____/_____/_____",
    "code": "_" * 25,
    "issued_date": "_____/_____/_______",
    "issued_time": "_____h_____",
}


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """The text that a reader extracts, spaces made one."""
    path = tmp_path / "lido.pdf"
    path.write_bytes(pdf)
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", str(path), "-"], capture_output=True, check=True, timeout=20)
    return " ".join(out.stdout.decode().split())


def test_DE1_wording_is_the_anexo_of_the_deliberacao() -> None:
    folder = Path(os.environ.get("CARIMBO_SEEDS") or Path(__file__).parents[3] / "shared" / "seeds")
    norm = folder / "deliberacao-2716-2019-controle-de-acesso.txt"
    if not norm.exists():
        pytest.skip(
            "the text of the Deliberação is not here (CARIMBO_SEEDS): the copy of its Anexo above is not compared"
        )
    annex = " ".join(norm.read_text("utf-8").split("\nANEXO\n")[1].split("=====")[0].split())
    assert " ".join(ANEXO.format(**BLANKS).split()) in annex


def test_DE1_golden_html() -> None:
    golden = (FOLDER / KIND / "golden.html").read_text("utf-8")
    assert render_html(page_for()) + "\n" == golden


def test_DE1_pdf_reads_back_with_exactly_the_anexo(sealed_pdf: bytes, tmp_path: Path) -> None:
    assert text_of(sealed_pdf, tmp_path) == f"{LETTERHEAD} " + " ".join(ANEXO.format(**SAMPLE).split())


def test_DE1_inscrito_is_not_inflected() -> None:
    assert "inscrito no CPF" in get(KIND).template
    assert "inscrita" not in get(KIND).template


def test_D7_no_signature_line_and_no_gate_data_in_the_model() -> None:
    words = re.sub(r"<[^>]*>", " ", get(KIND).template).lower()
    assert not {"finalidade", "motivo", "destino", "visitado", "assinatura", "____"} & set(words.split())


def test_every_kind_has_its_whole_folder() -> None:
    for key in keys():
        names = {path.name for path in (FOLDER / key).iterdir()}
        own = {"kind.toml", "sample.json", "golden.html"}
        based = 'base = "' in (FOLDER / key / "kind.toml").read_text("utf-8")
        assert own | (set() if based else {"template.html", "style.css"}) <= names
        assert get(key).retention_years >= 1
    assert "<title>" in EMBLEM.read_text("utf-8")
