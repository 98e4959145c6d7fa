"""The citizen's account."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.security import public

blueprint = Blueprint("portal", __name__, template_folder="templates")


@blueprint.get("/cadastre-se")
@public
def open_account() -> str:
    """PO1."""
    return render_template("inicio/front.html")


@blueprint.get("/esqueci-minha-senha")
@public
def forgot_password() -> str:
    """A new password."""
    return render_template("inicio/front.html")
