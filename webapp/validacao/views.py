"""Validation of documents."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.security import public

blueprint = Blueprint("validacao", __name__, template_folder="templates")


@blueprint.get("/validaDocumento")
@public
def form() -> str:
    """VA1."""
    return render_template("inicio/front.html")
