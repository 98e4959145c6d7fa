"""Requests that a bridge signs: proved, limited in size, answered with the server's clock."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import TypeVar

from flask import Response, jsonify, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from people.access import authorize
from processes.entrada.bridges import SignedRequest, authenticate
from processes.entrada.errors import RequestRefused
from webapp import log, security
from webapp.api.metrics import REFUSED
from workflow import clock
from workflow.database import transaction
from workflow.errors import NotFound

logger = log.get(__name__)
Model = TypeVar("Model", bound=BaseModel)
SMALL = 64 * 1024


class Unreadable(Exception):
    """The body is not what the endpoint takes; nothing of it was kept."""


def signed(action: str, limit: int = SMALL) -> Callable[[Callable[..., BaseModel]], Callable[..., Response]]:
    """For a view `view(session, bridge, ...)`: called inside one transaction with the bridge that signed the request.

    The nonce is used up in that same transaction: what fails may be sent again as it is, what succeeded may not.
    """

    def decorate(view: Callable[..., BaseModel]) -> Callable[..., Response]:
        @functools.wraps(view)
        def proved(**path: object) -> Response:
            try:
                request.max_content_length = limit
                proof = _proof()
                with transaction() as session:
                    bridge = authenticate(session, proof)
                    authorize(bridge.actor, action)
                    answer = view(session, bridge, **path)
                return jsonify(answer.model_dump(mode="json", by_alias=True))
            except RequestRefused as refused:
                return _refused(refused)
            except RequestEntityTooLarge:
                return error(413, "too_large", f"O pedido passa de {limit} bytes.")
            except Unreadable:
                return error(422, "invalid", "O corpo do pedido não está na forma esperada.")
            except NotFound as missing:
                return error(404, "not_found", missing.message)

        return security.bridge(proved)

    return decorate


def body_as(model: type[Model]) -> Model:
    """The request's JSON body as a model, or Unreadable."""
    try:
        return model.model_validate_json(request.get_data())
    except (ValidationError, ValueError, RecursionError) as problem:
        raise Unreadable from problem


def server_time() -> float:
    """The real clock as unix seconds: bridges correct themselves by it."""
    return clock.real_now().timestamp()


def error(status: int, word: str, message: str = "") -> Response:
    """An error as a bridge reads it."""
    response = jsonify({"error": word, "message": message, "server_time": server_time()})
    response.status_code = status
    return response


def _proof() -> SignedRequest:
    """The headers, and the digest of the body as it came."""
    header = request.headers.get
    query = request.query_string.decode("latin-1")
    path = request.script_root + request.path
    return SignedRequest(
        bridge=header("X-Carimbo-Bridge", ""),
        key=header("X-Carimbo-Key", "")[:40],
        time=header("X-Carimbo-Time", ""),
        nonce=header("X-Carimbo-Nonce", ""),
        signature=header("X-Carimbo-Signature", "").lower(),
        method=request.method,
        target=f"{path}?{query}" if query else path,
        body_sha256=hashlib.sha256(request.get_data()).hexdigest(),
    )


def _refused(refused: RequestRefused) -> Response:
    REFUSED.labels(refused.reason).inc()
    logger.warning("bridge_request_refused", reason=refused.reason)
    return error(401, refused.reason, refused.message)
