"""Files that leave the system: headers that keep them out of caches, indexes and other people's pages."""

from __future__ import annotations

from flask import Response, make_response

# What the browsers' own PDF viewers need, and nothing of ours.
_PDF_POLICY = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def pdf(content: bytes, filename: str, *, download: bool = False) -> Response:
    """A sealed PDF: shown in the browser, or saved when `download`; never cached, indexed or told to the next site (VA4)."""
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    way = "attachment" if download else "inline"
    response.headers["Content-Disposition"] = f'{way}; filename="{filename}"'
    response.headers["Content-Security-Policy"] = _PDF_POLICY
    return unlisted(response)


def unlisted(response: Response) -> Response:
    """Not for search engines, not for caches, no Referer to whatever follows."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
