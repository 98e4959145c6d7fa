"""The blueprint that the modules of the blocks' pages add their routes to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("blocos", __name__, template_folder="templates")
