"""The blueprint that every module of the documents' pages adds its routes to; the sizes that its requests may have."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

blueprint = Blueprint("documentos", __name__, template_folder="templates")

MAX_TEXT = 8 * 1024 * 1024
MAX_FILES = 60 * 1024 * 1024
_TEXTS = frozenset({"documentos.save"})
_FILES = frozenset({"documentos.create", "documentos.upload"})


@blueprint.url_value_preprocessor
def sizes(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A long text and several files are more than the application's own limits; set before anything is read."""
    if endpoint in _TEXTS:
        request.max_content_length = request.max_form_memory_size = MAX_TEXT
    elif endpoint in _FILES:
        request.max_content_length = MAX_FILES
