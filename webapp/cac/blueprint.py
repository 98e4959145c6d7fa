"""The blueprint that every module of the CAC desk adds its routes to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cac", __name__, template_folder="templates", url_prefix="/cac")
