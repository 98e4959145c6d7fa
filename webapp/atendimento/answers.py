"""One view, two readers: a page for the attendant's browser, JSON for a plain HTTP client (`Accept: application/json`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask import Response, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from webapp.errors import status_of
from workflow.errors import DomainError, InvalidInput

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


def wants_json() -> bool:
    """True when the caller reads JSON rather than pages."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def json_errors(view: View) -> View:
    """A refusal answers a JSON reader in JSON, with the same status that a page would have."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            return view(*args, **kwargs)
        except DomainError as error:
            if not wants_json():
                raise
            return refusal(error)

    return answering  # type: ignore[return-value]  # the same call signature, by wraps


def refusal(error: DomainError) -> Response:
    """The error as JSON: its code, its words and, for what was typed, the words by field."""
    body: dict[str, object] = {"error": error.code, "message": error.message}
    if isinstance(error, InvalidInput):
        body["fields"] = error.fields
    response = jsonify(body)
    response.status_code = status_of(error)
    return response


def done(
    location: str, message: str | None = None, *, status: int = 200, category: str = "info", **body: object
) -> ResponseReturnValue:
    """What follows an act: JSON with `location`, or the redirect there with `message` as a notice."""
    if wants_json():
        content: Mapping[str, object] = {"location": location, "message": message, **body}
        return jsonify(content), status
    if message:
        flash(message, category)
    return redirect(location, code=303)
