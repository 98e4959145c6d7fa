"""What is done to a block: made, filled, offered, given back, taken back, concluded, signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.dossier.page_queries import document_by_number
from documents.signatures import blocks
from documents.signatures.models import Block
from webapp import once
from webapp.blocos import views
from webapp.blocos.blueprint import blueprint
from webapp.documentos import assinar
from webapp.documentos.assinar import as_uuid
from webapp.documentos.forms import SignForm
from webapp.forms import blame
from webapp.security import actor, requires
from workflow.database import transaction
from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput


def _back(block_id: UUID, words: str, picked: Iterable[UUID] = ()) -> ResponseReturnValue:
    """The block's page; `picked`: the documents that have just come stand marked there."""
    flash(words, "ok")
    return redirect(_page(block_id, picked), code=303)


def _page(block_id: UUID, picked: Iterable[UUID] = ()) -> str:
    return url_for("blocos.block", block_id=block_id, documento=list(picked))


def _ids(texts: Iterable[str]) -> list[UUID]:
    return [found for found in (as_uuid(text) for text in list(texts)[:200]) if found is not None]


@blueprint.post("/blocos")
@requires("block.work")
def create() -> ResponseReturnValue:
    """A new block (`tipo`, `descricao`), with the documents (`documento`) that were chosen in a processo."""
    with transaction() as session:
        earlier = once.earlier(session)
        if earlier is not None:
            return once.answered(earlier)
        made = blocks.create(
            session, request.form.get("tipo", "signature"), request.form.get("descricao", ""), actor=actor()
        )
        ids = _asked(session)
        told = f"Bloco {made.number} criado{_with(_put(session, made.id, ids))}."
        once.keep(session, location=_page(made.id, ids), sentence=told)
    return _back(made.id, told, ids)


@blueprint.post("/blocos/incluir")
@requires("block.work")
def put() -> ResponseReturnValue:
    """The documents (`documento`) go into the block (`bloco`)."""
    block_id = as_uuid(request.form.get("bloco", ""))
    if block_id is None:
        raise InvalidInput(message="Escolha o bloco, ou crie um novo.")
    with transaction() as session:
        ids = _asked(session)
        added = _put(session, block_id, ids)
    return _back(block_id, _added_words(added), ids)


@blueprint.post("/blocos/<uuid:block_id>/documentos")
@requires("block.work")
def add(block_id: UUID) -> ResponseReturnValue:
    """Documents by their ids (`documento`) or by protocol number (`numero`, several with commas)."""
    with transaction() as session:
        ids = _asked(session, request.form.get("numero", ""))
        added = _put(session, block_id, ids)
    return _back(block_id, _added_words(added), ids)


def _asked(session: Session, numbers: str = "") -> list[UUID]:
    """The documents that the form names, by id and by protocol number."""
    ids = _ids(request.form.getlist("documento"))
    for written in numbers.replace(";", ",").split(","):
        if not written.strip():
            continue
        found = document_by_number(session, written, actor())
        if found is None:
            raise InvalidInput(message=f"Não encontramos o documento {written.strip()}. Confira o número.")
        ids.append(found.id)
    return ids


def _put(session: Session, block_id: UUID, ids: list[UUID]) -> int:
    return len(blocks.add(session, block_id, actor=actor(), document_ids=ids)) if ids else 0


def _with(added: int) -> str:
    return "" if not added else " com 1 documento" if added == 1 else f" com {added} documentos"


def _added_words(added: int) -> str:
    if not added:
        return "Nada mudou: o documento já estava no bloco."
    return "Documento incluído no bloco." if added == 1 else f"{added} documentos incluídos no bloco."


