"""The front page leads each person to what they came for."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.security import public

blueprint = Blueprint("inicio", __name__, template_folder="templates")


@blueprint.get("/")
@public
def front() -> str:
    """What one can do here; for who signed in, their own places first."""
    return render_template("inicio/front.html")


@blueprint.get("/privacidade")
@public
def privacy() -> str:
    """What is kept about a person, why, for how long, and how to ask for it (LGPD, arts. 9º, 18 and 41)."""
    return render_template("inicio/privacy.html")


@blueprint.get("/acessibilidade")
@public
def accessibility() -> str:
    """What was done so that everybody can use the site, and how to tell us what fails (eMAG)."""
    return render_template("inicio/accessibility.html")
