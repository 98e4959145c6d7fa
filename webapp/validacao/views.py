"""`/validaDocumento`: a typed code, a file's hash or both show a masked result; the QR's address shows the copy."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from documents import validation
from documents.validation import Result, Validation
from webapp import downloads
from webapp.security import public, remote_address
from workflow.database import transaction
from workflow.errors import TooManyAttempts

blueprint = Blueprint("validacao", __name__, template_folder="templates")
MAX_TYPED = 40
_SHA256 = re.compile(r"[0-9a-f]{64}")


@blueprint.get("/validaDocumento")
@public
def form() -> Response:
    """VA1: the form; with `codigo`, `sha256` of a file (made in the browser) or both the answer.

    `corrigir` brings a typed code back into the form.
    """
    code, sha256 = request.args.get("codigo", "").strip(), request.args.get("sha256", "").lower()
    if _SHA256.fullmatch(sha256) is None:
        sha256 = ""
    if "codigo" not in request.args and not sha256:
        return _form(request.args.get("corrigir", ""), "", 200)
    if not code and not sha256:
        return _form(code, "Digite o código de validação que está no documento ou escolha o arquivo PDF.", 422)
    try:
        with transaction() as session:
            found = _answer(session, code, sha256)
    except TooManyAttempts as refusal:
        response = _form(code, refusal.message, 429)
        response.headers["Retry-After"] = str(refusal.wait_s)
        return response
    return downloads.unlisted(_result(found, typed=code, compared=bool(sha256)))


@blueprint.get("/validadocumento")
@public
def lower_case() -> BaseResponse:
    """The address typed without its capital letter."""
    return redirect(url_for("validacao.form", codigo=request.args.get("codigo")))


@blueprint.get("/validaDocumento/<token>")
@public
def copy(token: str) -> Response:
    """VA4: the QR's address opens a copy of the document; never by the typed code."""
    with transaction() as session:
        found, content = validation.open_copy(session, token, address=remote_address())
    if content is not None:
        return downloads.pdf(content, "documento.pdf")
    response = _result(found)
    response.status_code = 404 if found.result is Result.NAO_ENCONTRADO else 200
    return downloads.unlisted(response)


def _answer(session: Session, code: str, sha256: str) -> Validation:
    if not sha256:
        return validation.by_code(session, code, address=remote_address())
    if not code:
        return validation.by_hash(session, sha256, address=remote_address())
    return validation.compare(session, code, sha256, address=remote_address())


def _form(code: str, error: str, status: int) -> Response:
    return make_response(render_template("validacao/form.html", code=code[:MAX_TYPED], error=error), status)


def _result(found: Validation, *, typed: str = "", compared: bool = False) -> Response:
    return make_response(
        render_template("validacao/result.html", found=found, typed=typed[:MAX_TYPED], compared=compared)
    )
