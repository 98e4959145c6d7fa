"""From fields to PDF: a sandboxed template, packaged assets only, PDF/A-3a and PDF/UA-1."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from weasyprint import CSS, HTML
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from documents import codes
from documents.assets import EMBLEM, fonts
from documents.kinds import PARTS, Kind, get, parts
from documents.pdfa import VARIANT, color_profiles
from documents.qr import qr_svg
from workflow import clock

_environment = ImmutableSandboxedEnvironment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, loader=DictLoader({PARTS: parts()})
)
_lock = threading.Lock()  # Pango's font map is shared and is not safe between threads
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """What a template receives: its kind, the fields as printed, the code, the token's address and the instant."""

    kind: str
    fields: Mapping[str, str]
    code: str
    qr_text: str
    issued_at: datetime
    brasao: Path | None = None


class _PackagedOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Serves `carimbo:` names of this package from memory and refuses everything else, without touching it."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=["carimbo"], allow_redirects=False, fail_on_errors=True)
        self._assets = assets

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The asset; an error that stops the rendering for any other address."""
        if url not in self._assets:
            raise FatalURLFetchingError(f"refused: {url[:80]}")
        kind = "image/svg+xml" if url in ("carimbo:qr", "carimbo:brasao") else "font/ttf"
        return URLFetcherResponse(url, self._assets[url], {"Content-Type": kind})


def subsetter_available() -> bool:
    """True when HarfBuzz's subsetter (Debian: libharfbuzz-subset0) is loaded; without it fonts take far longer."""
    return harfbuzz_subset is not None


def warn_without_subsetter() -> None:
    """One warning at start, when the library is missing."""
    if not subsetter_available():
        _log.warning(
            "libharfbuzz-subset is missing: each document takes several times longer; install libharfbuzz-subset0"
        )


def render_html(page: Page) -> str:
    """The document's HTML: fields are data, never template (no Jinja in them is run), and are always escaped.

    Those of kind html are not: they were sanitised when they were written (documents.fields).
    """
    kind = get(page.kind)
    local = clock.local(page.issued_at)
    issued = {
        "iso": local.isoformat(timespec="seconds"),
        "date": f"{local:%d/%m/%Y}",
        "hour": f"{local:%H}",
        "minute": f"{local:%M}",
    }
    clean = {field.name for field in kind.fields if field.kind == "html"}
    fields = {name: Markup(text) if name in clean else text for name, text in page.fields.items()}  # noqa: S704 - sanitised
    return _template(kind).render(kind=kind, fields=fields, code=codes.formatted(page.code), issued=issued)


def render_pdf(page: Page) -> bytes:
    """The unsealed PDF, marked PDF/A-3a and PDF/UA-1, fonts embedded."""
    html = render_html(page)
    fetcher = _PackagedOnly({**_fixed_assets(page.brasao), "carimbo:qr": qr_svg(page.qr_text, get(page.kind).qr_title)})
    with _lock:
        style, config = _style(page.kind)
        source = HTML(string=html, base_url=None, url_fetcher=fetcher)
        pdf: bytes = source.write_pdf(
            stylesheets=[style], font_config=config, color_profiles=color_profiles(), pdf_variant=VARIANT
        )
    return pdf


def sheet_pdf(title: str, body: str) -> bytes:
    """A sheet that is no official document (no code, no seal), in the look of `documento_interno`. `body` is clean HTML."""
    written = Markup(
        '<!DOCTYPE html><html lang="pt-BR"><head><title>{}</title></head><body><div class="texto">{}</div></body></html>'
    ).format(title, Markup(body))  # noqa: S704 - sanitised by documents.texts when it was written
    with _lock:
        style, config = _style("documento_interno")
        source = HTML(string=written, base_url=None, url_fetcher=_PackagedOnly({}))
        pdf: bytes = source.write_pdf(stylesheets=[style], font_config=config)
    return pdf


@cache
def _template(kind: Kind) -> Template:
    return _environment.from_string(kind.template)


@cache
def _style(kind: str) -> tuple[Any, FontConfiguration]:
    """The parsed style and its fonts, once per process: parsing them again would cost a third of each page."""
    config = FontConfiguration()
    return CSS(string=get(kind).style, url_fetcher=_PackagedOnly(_fixed_assets(None)), font_config=config), config


@cache
def _fixed_assets(brasao: Path | None) -> Mapping[str, bytes]:
    assets = {f"carimbo:fonts/{path.name}": path.read_bytes() for path in fonts()}
    return assets | {"carimbo:brasao": (brasao or EMBLEM).read_bytes()}
