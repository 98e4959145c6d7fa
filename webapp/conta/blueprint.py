"""The blueprint, and the hook that leads who must enrol a second factor to do so before anything else."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from webapp import security

blueprint = Blueprint("conta", __name__, template_folder="templates")
_BEFORE_ENROLMENT = frozenset({"conta.second_factor_page", "conta.confirm_factor", "sessao.sign_out", "static"})


@blueprint.before_app_request
def enrol_first() -> Response | BaseResponse | None:
    """CARIMBO_TOTP=required: staff without a second factor reach its page and the way out, nothing else."""
    who = security.identity()
    if who is None or not who.must_enrol or request.endpoint in _BEFORE_ENROLMENT:
        return None
    target = url_for("conta.second_factor_page")
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    flash("Antes de continuar, ative a verificação em duas etapas.", "warning")
    return redirect(target)
