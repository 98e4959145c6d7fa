"""The only place where a domain error becomes HTTP.

HTML for people (a page; for htmx, a notice put into the page's live region, so that what was typed stays), JSON for
/api/. The page says what happened and what to do; the log gets the code and the data, which hold nothing personal.
"""

from __future__ import annotations

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from webapp import log
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooManyAttempts

logger = log.get(__name__)

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (TooManyAttempts, 429),
    (InvalidInput, 422),
    (DomainError, 422),
)
TITLES = {
    400: "Não entendemos o pedido",
    403: "Você não pode abrir esta página",
    404: "Página não encontrada",
    405: "Não entendemos o pedido",
    409: "Os dados mudaram",
    413: "O arquivo é grande demais",
    422: "Não foi possível concluir",
    429: "Muitas tentativas",
    500: "Algo falhou do nosso lado",
    503: "O sistema está voltando",
}
MESSAGES = {
    400: "Volte, confira o que foi preenchido e envie de novo.",
    404: "O endereço pode ter sido digitado errado ou a página pode ter mudado de lugar.",
    405: "Volte à página anterior e use os botões dela.",
    413: "Envie um arquivo menor.",
    500: "A falha foi registrada e será examinada. Tente de novo em alguns instantes.",
    503: "O banco de dados não respondeu. Nada se perdeu: espere alguns segundos e tente de novo.",
}


def register(app: Flask) -> None:
    """Binds the handlers."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(IntegrityError, _at_once)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _domain(error: DomainError) -> Response:
    status = status_of(error)
    logger.info("refused", code=error.code, status=status, **{f"data_{k}": v for k, v in error.data.items()})
    response = answer(status, error.message, code=error.code)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def _csrf(error: CSRFError) -> Response:
    logger.info("csrf_refused", reason=str(error.description))
    message = (
        "Esta página ficou aberta por muito tempo. Recarregue-a e envie de novo: o que você digitou continua nela."
    )
    return answer(400, message, code="pagina_vencida")


def _database(error: OperationalError) -> Response:
    logger.error("database_unavailable", error=type(error.orig).__name__)
    response = answer(503, MESSAGES[503], code="indisponivel")
    response.headers["Retry-After"] = "5"
    return response


def _at_once(error: IntegrityError) -> Response:
    """Two requests wrote the same at the same moment, as a double click does, and the other was first.

    Any other constraint than one of uniqueness is a fault of ours (PostgreSQL, appendix A: 23505).
    """
    if getattr(error.orig, "sqlstate", None) != "23505":
        return _unexpected(error)
    logger.info("at_once", error=type(error.orig).__name__)
    message = "Outro pedido, enviado ao mesmo tempo, gravou isto antes. Recarregue a página para ver como ficou."
    return answer(409, message, code="ao_mesmo_tempo")


def _unstorable(error: DataError) -> Response:
    """What no text or number of ours can hold, such as a NUL character: whoever sent it did not type it in a form."""
    logger.info("unstorable", error=type(error.orig).__name__)
    return answer(
        400, "Algum campo tem um caractere ou valor que não pode ser aceito. Confira e envie de novo.", code="valor"
    )


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]  # redirects pass through as they are
    return answer(status, MESSAGES.get(status, TITLES.get(status, "")), code=f"http_{status}")


def _unexpected(error: Exception) -> Response:
    logger.exception("unexpected", error=type(error).__name__)
    return answer(500, MESSAGES[500], code="falha")


def answer(status: int, message: str, *, code: str) -> Response:
    """The error as the caller reads it: JSON under /api/, a notice for htmx, else a page."""
    if request.path.startswith("/api/"):
        response = jsonify({"error": code, "message": message})
    elif request.headers.get("HX-Request"):
        response = make_response(render_template("error_notice.html", message=message))
        response.headers["HX-Retarget"] = "#avisos"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        title = TITLES.get(status, TITLES[500] if status >= 500 else TITLES[400])
        response = make_response(
            render_template("error.html", title=title, message=message, status=status, request_id=g.get("request_id"))
        )
    response.status_code = status
    return response
