"""The pages and calls of the bridge's own address: keypad, claims, device callbacks, health, metrics."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from gate_bridge.claims import ClaimDesk, ClaimRefused, GateClaim
from gate_bridge.clock import BridgeClock
from gate_bridge.devices import Report
from gate_bridge.devices.terminal import TerminalBase
from gate_bridge.errors import SpoolFull
from gate_bridge.intake import Intake
from gate_bridge.shown import Shown, at_the_door, shown
from gate_bridge.status import GateConfig

_log = structlog.get_logger("gate_bridge.web")
_HERE = Path(__file__).parent
_STATIC = {"gate.css": "text/css", "keypad.js": "text/javascript", "live.js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
_MOST_CLAIM = 4096
_CLOSED = "fechado"


def secured(response: Response) -> Response:
    """The headers that every answer carries."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def static_file(name: str) -> Response:
    """One of the few packaged files."""
    if name not in _STATIC:
        return Response("Não há esta página.", 404)
    response = Response((_HERE / "static" / name).read_bytes(), mimetype=_STATIC[name])
    response.headers["Cache-Control"] = "max-age=300"
    return response


class GateSite:
    """The WSGI application of the bridge's address."""

    def __init__(
        self,
        *,
        intake: Intake,
        claims: ClaimDesk,
        clock: BridgeClock,
        config: Callable[[], GateConfig],
        terminals: Mapping[str, TerminalBase],
        health: Callable[[], dict[str, Any]],
        metrics: Callable[[], bytes],
    ) -> None:
        self._intake, self._claims, self._clock, self._config = intake, claims, clock, config
        self._terminals = list(terminals.values())
        self._health, self._measure = health, metrics
        self._routes = Map(
            [
                Rule("/", endpoint="keypad", methods=["GET"]),
                Rule("/opening", endpoint="opening", methods=["GET"]),
                Rule("/claim", endpoint="claim", methods=["POST"]),
                Rule("/claim/<claim_id>", endpoint="claim_state", methods=["GET"]),
                Rule("/static/<name>", endpoint="static", methods=["GET"]),
                Rule("/healthz", endpoint="healthz", methods=["GET"]),
                Rule("/metrics", endpoint="metrics", methods=["GET"]),
                Rule("/<secret>", endpoint="device", defaults={"path": ""}),
                Rule("/<secret>/<path:path>", endpoint="device"),
            ],
            strict_slashes=False,
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """WSGI."""
        request = Request(environ)
        request.max_content_length = None
        return secured(self._answer(request))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            endpoint, arguments = self._routes.bind_to_environ(request.environ).match()
            response: Response = getattr(self, f"_{endpoint}")(request, **arguments)
        except HTTPException as problem:
            return Response("Não há esta página." if problem.code == 404 else "Pedido inválido.", problem.code or 400)
        except SpoolFull as problem:
            return Response(str(problem), 503, {"Retry-After": "5"})
        except Exception as error:  # the last resort of a server: said in the log, told as 500
            _log.exception("request_failed", error=type(error).__name__)
            return Response("A ponte falhou neste pedido.", 500)
        return response

    def _keypad(self, request: Request) -> Response:
        return self._keypad_page()

    def _keypad_page(self, *, status: int = 200, error: str = "") -> Response:
        return self._page("keypad.html", status=status, error=error, notice=self._notice())

    def _opening(self, request: Request) -> Response:
        """What the keypad page says before a claim; it asks now and then, so that it opens and closes by itself."""
        notice = self._notice()
        return _json(notice.document() if notice else {})

    def _notice(self) -> Shown | None:
        return at_the_door(self._config(), self._clock.legal_now())

    def _static(self, request: Request, name: str) -> Response:
        return static_file(name)

    def _healthz(self, request: Request) -> Response:
        health = self._health()
        return _json(health, 503 if health["spool"]["full"] else 200)

    def _metrics(self, request: Request) -> Response:
        return Response(self._measure(), content_type="text/plain; version=0.0.4; charset=utf-8")

    def _claim(self, request: Request) -> Response:
        """Take a claim: JSON from the page's script, a form from a browser without one."""
        if not _same_origin(request):
            return _json({"error": "Este pedido veio de outra página."}, 403)
        as_json = request.mimetype == "application/json"
        notice = self._notice()
        if notice and not notice.waiting:
            return _closed(notice) if as_json else self._page("claim.html", shown=notice)
        try:
            fields = _claim_fields(request)
            address = request.remote_addr or ""
            claim = (
                self._claims.open_qr(fields["qr"], address)
                if fields.get("qr")
                else self._claims.open_cpf(fields.get("cpf", ""), address)
            )
        except ClaimRefused as refusal:
            if as_json:
                return _json({"error": refusal.message}, refusal.status)
            return self._keypad_page(status=refusal.status, error=refusal.message)
        if as_json:
            return _json(self._state(claim), 201)
        return Response("", 303, {"Location": f"/claim/{claim.id}"})

    def _claim_state(self, request: Request, claim_id: str) -> Response:
        claim = self._claims.find(claim_id)
        as_json = (
            request.accept_mimetypes.best_match(["application/json", "text/html"], "application/json")
            == "application/json"
        )
        notice = self._notice()
        if claim_id == _CLOSED and as_json and notice and not notice.waiting:
            return _closed(notice)
        if claim is None:
            return (
                _json({"error": "Este pedido já terminou."}, 404) if as_json else Response("", 303, {"Location": "/"})
            )
        if as_json:
            return _json(self._state(claim))
        return self._page("claim.html", shown=shown(claim, self._config(), self._clock.legal_now()))

    def _state(self, claim: GateClaim) -> dict[str, Any]:
        look = shown(claim, self._config(), self._clock.legal_now())
        return {
            "id": claim.id,
            "state": claim.state,
            "event": claim.event_id,
            "result": claim.result,
            **look.document(),
        }

    def _device(self, request: Request, secret: str, path: str) -> Response:
        """A terminal calls: the secret and the address must both be its own; otherwise there is nothing here."""
        terminal = next(
            (one for one in self._terminals if hmac.compare_digest(one.secret_path.encode(), secret.encode())), None
        )
        if terminal is None or not terminal.allows(request.remote_addr or ""):
            return Response("Não há esta página.", 404)
        body = request.stream.read()
        answer = self._intake.receive(terminal, Report(f"/{path}", request.content_type or "", body))
        return _json(answer.document, answer.status) if answer.document is not None else Response("", answer.status)

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        return Response(PAGES.get_template(name).render(**values), status, mimetype="text/html")


def _json(document: object, status: int = 200) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status, mimetype="application/json")


def _closed(notice: Shown) -> Response:
    """The answer to a claim that nothing can come of: no claim is kept, and no face is looked at."""
    return _json({"id": _CLOSED, "state": "done", "event": None, "result": "NEGADO", **notice.document()})


def _claim_fields(request: Request) -> dict[str, str]:
    if (request.content_length or 0) > _MOST_CLAIM:
        raise ClaimRefused(413, "O pedido é grande demais.")
    if request.mimetype != "application/json":
        return {key: str(value) for key, value in request.form.items()}
    try:
        fields = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise ClaimRefused(400, "O pedido não pôde ser lido.") from error
    if not isinstance(fields, dict):
        raise ClaimRefused(400, "O pedido não pôde ser lido.")
    return {str(key): str(value) for key, value in fields.items()}


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
