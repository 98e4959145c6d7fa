"""The blueprint that every module of the processo's pages adds its routes to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("processo", __name__, template_folder="templates", url_prefix="/processo")
