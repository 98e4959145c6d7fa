"""The QR code of a document, as SVG."""

from __future__ import annotations

import io

import segno

QR_TITLE = "QR Code para acessar uma cópia desta declaração"


def qr_svg(text: str, title: str = QR_TITLE) -> bytes:
    """`text` as a QR of error level M in an SVG with a title (PDF/UA wants one) and a quiet zone of 4 modules."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", title=title, border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True, nl=False
    )
    return out.getvalue()