@blueprint.post("/blocos/<uuid:block_id>/itens/<uuid:item_id>/retirar")
@requires("block.work")
def remove(block_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Takes one out."""
    with transaction() as session:
        blocks.remove(session, item_id, actor=actor())
    return _back(block_id, "Documento retirado do bloco.")


@blueprint.post("/blocos/<uuid:block_id>/itens/<uuid:item_id>/anotar")
@requires("block.work")
def note(block_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """What those who sign should know (`nota`)."""
    with transaction() as session:
        blocks.note(session, item_id, request.form.get("nota", ""), actor=actor())
    return _back(block_id, "Anotação salva.")


@blueprint.post("/blocos/<uuid:block_id>/descricao")
@requires("block.work")
def describe(block_id: UUID) -> ResponseReturnValue:
    """What it is about (`descricao`)."""
    with transaction() as session:
        blocks.describe(session, block_id, request.form.get("descricao", ""), actor=actor())
    return _back(block_id, "Descrição salva.")


@blueprint.post("/blocos/<uuid:block_id>/disponibilizar")
@requires("block.work")
def offer(block_id: UUID) -> ResponseReturnValue:
    """To the units (`unidade`) that shall sign."""
    chosen = request.form.getlist("unidade")
    if not chosen:
        flash("Escolha ao menos uma unidade para assinar o bloco.", "error")
        return redirect(url_for("blocos.block", block_id=block_id), code=303)
    return _simple(
        block_id, partial(blocks.offer, units=chosen), "Bloco disponibilizado. As unidades já podem ler e assinar."
    )


def _simple(block_id: UUID, act: Callable[..., Block], words: str) -> ResponseReturnValue:
    with transaction() as session:
        earlier = once.earlier(session)
        if earlier is not None:
            return once.answered(earlier)
        act(session, block_id, actor=actor())
        once.keep(session, location=_page(block_id), sentence=words)
    return _back(block_id, words)


@blueprint.post("/blocos/<uuid:block_id>/cancelar-disponibilizacao")
@requires("block.work")
def take_back(block_id: UUID) -> ResponseReturnValue:
    """The other units reach it no longer."""
    return _simple(block_id, blocks.take_back, "O bloco voltou para a sua unidade.")


@blueprint.post("/blocos/<uuid:block_id>/concluir")
@requires("block.work")
def conclude(block_id: UUID) -> ResponseReturnValue:
    """It has done its work."""
    return _simple(block_id, blocks.conclude, "Bloco concluído.")


@blueprint.post("/blocos/<uuid:block_id>/reabrir")
@requires("block.work")
def reopen(block_id: UUID) -> ResponseReturnValue:
    """A concluded one takes documents again."""
    return _simple(block_id, blocks.reopen, "Bloco reaberto.")


@blueprint.post("/blocos/<uuid:block_id>/devolver")
@requires("block.work")
def give_back(block_id: UUID) -> ResponseReturnValue:
    """The unit is done with it; afterwards it no longer sees it."""
    target, told = url_for("blocos.listing", situacao="recebido"), "Bloco devolvido."
    with transaction() as session:
        earlier = once.earlier(session)
        if earlier is not None:
            return once.answered(earlier)
        blocks.give_back(session, block_id, actor=actor())
        once.keep(session, location=target, sentence=told)
    flash(told, "ok")
    return redirect(target, code=303)


@blueprint.post("/blocos/<uuid:block_id>/assinar")
@requires("block.work")
def sign(block_id: UUID) -> ResponseReturnValue:
    """The selected documents (`documento`) in one go; refused, the selection and the cargo stay."""
    form = SignForm()
    picked = request.form.getlist("documento")
    refusal: DomainError | None = None
    if not picked:
        form.validate()
        refusal = InvalidInput(message="Marque ao menos um documento para assinar.")
    elif form.validate():
        try:
            with transaction() as session:
                earlier = once.earlier(session)
                if earlier is not None:
                    return once.answered(earlier)
                done = _sign(session, block_id, picked, form)
                once.keep(session, location=_page(block_id), sentence=assinar.told(done))
        except (InvalidInput, Conflict, Forbidden) as error:
            refusal = error
        else:
            return _back(block_id, assinar.told(done))
    if refusal is not None:
        blame(form, refusal)
    return views.page(block_id, form, picked=picked), 422


def _sign(session: Session, block_id: UUID, picked: list[str], form: SignForm) -> int:
    blocks.visible(session, block_id, actor())
    held = {item.document_id for item in blocks.items_of(session, block_id)}
    ids = [identifier for identifier in _ids(picked) if identifier in held]
    if not ids:
        raise Conflict("Os documentos marcados não estão mais neste bloco. Recarregue a página.")
    return assinar.record(session, ids, form, assinar.versions_seen())
