"""Sign-in, sign-out, choice of the seat (unit, substitution)."""

from __future__ import annotations

from uuid import UUID

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from people import sessions, units
from people import sign_in as proofs
from webapp import security
from webapp.security import actor, public, signed_in
from webapp.sessao.forms import SignInForm
from workflow.database import transaction
from workflow.errors import InvalidInput

blueprint = Blueprint("sessao", __name__, template_folder="templates")
_ENDED = "Sua sessão terminou. Entre de novo."
_ENDED_UNSENT = f"{_ENDED} O que você enviou não foi gravado: depois de entrar, você volta à página."


@blueprint.route("/entrar", methods=["GET", "POST"])
@public
def sign_in() -> Response | BaseResponse | tuple[str, int] | str:
    """Login and password; afterwards to the page that had been asked for."""
    form = SignInForm()
    if request.method == "GET":
        if session.pop("ended", False):
            flash(_ENDED_UNSENT if session.get("unsent") else _ENDED, "warning")
        return render_template("sessao/sign_in.html", form=form)
    if not form.validate():
        return render_template("sessao/sign_in.html", form=form), 422
    with transaction() as db:  # commits whatever the outcome: the attempt is counted
        outcome = proofs.sign_in(db, form.login.data or "", form.password.data or "", security.remote_address())
        if outcome.token is not None:
            found = sessions.account_for_token(db, outcome.token)
            choices = units.seats(db, found.account_id) if found and found.kind == "staff" else []
    if outcome.token is None:
        form.form_errors.append(outcome.message)
        response = make_response(render_template("sessao/sign_in.html", form=form), 429 if outcome.wait_s else 422)
        if outcome.wait_s:
            response.headers["Retry-After"] = str(outcome.wait_s)
        return response
    following, unsent = session.get("next"), session.get("unsent", False)
    session.clear()  # the CSRF token of before the sign-in dies with it
    if len(choices) > 1:
        session["next"], session["unsent"] = following, unsent
        target = url_for("sessao.seats")
    else:
        target = _resumed(following, unsent)
    answer = make_response(redirect(target))
    security.keep_session(answer, outcome.token, current_app.extensions["settings"])
    return answer


def _resumed(target: str | None, unsent: bool) -> str:
    """Where the person goes on; the page says so when what was sent there came after the session's end."""
    if unsent:
        flash("Sua sessão tinha terminado, e o que você enviou não foi gravado. Confira e envie de novo.", "warning")
    return _safe(target)


def _safe(target: str | None) -> str:
    """Only a path of this site; else the front page."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return url_for("inicio.front")


@blueprint.post("/sair")
@public
def sign_out() -> Response:
    """Revokes the session; whoever is already out is simply sent to the front page."""
    token = request.cookies.get(security.COOKIE)
    if token:
        with transaction() as db:
            sessions.sign_out(db, token)
    session.clear()
    answer = make_response(redirect(url_for("inicio.front")))
    security.drop_session(answer)
    return answer


@blueprint.get("/unidade")
@signed_in
def seats() -> str:
    """In which unit, and for whom, the person will act from now on."""
    with transaction() as db:
        choices = units.seats(db, _account())
    return render_template("sessao/seats.html", choices=choices)


@blueprint.post("/unidade")
@signed_in
def choose_seat() -> BaseResponse:
    """Moves the session to the chosen seat."""
    unit, _, substituted = request.form.get("seat", "").partition("|")
    try:
        acting_for = UUID(substituted) if substituted else None
    except ValueError:
        raise InvalidInput({"seat": "Escolha uma das unidades da lista."}) from None
    identity = security.identity()
    assert identity is not None
    with transaction() as db:
        sessions.switch_seat(db, identity.session_id, unit, acting_for)
    return redirect(_resumed(session.pop("next", None), session.pop("unsent", False)))


def _account() -> UUID:
    found = actor().id
    assert found is not None
    return found
