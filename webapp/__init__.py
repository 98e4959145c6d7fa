"""The web application and the only wiring of the system.

How an audience is added: a package webapp/<audience>/ whose `__init__.py` holds `blueprint` (a flask.Blueprint named
like the folder, with `template_folder="templates"`) and, when it wants links in the navigation, `MENU` (webapp/menu.py).
It is found and registered by itself; its templates live in webapp/<audience>/templates/<audience>/, extend `base.html`
and use the macros of `components.html`. Each route declares its access rule (webapp/security.py). A view reads and
writes inside `with transaction() as session:` by calling operations and queries; it holds no SQL.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from functools import lru_cache
from pathlib import Path

from flask import Flask, request, url_for
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import errors, headers, log, menu, security, shown, wiring
from webapp.settings import Settings

__all__ = ["Settings", "create_app"]

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings, *, wire: bool = True) -> Flask:
    """The WSGI application; `wire=False` when the caller has already configured the packages below."""
    if wire:
        wiring.wire(settings)
    app = Flask(__name__)
    app.extensions["settings"] = settings
    app.url_map.strict_slashes = False  # an address typed with or without a slash at its end is the same page
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    log.register(app)
    security.register(app, settings)
    headers.register(app, settings)
    errors.register(app)
    _templates(app, settings)
    register_audiences(app)
    return app


def register_audiences(app: Flask) -> None:
    """Every package webapp/<audience>/ with a `blueprint`; their MENU items, sorted."""
    items: list[menu.MenuItem] = []
    for found in sorted(pkgutil.iter_modules([str(Path(__file__).parent)]), key=lambda module: module.name):
        if not found.ispkg or found.name == "cli":
            continue
        package = importlib.import_module(f"webapp.{found.name}")
        blueprint = getattr(package, "blueprint", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)
            items.extend(getattr(package, "MENU", ()))
    app.extensions["menu"] = sorted(items, key=lambda item: item.order)


def _templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(shown.FILTERS)

    @app.context_processor
    def everywhere() -> dict[str, object]:
        return {
            "asset": asset,
            "csp_nonce": headers.csp_nonce,
            "actor": security.actor(),
            "may": security.may,
            "menu": menu.visible(),
            "menu_current": menu.current(),
            "signed_in": security.identity(),
            "settings": settings,
            "theme": _theme(),
        }


def _theme() -> str:
    chosen = request.cookies.get("carimbo_aparencia", "")
    return chosen if chosen in {"light", "dark"} else ""


def asset(name: str) -> str:
    """The address of a static file with its content's digest, so that browsers may keep it for a year."""
    path = STATIC / name
    return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _digest(path: Path, _: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
