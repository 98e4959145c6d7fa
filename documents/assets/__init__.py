"""Files that a document may use: fonts and the emblem; the only ones the renderer ever reads.

The fonts are Carlito (SIL Open Font Licence) from Debian's and Ubuntu's package `fonts-crosextra-carlito`, or from the
folder that `CARIMBO_FONTS` names: installed, never committed.
"""

from __future__ import annotations

import os
from pathlib import Path

ASSETS = Path(__file__).parent
EMBLEM = ASSETS / "emblema.svg"
_FONTS = Path(os.environ.get("CARIMBO_FONTS") or "/usr/share/fonts/truetype/crosextra")


class FontsMissing(RuntimeError):
    """The fonts of the documents are not installed; the message says how to install them."""


def fonts() -> list[Path]:
    """The fonts of the documents: regular, bold, italic and both."""
    found = [_FONTS / f"Carlito-{face}.ttf" for face in ("Bold", "BoldItalic", "Italic", "Regular")]
    if not all(path.is_file() for path in found):
        raise FontsMissing(f"Faltam as fontes Carlito em {_FONTS}. Instale-as: apt-get install fonts-crosextra-carlito")
    return found
