"""What the wiring hands to this package, once per process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from documents.rendering import warn_without_subsetter
from documents.sealing import Sealer
from documents.storage import Storage

HOUSE = "Assembleia Legislativa do Estado de Minas Gerais"


@dataclass(frozen=True)
class Settings:
    """Where bytes rest, who seals them, and the address that the QR carries."""

    storage: Storage
    sealer: Sealer
    validation_base_url: str
    brasao: Path | None = field(default=None)


_settings: Settings | None = None


def configure(storage_url: str, sealer: Sealer, validation_base_url: str, *, brasao: Path | None = None) -> None:
    """Bind this process: `storage_url` is a folder or any fsspec URL; `brasao` an SVG that replaces our emblem.

    The text of a QR is `validation_base_url` + "/" + token: the web serves the copy there (VA4).
    """
    global _settings
    if brasao is not None and (brasao.suffix.lower() != ".svg" or not brasao.is_file()):
        raise ValueError(f"O brasão configurado precisa ser um arquivo .svg que exista: {brasao}")
    warn_without_subsetter()
    _settings = Settings(Storage(storage_url), sealer, validation_base_url.rstrip("/"), brasao)


def current() -> Settings:
    """The settings in force; an error when `configure` was not called."""
    if _settings is None:
        raise RuntimeError("documents.configure was not called")
    return _settings
