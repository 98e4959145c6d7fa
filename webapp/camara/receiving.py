"""What a câmara does with an ofício that came: read it, confirm the receipt, forward it to the vereadores."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from processes.oficio_camaras import queries as oficios
from processes.oficio_camaras.queries import ExemplarView
from processes.oficio_camaras.rules import MAX_FORWARDS, normal_email
from webapp import downloads
from webapp.camara import queries, words
from webapp.camara.doors import Door, both
from webapp.camara.listing import situation
from webapp.forms import blame
from workflow import clock
from workflow.database import transaction
from workflow.errors import Conflict, InvalidInput

CHECK, SEND = "conferir", "enviar"
"""Steps of a form: shown for checking, then sent; anything else goes back to change it."""
_BETWEEN = re.compile(r"[\s,;]+")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


class ReceiptForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Who receives."""

    nome = StringField(
        "Seu nome completo",
        [InputRequired("Escreva o seu nome."), Length(3, 75, "Escreva o nome com 3 a 75 caracteres.")],
        filters=[_one_line],
    )
    cargo = StringField(
        "Seu cargo na câmara",
        [InputRequired("Escreva o seu cargo."), Length(2, 40, "Escreva o cargo com 2 a 40 caracteres.")],
        filters=[_one_line], description="Por exemplo: Secretária da Câmara, Assessor da Presidência.",
    )  # fmt: skip

    @property
    def who(self) -> str:
        """Name and cargo, as the receipt keeps them."""
        return f"{self.nome.data}, {self.cargo.data}"


class ForwardForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """To whom the ofício goes on."""

    enderecos = TextAreaField(
        "E-mails dos vereadores",
        [InputRequired("Escreva pelo menos um e-mail.")],
        description="Um em cada linha, ou separados por vírgula.",
    )

    @property
    def addresses(self) -> list[str]:
        """What was typed, piece by piece, each once."""
        return list(dict.fromkeys(piece for piece in _BETWEEN.split(self.enderecos.data or "") if piece))


@both("", "show")
def show(door: Door) -> str:
    """The ofício, until when, what was done and what can be done now. Changes nothing."""
    return _show(door)


@both("/carimbo", "stamp")
def stamped_part(door: Door) -> ResponseReturnValue:
    """The part with the stamp: 304 until the stamped copy is there."""
    with transaction() as session:
        view = door.view(session)
    if view.receipt is None or view.receipt.document_id is None:
        return Response(status=304)
    return render_template("camara/_recibo.html", **_facts(door, view))


@both("/oficio.pdf", "letter")
def letter(door: Door) -> Response:
    """The sealed letter, as it was sent."""
    with transaction() as session:
        view = door.view(session)
        content = oficios.letter_bytes(session, view)
    return downloads.pdf(content, f"{_name(view)}.pdf", download="baixar" in request.args)


@both("/anexo.pdf", "annex")
def annex(door: Door) -> Response:
    """The annex."""
    with transaction() as session:
        view = door.view(session)
        content = oficios.annex_bytes(session, view)
    return downloads.pdf(content, f"{_name(view)}-anexo.pdf", download="baixar" in request.args)


@both("/carimbado.pdf", "stamped")
def stamped(door: Door) -> Response:
    """The copy with the stamp on every sheet."""
    with transaction() as session:
        view = door.view(session)
        content = oficios.letter_bytes(session, view, stamped=True) if view.receipt else b""
    if not content:
        raise Conflict("Confirme o recebimento: a cópia carimbada é feita em seguida.")
    return downloads.pdf(content, f"{_name(view)}-carimbado.pdf", download="baixar" in request.args)


