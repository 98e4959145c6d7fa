"""The lists of blocks, one block at its permalink, what is new, and where a document may be put."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from documents.signatures import blocks
from people import queries as people
from webapp.blocos import reading
from webapp.blocos.blueprint import blueprint
from webapp.documentos import reading as documents
from webapp.documentos.assinar import as_uuid
from webapp.documentos.forms import SignForm
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict


@blueprint.get("/blocos")
@requires("block.work")
def listing() -> str:
    """The unit's blocks by state (`situacao`); what it received comes first while there is some."""
    with transaction() as session:
        found = reading.lists(session, actor())
    chosen = request.args.get("situacao", "")
    if chosen not in found:
        chosen = "recebido" if found["recebido"] else "aberto"
    return render_template(
        "blocos/lista.html", lists=found, states=reading.STATES, chosen=chosen, kinds=reading.KINDS, signs=reading.SIGNS,
        name_of=reading.name_of, is_new=reading.is_new,
        fresh={state: sum(map(reading.is_new, rows)) for state, rows in found.items()},
    )  # fmt: skip


@blueprint.get("/blocos/novos")
@requires("block.work")
def news() -> ResponseReturnValue:
    """A line for other pages: how many blocks are new; nothing when none is."""
    with transaction() as session:
        count = reading.count_new(session, actor())
    return render_template("blocos/_novos.html", count=count) if count else ""


@blueprint.get("/blocos/<uuid:block_id>")
@requires("block.work")
def block(block_id: UUID) -> str:
    """One block: its documents, what each says, and the signing of those selected (`documento`: those marked when it
    opens). Opening it receives it."""
    return page(block_id, SignForm(), picked=request.args.getlist("documento") or None)


def page(block_id: UUID, form: SignForm, *, picked: list[str] | None = None) -> str:
    """The page of a block; `picked`: the documents that stand marked, after a refusal or since they have just come."""
    with transaction() as session:
        opened = reading.opened(session, block_id, actor())
        if not opened.row.own:
            blocks.receive(session, block_id, actor=actor())
        if not form.is_submitted():
            form.cargo.data = documents.last_cargo(session)
        units = [pair for pair in people.units(session) if pair[0] != actor().unit]
    return render_template(
        "blocos/bloco.html", block=opened, form=form, units=units, picked=picked, name=reading.name_of(opened.row),
        sign=reading.SIGNS[opened.row.state],
    )  # fmt: skip


@blueprint.get("/blocos/escolher")
@requires("block.work")
def choose() -> str:
    """Into which block the documents (`documento`) go: one that is open, or a new one."""
    ids = [found for found in (as_uuid(text) for text in request.args.getlist("documento")[:200]) if found is not None]
    if not ids:
        raise Conflict("Escolha no processo os documentos que vão para o bloco.")
    with transaction() as session:
        chosen = [documents.shown(session, documents.opened(session, identifier)) for identifier in ids]
        options = reading.open_blocks(session, actor())
    back = f"{url_for('processo.page', dossier_id=chosen[0].dossier_id)}?documento={chosen[0].id}"
    return render_template("blocos/escolher.html", chosen=chosen, options=options, back=back, name_of=reading.name_of)
