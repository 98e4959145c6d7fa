"""Files that a document may use: fonts and the emblem; the only ones the renderer ever reads."""

from __future__ import annotations

from pathlib import Path

ASSETS = Path(__file__).parent
FONTS = ASSETS.parent / "fonts"
EMBLEM = ASSETS / "emblema.svg"