@both("/confirmar", "confirm", "GET", "POST")
def confirm(door: Door) -> ResponseReturnValue:
    """Who receives, a look at it, and the receipt. A link confirms once; then it shows what was done."""
    form = ReceiptForm()
    with transaction() as session:
        view = door.view(session)
        number = queries.next_number(session, view.exemplar.ibge)
    if view.receipt is not None:
        flash("O recebimento deste ofício já está confirmado.", "info")
        return redirect(door.url("show"), code=303)
    facts = {"form": form, "number": number, "now": clock.now(), **_facts(door, view)}
    step = request.form.get("passo", "")
    if request.method == "GET" or step not in (CHECK, SEND):
        return render_template("camara/confirmar.html", **facts)
    if not form.validate():
        return render_template("camara/confirmar.html", **facts), 422
    if step == CHECK:
        return render_template("camara/confirmar_conferir.html", **facts)
    with transaction() as session:
        door.confirm(session, form.who)
    flash("Recebimento confirmado. A cópia com o carimbo está sendo preparada.", "ok")
    return redirect(door.url("show"), code=303)


@both("/encaminhar", "forward", "GET", "POST")
def forward(door: Door) -> ResponseReturnValue:
    """To the vereadores: addresses, a look at them, and they go to the queue."""
    form = ForwardForm()
    with transaction() as session:
        view = door.view(session)
    facts = {"form": form, "most": MAX_FORWARDS - len(view.forwards), **_facts(door, view)}
    if view.receipt is None:
        flash("Confirme o recebimento antes de encaminhar o ofício.", "warning")
        return redirect(door.url("confirm"), code=303)
    step = request.form.get("passo", "")
    if request.method == "GET" or step not in (CHECK, SEND):
        return render_template("camara/encaminhar.html", **facts)
    if not _sendable(form, facts["most"]):
        return render_template("camara/encaminhar.html", **facts), 422
    if step == CHECK:
        return render_template("camara/encaminhar_conferir.html", **facts)
    try:
        with transaction() as session:
            new = door.forward(session, form.addresses)
    except (InvalidInput, Conflict) as refusal:
        blame(form, refusal)
        return render_template("camara/encaminhar.html", **facts), 422
    flash(_told(new), "ok")
    return redirect(door.url("show"), code=303)


def _sendable(form: ForwardForm, most: int) -> bool:
    """Every address that cannot be one is named, not only the first."""
    if not form.validate():
        return False
    wrong = [typed for typed in form.addresses if normal_email(typed) is None]
    if wrong:
        form.enderecos.errors = [
            f"Confira {'este endereço' if len(wrong) == 1 else 'estes endereços'}: {', '.join(wrong)[:200]}"
        ]
    elif len(form.addresses) > most:
        form.enderecos.errors = [f"O ofício ainda pode ser encaminhado a {most} endereços, e há {len(form.addresses)}."]
    return not form.enderecos.errors


def _told(new: int) -> str:
    if new == 0:
        return "O ofício já tinha sido encaminhado a esses endereços: nada foi enviado de novo."
    return "O ofício vai seguir para 1 endereço." if new == 1 else f"O ofício vai seguir para {new} endereços."


def _show(door: Door) -> str:
    with transaction() as session:
        view = door.view(session)
    return render_template("camara/oficio.html", text=words.text_of(view.campaign, view.exemplar), **_facts(door, view))


def _facts(door: Door, view: ExemplarView) -> dict[str, Any]:
    """What every page of an exemplar shows."""
    kind, word = situation(view.exemplar.state, requires_reply=view.campaign.requires_reply)
    return {
        "door": door, "view": view, "campaign": view.campaign, "exemplar": view.exemplar, "camara": view.camara,
        "receipt": view.receipt, "deadline": words.deadline(view.campaign, view.exemplar),
        "stamp": words.stamp_of(view.exemplar, view.receipt), "situation_kind": kind, "situation": word,
    }  # fmt: skip


def facts_of(session: Session, door: Door) -> dict[str, Any]:
    """The same, read now."""
    return _facts(door, door.view(session))


def _name(view: ExemplarView) -> str:
    number = (view.campaign.number or "oficio").removeprefix("Of. ")
    return "oficio-" + "-".join(part for part in number.split("/") if part)
