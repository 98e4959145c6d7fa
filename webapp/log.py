"""One JSON object a line, without personal data.

Call `log.get(__name__)` and name the fact: `log.info("declaracao_pedida", case=case_id)`. Values under names that hold
personal data are dropped, and what looks like a CPF or an e-mail inside any text is masked, whoever wrote the call.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

PERSONAL = frozenset(
    {"cpf", "name", "full_name", "nome", "email", "login", "password", "senha", "token", "address", "ip", "endereco"}
    | {"telefone", "phone", "picture", "vector", "rosto", "foto", "cookie", "authorization", "crop"}
)
_CPF = re.compile(r"(?<!\d)\d{3}[.\s]?\d{3}[.\s]?\d{3}[-\s]?\d{2}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")


def mask_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: nothing that names a person leaves the process."""
    for key, value in list(event.items()):
        if key in PERSONAL:
            event[key] = "[omitido]"
        elif isinstance(value, str):
            event[key] = _EMAIL.sub("[e-mail]", _CPF.sub("[cpf]", value))
    return event


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the standard logging of every library through the same JSON lines on stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    handler.set_name("carimbo")
    root = logging.getLogger()
    for known in [h for h in root.handlers if h.get_name() == "carimbo"]:
        root.removeHandler(known)
    root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("weasyprint", "fontTools", "pyhanko", "PIL", "procrastinate", "spiff", "urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def get(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def register(app: Flask) -> None:
    """One line a request: endpoint (never the path, which may hold a token), method, status, milliseconds."""
    logger = get("webapp.request")

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid4().hex[:12]
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        if request.endpoint != "static":
            elapsed = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
            logger.info(
                "request", method=request.method, endpoint=request.endpoint, status=response.status_code, ms=elapsed
            )
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request")
