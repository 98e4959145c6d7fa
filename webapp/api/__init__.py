"""The machine interface: the gates' endpoints, health, metrics, and the OpenAPI document that describes them."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("api", __name__, template_folder="templates")

from webapp.api import gate, health, reference  # noqa: E402, F401 - the views bind to the blueprint above

__all__ = ["blueprint"]
