"""Who may call a route: every route declares it, one hook decides before the view runs.

    from webapp.security import public, requires, actor

    @blueprint.get("/mesa")
    @requires("desk.search")             # an action of people.access.ACTIONS
    def desk() -> str: ...

    @blueprint.get("/validaDocumento")
    @public                              # anybody, signed in or not
    def form() -> str: ...

`signed_in` asks only for an account; `bridge` is for requests that a gate bridge signs (the view's own decorator proves
the signature; no cookie is read and no CSRF token asked). A route without a declaration is refused, and
tests/webapp/test_access_matrix.py fails. An action whose rule is "the owner" is checked here against the person's own
area; a view that opens a stored thing calls `people.access.authorize(actor(), action, resource)` once more with it.
`actor()` is the Actor of this request, for every operation and query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from people import access, sessions
from webapp.settings import Settings
from workflow.actor import PUBLIC, Actor
from workflow.database import transaction
from workflow.errors import Forbidden

COOKIE = "carimbo_sessao"
View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()


@dataclass(frozen=True)
class Access:
    """The access rule of one route."""

    kind: Literal["public", "signed_in", "action", "bridge"]
    action: str | None = None


def _declare(view: View, rule: Access) -> View:
    view.access = rule  # type: ignore[attr-defined]  # functions carry attributes; the guard reads this one
    return view


def public(view: View) -> View:
    """Anybody may call this route."""
    return _declare(view, Access("public"))


def signed_in(view: View) -> View:
    """Any account may call this route."""
    return _declare(view, Access("signed_in"))


def bridge(view: View) -> View:
    """Only a gate bridge may call this route; the view proves the request's signature."""
    return _declare(view, Access("bridge"))


def requires(action: str) -> Callable[[View], View]:
    """Only who `people.access` lets do `action`."""
    if action not in access.ACTIONS:
        raise ValueError(f"{action!r} is not in people.access.ACTIONS")
    return lambda view: _declare(view, Access("action", action))


def access_of(view: Callable[..., Any] | None) -> Access | None:
    """The rule that a view declared; None when it declared none."""
    found: Access | None = getattr(view, "access", None)
    return found


def actor() -> Actor:
    """Who is calling; PUBLIC when nobody signed in."""
    found: Actor = g.get("actor", PUBLIC)
    return found


def identity() -> sessions.SignedIn | None:
    """The session behind this request; None when nobody signed in."""
    found: sessions.SignedIn | None = g.get("signed_in")
    return found


def may(action: str) -> bool:
    """For menus and buttons: would this action be let through?"""
    return access.allowed(actor(), action, _own(actor()))


def _own(who: Actor) -> access.Resource:
    return access.Resource(owner_account=who.id, owner_person=who.person_id)


def remote_address() -> str:
    """The caller's address, as the trusted proxies tell it."""
    return request.remote_addr or "0.0.0.0"  # noqa: S104 - the unknown address, not a bind


def register(app: Flask, settings: Settings) -> None:
    """Puts the guard before every view."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="carimbo_aviso",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_CHECK_DEFAULT=False,  # the guard below asks for the token
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long form is never lost to a clock
        WTF_I18N_ENABLED=False,
    )
    csrf.init_app(app)
    public(app.view_functions["static"])
    app.before_request(_guard)


def _guard() -> Response | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    rule = access_of(current_app.view_functions.get(request.endpoint))
    if rule is not None and rule.kind == "bridge":
        return None
    _identify()
    if rule is None:
        raise Forbidden(action="undeclared_route")
    if rule.kind != "public" and actor().kind != "account":
        return _ask_to_sign_in()
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()
    if rule.action is not None:
        access.authorize(actor(), rule.action, _own(actor()))
    return None


def _identify() -> None:
    """Reads the session's row, so that a revoked session ends at once."""
    g.actor = PUBLIC
    token = request.cookies.get(COOKIE)
    if not token:
        return
    with transaction() as db:
        found = sessions.account_for_token(db, token)
        if found is not None:
            g.actor = found.actor
            g.signed_in = found


def _ask_to_sign_in() -> Response:
    """Sends the person to sign in and back to the page; what was typed waits in the browser's drafts.

    `ended`: the sign-in page says why it came; `unsent`: the page come back to says that nothing was written.
    """
    session["next"] = path_here(_page_asked_for())
    session["unsent"] = request.method not in {"GET", "HEAD"}
    if request.cookies.get(COOKIE):
        session["ended"] = True
    outside = request.path.startswith(("/externo", "/camara"))
    target = url_for("sessao.external_sign_in" if outside else "sessao.sign_in")
    if request.headers.get("HX-Request"):
        response = Response(status=204)
        response.headers["HX-Redirect"] = target
        return response
    return redirect(target)  # type: ignore[return-value]  # werkzeug's Response, which Flask's derives from


def _page_asked_for() -> str | None:
    """The page of this request; of a form, a picture or a part of a page the one it was sent from."""
    part = request.headers.get("HX-Request") or request.headers.get("Sec-Fetch-Dest", "document") != "document"
    if request.method == "GET" and not part:
        return request.full_path.rstrip("?")
    page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if page.netloc != request.host or not _opens(page.path):
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


def path_here(target: str | None) -> str | None:
    """The target when it is a path of this site, else None.

    Browsers take `//host`, `/\\host` and, since they drop tabs and line ends, `/<tab>/host` for another site (WHATWG URL,
    4.4); no address of ours has a backslash or a control character.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    return target if all(" " <= letter != "\x7f" for letter in target) else None


def _opens(path: str) -> bool:
    """Whether this path can be asked for with GET: the answer to a refused form has the address of the form."""
    try:
        current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:
        return False
    return True


def keep_session(response: Response, token: str, settings: Settings) -> None:
    """Gives the browser its session: HttpOnly, SameSite=Lax, gone with the browser."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=settings.secure, path="/")


def drop_session(response: Response) -> None:
    """Takes the session cookie back."""
    response.delete_cookie(COOKIE, path="/")
