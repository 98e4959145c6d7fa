"""Sign-in in one step or two, sign-out, choice of the seat (unit, substitution)."""

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
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from people import queries, sessions, units
from people import sign_in as proofs
from webapp import security
from webapp.security import actor, public, signed_in
from webapp.sessao.forms import CodeForm, ExternalSignInForm, SignInForm
from workflow.database import transaction
from workflow.errors import InvalidInput

blueprint = Blueprint("sessao", __name__, template_folder="templates")
Answer = str | tuple[str, int] | Response | BaseResponse
_ENDED = "Sua sessão terminou. Entre de novo."
_ENDED_UNSENT = f"{_ENDED} O que você enviou não foi gravado: depois de entrar, você volta à página."


@blueprint.route("/entrar", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    """Login and password; afterwards to the page that had been asked for."""
    if request.method == "GET" and session.pop("ended", False):
        flash(_ENDED_UNSENT if session.get("unsent") else _ENDED, "warning")
    return _first_step(SignInForm(), "sessao/sign_in.html")


@blueprint.route("/externo/entrar", methods=["GET", "POST"])
@public
def external_sign_in() -> Answer:
    """The same for external users, whose e-mail may have an account of the Portal too."""
    return _first_step(ExternalSignInForm(), "sessao/external_sign_in.html")


@blueprint.route("/entrar/codigo", methods=["GET", "POST"])
@public
def second_step() -> Answer:
    """The code of the authenticator, or a recovery code."""
    ticket = session.get("ticket", "")
    if not ticket:
        return redirect(url_for("sessao.sign_in"))
    form = CodeForm()
    if request.method == "POST" and form.validate():
        with transaction() as db:  # commits whatever the outcome: the attempt is counted
            outcome = proofs.finish_totp(db, ticket, form.code.data or "", security.remote_address())
            choices = _choices(db, outcome)
        if outcome.token is not None:
            return _enter(outcome.token, choices)
        if outcome.late:
            session.pop("ticket", None)
            flash(outcome.message, "warning")
            return redirect(url_for("sessao.sign_in"))
        return _refused(form, "sessao/second_step.html", outcome)
    return make_response(render_template("sessao/second_step.html", form=form), 422 if form.errors else 200)


def _first_step(form: SignInForm | ExternalSignInForm, template: str) -> Answer:
    if request.method == "GET":
        return render_template(template, form=form)
    if not form.validate():
        return render_template(template, form=form), 422
    with transaction() as db:  # commits whatever the outcome: the attempt is counted
        outcome = proofs.sign_in(db, form.typed, form.password.data or "", security.remote_address())
        choices = _choices(db, outcome)
    if outcome.ticket is not None:
        session["ticket"] = outcome.ticket
        return redirect(url_for("sessao.second_step"))
    if outcome.token is None:
        return _refused(form, template, outcome)
    return _enter(outcome.token, choices)


def _refused(form: FlaskForm, template: str, outcome: proofs.SignIn) -> Response:
    form.form_errors.append(outcome.message)
    response = make_response(render_template(template, form=form), 429 if outcome.wait_s else 422)
    if outcome.wait_s:
        response.headers["Retry-After"] = str(outcome.wait_s)
    return response


def _choices(db: Session, outcome: proofs.SignIn) -> int:
    """From how many seats the person who has just entered may choose."""
    found = sessions.account_for_token(db, outcome.token) if outcome.token else None
    return len(units.seats(db, found.account_id)) if found and found.kind == "staff" else 0


def _enter(token: str, choices: int) -> BaseResponse:
    """Gives the browser its session and shows the way on; the unit first, when there are several."""
    following, unsent = session.get("next"), session.get("unsent", False)
    session.clear()  # the CSRF token of before the sign-in dies with it
    if choices > 1:
        session["next"], session["unsent"] = following, unsent
        target = url_for("sessao.seats")
    else:
        target = _resumed(following, unsent)
    answer = make_response(redirect(target))
    security.keep_session(answer, token, current_app.extensions["settings"])
    return answer


def _resumed(target: str | None, unsent: bool) -> str:
    """Where the person goes on; the page says so when what was sent there came after the session's end."""
    if unsent:
        flash("Sua sessão tinha terminado, e o que você enviou não foi gravado. Confira e envie de novo.", "warning")
    return _safe(target)


def _safe(target: str | None) -> str:
    """Only a path of this site; else the front page."""
    return security.path_here(target) or url_for("inicio.front")


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
        names = queries.account_names(db, [seat.acting_for for seat in choices if seat.acting_for])
    return render_template("sessao/seats.html", choices=choices, names=names)


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
