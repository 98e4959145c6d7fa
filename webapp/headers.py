"""Security headers: the Content Security Policy with one nonce a response, and the rest of the fence.

No inline script and no inline handler exists; every script tag carries `nonce="{{ csp_nonce() }}"`. A fragment that htmx
swaps in carries no script at all (its nonce would be another response's).
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from webapp.settings import Settings


def csp_nonce() -> str:
    """The nonce of this response; the same through the whole request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _policy(nonce: str) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def register(app: Flask, settings: Settings) -> None:
    """Adds the headers to every response; a view that set one of them keeps its own."""

    @app.after_request
    def protect(response: Response) -> Response:
        defaults = {
            "Content-Security-Policy": _policy(csp_nonce()),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
        }
        if settings.secure:
            defaults["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            defaults["Cache-Control"] = "no-store"
        for name, value in defaults.items():
            response.headers.setdefault(name, value)
        return response
