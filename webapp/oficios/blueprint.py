"""The blueprint `oficios`."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("oficios", __name__, template_folder="templates")
