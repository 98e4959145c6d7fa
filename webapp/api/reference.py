"""The OpenAPI 3.1 document, generated from the models of `wire`, and the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Response, jsonify, render_template
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webapp import security
from webapp.api import blueprint
from webapp.api.wire import (
    ConfigOut,
    ErrorOut,
    EventOut,
    EventsIn,
    EventsOut,
    GalleryOut,
    HealthOut,
    HeartbeatIn,
    HeartbeatOut,
    ReadyOut,
)

REF = "#/components/schemas/{model}"
SIGNING_HEADERS = {
    "X-Carimbo-Bridge": "Identificador da ponte.",
    "X-Carimbo-Key": "Identificador da chave HMAC.",
    "X-Carimbo-Time": "Segundos unix do relógio da ponte; até 300 s do relógio do servidor.",
    "X-Carimbo-Nonce": "32 dígitos hexadecimais, nunca repetidos.",
    "X-Carimbo-Signature": (
        "HMAC-SHA256, em hexadecimal, de cinco linhas: método, caminho com a consulta, hora, nonce e SHA-256 hexadecimal "
        "do corpo."
    ),
}


@dataclass(frozen=True)
class Endpoint:
    """One operation of the interface. `parameters`: name, where, JSON schema, what it is."""

    method: str
    path: str
    summary: str
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    signed: bool = True
    parameters: tuple[tuple[str, str, dict[str, Any], str], ...] = ()
    errors: tuple[int, ...] = ()


ENDPOINTS = (
    Endpoint(
        "post", "/api/v1/gate/events", "Envia um lote de eventos da portaria", EventsOut, EventsIn, errors=(413, 422)
    ),
    Endpoint(
        "get",
        "/api/v1/gate/events/{event_id}",
        "Pergunta o resultado de um evento",
        EventOut,
        parameters=(("event_id", "path", {"type": "string", "format": "uuid"}, "Identificador do evento."),),
        errors=(404,),
    ),
    Endpoint(
        "get",
        "/api/v1/gate/gallery",
        "Lê as mudanças da galeria de rostos",
        GalleryOut,
        parameters=(
            ("cursor", "query", {"type": "integer", "minimum": 0, "default": 0}, "Até onde a ponte já leu."),
            ("limit", "query", {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}, "Quantas mudanças."),
        ),
        errors=(422,),
    ),
    Endpoint("get", "/api/v1/gate/config", "Lê a configuração da portaria", ConfigOut),
    Endpoint("post", "/api/v1/gate/heartbeat", "Diz como está a ponte", HeartbeatOut, HeartbeatIn, errors=(413, 422)),
    Endpoint("get", "/healthz", "Diz se o processo responde", HealthOut, signed=False),
    Endpoint("get", "/readyz", "Diz se a instalação está pronta", ReadyOut, signed=False, errors=(503,)),
)
MODEL_TEXTS = {
    "CandidateIn": "Alguém a quem o rosto pode pertencer; quanto menor score, mais parecido.",
    "EventIn": "Um evento da portaria: uma passagem, ou um rosto que o atendimento deve ver.",
    "EventsIn": "Um lote de eventos.",
    "RejectionOut": "Um evento que nunca será aceito: a ponte o põe à parte.",
    "EventsOut": "O que houve com cada evento do lote.",
    "EventOut": "O que houve com um evento; result é nulo até que o processo dele comece.",
    "GalleryItemOut": "Uma mudança da galeria; box vem com put, cifrada para esta ponte.",
    "GalleryOut": "As mudanças depois de um cursor.",
    "WindowOut": "Um período em que o posto está aberto.",
    "ConfigOut": "O que o servidor decide para a portaria.",
    "DeviceIn": "Um equipamento, como a ponte o vê.",
    "HeartbeatIn": "Que a ponte está viva, e como está.",
    "HeartbeatOut": "O relógio do servidor.",
    "ErrorOut": "Por que o pedido foi recusado: stale, replayed, unauthorised, too_large, invalid, not_found.",
    "HealthOut": "Que o processo responde.",
    "ReadyOut": "Se a instalação pode trabalhar, e o que foi olhado.",
}
ERROR_TEXTS = {
    401: "A assinatura, a hora ou o nonce não foram aceitos.",
    404: "Não há esse evento nesta ponte.",
    413: "O corpo do pedido é grande demais.",
    422: "O corpo ou a consulta não está na forma esperada; nada foi guardado.",
    503: "A instalação não está pronta.",
}


@blueprint.get("/api/v1/openapi.json")
@security.public
def openapi() -> Response:
    """The document."""
    return jsonify(document())


@blueprint.get("/api/v1/")
@security.public
def reference() -> str:
    """The same, to be read by people."""
    return render_template("api/reference.html", document=document(), headers=SIGNING_HEADERS)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this version."""
    models = {model for each in ENDPOINTS for model in (each.answer, each.body, ErrorOut) if model is not None}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "validation") for model in ordered], by_alias=True, ref_template=REF)
    for name, schema in schemas["$defs"].items():
        schema["description"] = MODEL_TEXTS[name]
    paths: dict[str, dict[str, Any]] = {}
    for each in ENDPOINTS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Carimbo: interface das portarias",
            "version": "1.0.0",
            "description": "Pedidos das pontes de portaria, todos assinados; saúde da instalação.",
        },
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": _security_schemes()},
    }


def _operation(each: Endpoint) -> dict[str, Any]:
    responses = {"200": _content(each.answer, "Aceito.")}
    for status in sorted({*each.errors, *((401,) if each.signed else ())}):
        model = each.answer if status == 503 else ErrorOut
        responses[str(status)] = _content(model, ERROR_TEXTS[status])
    operation: dict[str, Any] = {
        "operationId": f"{each.method}{each.path.replace('/', '_').replace('{', '').replace('}', '')}",
        "summary": each.summary,
        "parameters": [
            {"name": name, "in": where, "required": where == "path", "schema": schema, "description": text}
            for name, where, schema, text in each.parameters
        ],
        "responses": responses,
        "security": [{name: [] for name in SIGNING_HEADERS}] if each.signed else [],
    }
    if each.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(each.body)}
    return operation


def _content(model: type[BaseModel], text: str) -> dict[str, Any]:
    return {"description": text, "content": _json(model)}


def _json(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _security_schemes() -> dict[str, Any]:
    return {
        name: {"type": "apiKey", "in": "header", "name": name, "description": text}
        for name, text in SIGNING_HEADERS.items()
    }
