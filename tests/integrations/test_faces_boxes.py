"""Boxes, digests and the visitor's QR: what opens, and what must not."""

from __future__ import annotations

import base64
import json
from uuid import UUID, uuid4

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integrations.faces import boxes
from integrations.faces.embedding import Vector, unit

SECRET = bytes(range(32))
PERSON = UUID("00000000-0000-4000-8000-000000000001")
NOW = 1_790_000_000.0


@pytest.fixture
def vector() -> Vector:
    return unit(np.random.default_rng(1).normal(size=128))


@pytest.fixture
def entry(vector: Vector) -> boxes.GalleryEntry:
    return boxes.GalleryEntry(vector, 3, "Conceição de Ávila", boxes.cpf_digest(SECRET, "529.982.247-25"))


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_entry_comes_back_as_it_went(entry: boxes.GalleryEntry) -> None:
    found = boxes.open_entry(SECRET, PERSON, boxes.seal_entry(SECRET, PERSON, entry))
    assert np.array_equal(found.vector, entry.vector)
    assert (found.pictures, found.name, found.cpf) == (3, "Conceição de Ávila", entry.cpf)


def test_nothing_of_a_person_is_readable_in_a_box(entry: boxes.GalleryEntry) -> None:
    raw = base64.b64decode(boxes.seal_entry(SECRET, PERSON, entry))
    assert b"Concei" not in raw
    assert boxes.seal_entry(SECRET, PERSON, entry) != boxes.seal_entry(SECRET, PERSON, entry), "a fresh nonce each time"


def test_box_does_not_open_for_another_person_secret_or_purpose(entry: boxes.GalleryEntry) -> None:
    box = boxes.seal_entry(SECRET, PERSON, entry)
    for secret, person in ((SECRET, uuid4()), (boxes.new_secret(), PERSON)):
        with pytest.raises(boxes.BoxInvalid):
            boxes.open_entry(secret, person, box)
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_crop(SECRET, PERSON, box)


@pytest.mark.parametrize("place", [0, 11, 12, 40, -1])
def test_box_with_one_bit_changed_does_not_open(entry: boxes.GalleryEntry, place: int) -> None:
    raw = bytearray(base64.b64decode(boxes.seal_entry(SECRET, PERSON, entry)))
    raw[place] ^= 1
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_entry(SECRET, PERSON, base64.b64encode(bytes(raw)).decode())


@pytest.mark.parametrize(
    "box", ["", "!!!", "AAAA", base64.b64encode(b"x" * 12).decode(), base64.b64encode(b"x" * 60).decode()]
)
def test_rubbish_is_no_box(box: str) -> None:
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_entry(SECRET, PERSON, box)


@pytest.mark.parametrize(
    "plain", [b"{}", b"[]", b"no json", b'{"vector": "AAAA", "pictures": 3, "name": "x", "cpf": null}']
)
def test_rightly_sealed_rubbish_is_refused(plain: bytes) -> None:
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_entry(SECRET, PERSON, boxes.seal(SECRET, boxes.GALLERY, plain, str(PERSON)))


def test_crop_belongs_to_its_event() -> None:
    event = uuid4()
    box = boxes.seal_crop(SECRET, event, b"jpeg")
    assert boxes.open_crop(SECRET, event, box) == b"jpeg"
    with pytest.raises(boxes.BoxInvalid):
        boxes.open_crop(SECRET, uuid4(), box)


def test_cpf_digest_is_of_the_digits_and_of_the_key() -> None:
    assert boxes.cpf_digest(SECRET, "529.982.247-25") == boxes.cpf_digest(SECRET, "52998224725")
    assert boxes.cpf_digest(boxes.new_secret(), "52998224725") != boxes.cpf_digest(SECRET, "52998224725")
    assert "52998224725" not in boxes.cpf_digest(SECRET, "52998224725")
    for bad in ("", "5299822472", "5299822472a", "529982247255", "٥٢٩٩٨٢٢٤٧٢٥"):
        with pytest.raises(ValueError, match="eleven"):
            boxes.cpf_digest(SECRET, bad)


def test_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        boxes.seal(b"short", boxes.CROP, b"x", "y")


def test_token_is_verified_offline_for_60_seconds(key: Ed25519PrivateKey) -> None:
    token = boxes.sign_token(key, PERSON, NOW)
    public = key.public_key().public_bytes_raw()
    assert boxes.verify_token(public, token, NOW) == PERSON
    assert boxes.verify_token(public, f" {token}\n", NOW + 60) == PERSON
    with pytest.raises(boxes.TokenInvalid) as caught:
        boxes.verify_token(public, token, NOW + 61)
    assert caught.value.code == "expired"


def test_token_of_the_contract_form(key: Ed25519PrivateKey) -> None:
    prefix, claims, _ = boxes.sign_token(key, PERSON, NOW).split(".")
    assert prefix == "CARIMBO1"
    assert json.loads(base64.urlsafe_b64decode(claims + "==")) == {"p": str(PERSON), "e": int(NOW) + 60}


def test_token_signed_for_a_year_is_not_taken(key: Ed25519PrivateKey) -> None:
    with pytest.raises(boxes.TokenInvalid) as caught:
        boxes.verify_token(key.public_key(), boxes.sign_token(key, PERSON, NOW + 365 * 86400), NOW)
    assert caught.value.code == "expired"


def test_token_of_another_key_or_with_another_person_is_forged(key: Ed25519PrivateKey) -> None:
    token = boxes.sign_token(key, PERSON, NOW)
    mine = boxes.sign_token(Ed25519PrivateKey.generate(), uuid4(), NOW)
    mixed = ".".join([*mine.split(".")[:2], token.split(".")[2]])
    for bad in (mine, mixed):
        with pytest.raises(boxes.TokenInvalid) as caught:
            boxes.verify_token(key.public_key(), bad, NOW)
        assert caught.value.code == "forged"


@pytest.mark.parametrize(
    "token", ["", "CARIMBO1", "CARIMBO1..", "CARIMBO2.a.b", "CARIMBO1.é.ü", "CARIMBO1." + "a" * 9000 + ".b", "a.b.c.d"]
)
def test_what_is_no_token_is_refused_in_words(key: Ed25519PrivateKey, token: str) -> None:
    with pytest.raises(boxes.TokenInvalid) as caught:
        boxes.verify_token(key.public_key(), token, NOW)
    assert caught.value.message.endswith(".")
