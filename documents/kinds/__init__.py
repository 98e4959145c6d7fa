"""The kinds of document: one folder each, with template.html, style.css, kind.toml, sample.json, golden.html.

What several kinds print alike is once, in partes.html (macros that a template imports) and in partes.css (which goes
before the style of a kind that says `parts = true`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from documents.errors import DocumentNotFound

FOLDER = Path(__file__).parent
PARTS = "partes.html"
DOSSIER_FIELDS = frozenset(
    {"name", "heading", "unit", "protocol", "process", "body", "signatures", "crc", "sha256"},
)
"""What a document of a dossier has to print (`documents.signatures.sealing.printed`)."""


@dataclass(frozen=True)
class KindField:
    """One blank of the model: what it is called, what it holds, how long it may be, and whether it may stay empty."""

    name: str
    label: str
    kind: str
    max_length: int
    required: bool = True


@dataclass(frozen=True)
class Kind:
    """A document type as its folder declares it; `version` is the digest of template and style, shared parts and all.

    A kind.toml may name a `base`: another kind whose template, style and fields hold where the folder has none.
    """

    key: str
    title: str
    legal_basis: str
    author: str
    retention_years: int
    fields: tuple[KindField, ...]
    template: str
    style: str
    version: str
    qr_title: str = "QR Code para acessar uma cópia deste documento"

    def sample(self) -> dict[str, Any]:
        """The sample data of the folder, for golden texts and benchmarks."""
        sample: dict[str, Any] = json.loads((FOLDER / self.key / "sample.json").read_text("utf-8"))
        return sample


def keys() -> tuple[str, ...]:
    """Every kind there is."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/kind.toml")))


@cache
def of_dossiers() -> tuple[str, ...]:
    """The kinds that print a document of a dossier: they have its fields, and ask for no other."""

    def prints(kind: Kind) -> bool:
        needed = {field.name for field in kind.fields if field.required}
        return needed <= DOSSIER_FIELDS <= {field.name for field in kind.fields}

    return tuple(key for key in keys() if prints(get(key)))


@cache
def get(key: str) -> Kind:
    """The kind's declaration; DocumentNotFound for a name that has no folder."""
    if key not in keys():
        raise DocumentNotFound("Este tipo de documento não existe.", kind=key)
    folder = FOLDER / key
    declared = tomllib.loads((folder / "kind.toml").read_text("utf-8"))
    base = FOLDER / declared.get("base", key)
    template, style = (_nearest(name, folder, base).read_text("utf-8") for name in ("template.html", "style.css"))
    of_base = tomllib.loads((base / "kind.toml").read_text("utf-8"))
    if of_base.get("parts"):
        style = (FOLDER / "partes.css").read_text("utf-8") + style
    imported = parts() if PARTS in template else ""
    specs = declared.get("fields") or of_base["fields"]
    fields = tuple(
        KindField(name, spec["label"], spec["kind"], spec.get("max_length", 200), spec.get("required", True))
        for name, spec in specs.items()
    )
    version = hashlib.sha256("\0".join(filter(None, (template, style, imported))).encode()).hexdigest()
    return Kind(
        key=key,
        title=declared["title"],
        legal_basis=declared["legal_basis"],
        author=declared["author"],
        retention_years=declared["retention_years"],
        fields=fields,
        template=template,
        style=style,
        version=version,
        qr_title=declared.get("qr_title", Kind.qr_title),
    )


@cache
def parts() -> str:
    """The macros that templates share."""
    return (FOLDER / PARTS).read_text("utf-8")


def _nearest(name: str, folder: Path, base: Path) -> Path:
    return folder / name if (folder / name).exists() else base / name
