"""The blueprint that every module of the portal adds its routes to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("portal", __name__, template_folder="templates")
