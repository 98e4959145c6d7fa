"""Pictures that are no pictures of one face, at the desk over HTTP: refused in words, nothing kept, the desk goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.integrations.test_faces_pictures import png_header, webp_header
from tests.resilience.house import House
from tests.resilience.test_at_once import answer
from webapp.cli.visit import Visit

pytestmark = pytest.mark.slow


def plain() -> bytes:
    """A wall: a picture that is one, and nobody in it."""
    return encoded(Image.linear_gradient("L").resize((640, 480)).convert("RGB"))


def encoded(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def nine(faces: Path) -> bytes:
    """Nine people in one picture, three by three."""
    sheet = Image.new("RGB", (3 * 400, 3 * 400), "white")
    for place, folder in enumerate(sorted((faces / "known").iterdir())[:9]):
        with Image.open(folder / "1.jpg") as one:
            sheet.paste(one.convert("RGB").resize((400, 400)), (place % 3 * 400, place // 3 * 400))
    return encoded(sheet)


HOSTILE: list[tuple[str, Callable[[Path], bytes], int, str]] = [
    ("image bomb, PNG", lambda _: png_header(30_000, 30_000, b"\0" * 9_000_000), 422, "bomba"),
    ("image bomb, WebP", lambda _: webp_header(16_383, 16_383), 422, "bomba"),
    ("PDF called .jpg", lambda _: b"%PDF-1.7\n1 0 obj\n", 422, "pdf"),
    ("50 MB picture", lambda _: plain() + b"\0" * 50_000_000, 413, ""),
    ("no face", lambda _: plain(), 422, "sem_rosto"),
    ("nine faces", nine, 422, "varios_rostos"),
]


def upload(visit: Visit, path: str, content: bytes) -> tuple[int, str, str]:
    """Status, code and words."""
    got = visit._http.post(
        visit._address(path), data={"csrf_token": visit._token}, files={"foto": ("rosto.jpg", content, "image/jpeg")},
        headers={"Accept": "application/json"}, timeout=60,
    )  # fmt: skip
    if "json" not in got.headers["Content-Type"]:
        return got.status_code, "", got.text
    return got.status_code, got.json().get("code", ""), got.json()["message"]


def test_hostile_pictures_are_refused_in_words_and_kept_nowhere(house: House, faces_folder: Path) -> None:
    visit = house.staff("atendente")
    visit.get("/atendimento/")
    draft = visit.ask("/atendimento/cadastros")
    for name, content, status, code in HOSTILE:
        found = upload(visit, draft["face_url"], content(faces_folder))
        assert found[:2] == (status, code), name
        assert "Traceback" not in found[2]
    for name, content, status, _ in HOSTILE[:4]:
        assert upload(visit, draft["document_url"], content(faces_folder))[0] == status, name
    kept = "SELECT count(*) FROM draft_picture WHERE draft_id = %s"
    assert house.one(kept, draft["draft"]) == 0
    good = (sorted((faces_folder / "known").iterdir())[0] / "1.jpg").read_bytes()
    assert upload(visit, draft["face_url"], good)[:2] == (200, "ok")
    assert house.one(kept, draft["draft"]) == 1


def test_a_picture_of_a_minor_declared_as_such_is_kept_nowhere(house: House, faces_folder: Path) -> None:
    visit = house.staff("atendente")
    visit.get("/atendimento/")
    draft = visit.ask("/atendimento/cadastros")
    picture = (sorted((faces_folder / "known").iterdir())[1] / "1.jpg").read_bytes()
    assert upload(visit, draft["face_url"], picture)[0] == 200
    visit.ask(draft["details_url"], nome="Pequena Teste Menor", cpf="")
    before = house.one("SELECT coalesce(sum(discarded), 0) FROM minor_discard")
    assert answer(visit, f"/atendimento/cadastros/{draft['draft']}/menor").status_code == 200
    assert house.one("SELECT coalesce(sum(discarded), 0) FROM minor_discard") == before + 1
    dump = house.dump()
    assert b"menor_descartado" in dump
    for needle in (draft["draft"].encode(), b"Pequena Teste", b"pequena", picture[2000:2064].hex().encode()):
        assert needle not in dump
        assert house.files_with(needle) == []
    assert house.files_with(picture[2000:2064]) == []
