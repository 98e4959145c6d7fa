"""Blocks: documents offered to other units to be read, edited and signed in one go; dossiers kept together.

A signature block goes from aberto to disponibilizado, is recebido by each unit it was offered to, retornado when all of
them gave it back, and concluído by the unit that made it. Internal and meeting blocks are only kept, and concluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.dossier import access as dossiers
from documents.dossier.models import Dossier, DossierDocument
from documents.signatures import access, events, signing
from documents.signatures.models import Block, BlockItem, BlockKind, BlockOffer, BlockStatus, DocumentSignature
from people.access import authorize
from people.models import Unit
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput, NotFound

__all__ = [
    "add",
    "conclude",
    "create",
    "describe",
    "give_back",
    "note",
    "offer",
    "receive",
    "remove",
    "reopen",
    "sign_all",
    "take_back",
]


def create(session: Session, kind: str, description: str = "", *, actor: Actor) -> Block:
    """A new block of the actor's unit: signature, internal or meeting."""
    authorize(actor, "block.work")
    if actor.unit is None:
        raise Forbidden("Escolha a unidade em que você está trabalhando.")
    if kind not in set(BlockKind):
        raise InvalidInput({"kind": "Escolha o tipo de bloco."})
    session.execute(select(Unit.id).where(Unit.sigla == actor.unit).with_for_update())  # two at once: two numbers
    last = session.scalar(select(func.max(Block.number)).where(Block.unit == actor.unit)) or 0
    block = Block(
        number=last + 1,
        kind=kind,
        unit=actor.unit,
        description=_line(description, 250, "description"),
        created_by=actor.id,
        created_at=clock.now(),
    )
    session.add(block)
    session.flush()
    events.of_block(session, block, events.BLOCK_CREATED, {"kind": kind}, actor=actor)
    return block


def describe(session: Session, block_id: UUID, description: str, *, actor: Actor) -> Block:
    """Change what the block is about."""
    block = _own(session, block_id, actor)
    block.description = _line(description, 250, "description")
    session.flush()
    events.of_block(session, block, events.BLOCK_CHANGED, actor=actor)
    return block


def add(
    session: Session,
    block_id: UUID,
    *,
    actor: Actor,
    document_ids: Iterable[UUID] = (),
    dossier_ids: Iterable[UUID] = (),
    note: str = "",
) -> list[BlockItem]:
    """Put documents (in internal and meeting blocks, dossiers too) into a block; what is there already stays once."""
    block = _own(session, block_id, actor)
    _require(block, BlockStatus.OPEN, BlockStatus.RETURNED)
    text = _line(note, 500, "note")
    pairs = [_document_for(session, block, one, actor) for one in dict.fromkeys(document_ids)]
    if block.kind == BlockKind.SIGNATURE and list(dossier_ids):
        raise InvalidInput(message="Em bloco de assinatura entram documentos, não processos inteiros.")
    pairs += [(dossiers.find(session, actor, one).id, None) for one in dict.fromkeys(dossier_ids)]
    held = {(item.dossier_id, item.document_id) for item in items_of(session, block.id)}
    position = len(held)
    added = []
    for dossier_id, document_id in pairs:
        if (dossier_id, document_id) in held:
            continue
        position += 1
        added.append(
            BlockItem(
                block_id=block.id,
                dossier_id=dossier_id,
                document_id=document_id,
                position=position,
                note=text,
                added_by=actor.id,
                added_at=clock.now(),
            )
        )
    session.add_all(added)
    session.flush()
    if added:
        events.of_block(session, block, events.BLOCK_ADDED, *map(_content, added), actor=actor)
    return added


def remove(session: Session, item_id: UUID, *, actor: Actor) -> None:
    """Take an item out of a block of the actor's unit."""
    item, block = _own_item(session, item_id, actor)
    _require(block, BlockStatus.OPEN, BlockStatus.RETURNED)
    content = _content(item)
    session.delete(item)
    events.of_block(session, block, events.BLOCK_REMOVED, content, actor=actor)


def note(session: Session, item_id: UUID, text: str, *, actor: Actor) -> BlockItem:
    """Write on an item what those who sign should know."""
    item, block = _own_item(session, item_id, actor)
    item.note = _line(text, 500, "note")
    events.of_block(session, block, events.BLOCK_CHANGED, {"item": str(item.id)}, actor=actor)
    return item


def offer(session: Session, block_id: UUID, units: Iterable[str], *, actor: Actor) -> Block:
    """Disponibilizar: these units may read, edit and sign its documents until they give it back."""
    block = _own(session, block_id, actor)
    _require(block, BlockStatus.OPEN, BlockStatus.RETURNED)
    if block.kind != BlockKind.SIGNATURE:
        raise Conflict("Só blocos de assinatura são disponibilizados a outras unidades.")
    wanted = sorted(set(units) - {block.unit})
    known = set(session.scalars(select(Unit.sigla).where(Unit.sigla.in_(wanted), Unit.active)))
    if not wanted or known != set(wanted):
        raise InvalidInput({"units": "Escolha ao menos uma unidade da lista, além da sua."})
    if not items_of(session, block.id):
        raise Conflict("O bloco está vazio: inclua os documentos antes de disponibilizá-lo.")
    session.query(BlockOffer).filter(BlockOffer.block_id == block.id).delete()
    session.add_all(BlockOffer(block_id=block.id, unit=unit, offered_at=clock.now()) for unit in wanted)
    block.status = BlockStatus.OFFERED
    session.flush()
    events.of_block(session, block, events.BLOCK_OFFERED, *({"unit": unit} for unit in wanted), actor=actor)
    return block


def receive(session: Session, block_id: UUID, *, actor: Actor) -> Block:
    """The first time that somebody of a unit opens the block offered to it."""
    block, own = _offered(session, block_id, actor)
    if own.received_at is None:
        own.received_at = clock.now()
        session.flush()
        events.of_block(session, block, events.BLOCK_RECEIVED, {"unit": own.unit}, actor=actor)
    return block


def give_back(session: Session, block_id: UUID, *, actor: Actor) -> Block:
    """Devolver: the unit is done; when the last one is, the block is retornado."""
    block, own = _offered(session, block_id, actor)
    own.closed_at = clock.now()
    session.flush()
    waiting = select(BlockOffer.unit).where(BlockOffer.block_id == block.id, BlockOffer.closed_at.is_(None))
    if session.scalar(waiting.limit(1)) is None:
        block.status = BlockStatus.RETURNED
    events.of_block(session, block, events.BLOCK_RETURNED, {"unit": own.unit}, actor=actor)
    return block


def take_back(session: Session, block_id: UUID, *, actor: Actor) -> Block:
    """Cancelar disponibilização: the block is open again, and the units reach its documents no longer."""
    block = _own(session, block_id, actor)
    _require(block, BlockStatus.OFFERED)
    for one in session.scalars(
        select(BlockOffer).where(BlockOffer.block_id == block.id, BlockOffer.closed_at.is_(None))
    ):
        one.closed_at = clock.now()
    block.status = BlockStatus.OPEN
    session.flush()
    events.of_block(session, block, events.BLOCK_TAKEN_BACK, actor=actor)
    return block


def conclude(session: Session, block_id: UUID, *, actor: Actor) -> Block:
    """The block has done its work; while it is offered it is taken back first."""
    block = _own(session, block_id, actor)
    _require(block, BlockStatus.OPEN, BlockStatus.RETURNED)
    block.status = BlockStatus.CONCLUDED
    session.flush()
    events.of_block(session, block, events.BLOCK_CONCLUDED, actor=actor)
    return block


def reopen(session: Session, block_id: UUID, *, actor: Actor) -> Block:
    """A concluded block is open again."""
    block = _own(session, block_id, actor)
    _require(block, BlockStatus.CONCLUDED)
    block.status = BlockStatus.OPEN
    session.flush()
    events.of_block(session, block, events.BLOCK_REOPENED, actor=actor)
    return block


def sign_all(
    session: Session,
    block_id: UUID,
    *,
    password: str,
    cargo: str,
    actor: Actor,
    address: str = "",
    versions_seen: Mapping[UUID, int] | None = None,
) -> list[DocumentSignature]:
    """Sign, in one go, every document of the block that the actor may sign and has not signed yet."""
    block = visible(session, block_id, actor)
    signer = signing.signer_of(session, actor, cargo)
    mine = select(DocumentSignature.document_id).where(
        DocumentSignature.account_id == signer.account_id,
        func.coalesce(DocumentSignature.acting_for, DocumentSignature.account_id)
        == (signer.acting_for or signer.account_id),
        DocumentSignature.dropped_at.is_(None),
    )
    wanted = session.scalars(
        select(DossierDocument.id)
        .join(BlockItem, BlockItem.document_id == DossierDocument.id)
        .where(
            BlockItem.block_id == block.id,
            DossierDocument.kind.in_(("internal", "form")),
            DossierDocument.status.in_(("draft", "signed")),
            DossierDocument.id.not_in(mine),
        )
    ).all()
    if not wanted:
        raise Conflict("Não há neste bloco documento que falte você assinar.")
    return signing.sign(
        session, wanted, password=password, cargo=cargo, actor=actor, address=address, versions_seen=versions_seen
    )


def visible(session: Session, block_id: UUID, actor: Actor) -> Block:
    """The block, when the actor's unit made it or holds it now; to the others it does not exist."""
    authorize(actor, "block.work")
    block = session.get(Block, block_id)
    if block is not None and actor.unit is not None:
        if block.unit == actor.unit:
            return block
        held = session.get(BlockOffer, (block.id, actor.unit))
        if block.status == BlockStatus.OFFERED and held is not None and held.closed_at is None:
            return block
    raise NotFound("Não encontramos este bloco, ou ele não está disponível para a sua unidade.", block=str(block_id))


def items_of(session: Session, block_id: UUID) -> list[BlockItem]:
    """What is in a block, in order."""
    return list(session.scalars(select(BlockItem).where(BlockItem.block_id == block_id).order_by(BlockItem.position)))


def _own(session: Session, block_id: UUID, actor: Actor) -> Block:
    """The block of the actor's unit, locked."""
    visible(session, block_id, actor)
    query = select(Block).where(Block.id == block_id).with_for_update()
    block = session.scalars(query.execution_options(populate_existing=True)).one()
    if block.unit != actor.unit:
        raise Forbidden(f"Este bloco é da unidade {block.unit}.")
    return block


def _offered(session: Session, block_id: UUID, actor: Actor) -> tuple[Block, BlockOffer]:
    """The block that the actor's unit holds, locked, and the offer."""
    visible(session, block_id, actor)
    query = select(Block).where(Block.id == block_id).with_for_update()
    block = session.scalars(query.execution_options(populate_existing=True)).one()
    own = session.get(BlockOffer, (block_id, actor.unit), populate_existing=True)
    if own is None or own.closed_at is not None or block.status != BlockStatus.OFFERED:
        raise Conflict("Este bloco não está com a sua unidade.")
    return block, own


def _document_for(session: Session, block: Block, document_id: UUID, actor: Actor) -> tuple[UUID, UUID | None]:
    """A document that may go into the block: in a signature block, one that the unit itself may sign, and not sigiloso."""
    action = access.SIGN if block.kind == BlockKind.SIGNATURE else access.READ
    document = access.authorize_document(session, actor, document_id, action)
    if block.kind == BlockKind.SIGNATURE:
        if document.kind == "external" or document.status not in ("draft", "signed"):
            raise Conflict(f"O documento {document.number:07d} não se assina: não entra em bloco de assinatura.")
        if session.get_one(Dossier, document.dossier_id).effective_level == "sigiloso":
            raise Conflict("Documento de processo sigiloso não entra em bloco: conceda credencial a quem vai assinar.")
    return document.dossier_id, document.id


def _own_item(session: Session, item_id: UUID, actor: Actor) -> tuple[BlockItem, Block]:
    """An item of a block of the actor's unit, as it is once the block is locked."""
    held = session.scalar(select(BlockItem.block_id).where(BlockItem.id == item_id))
    block = _own(session, held, actor) if held is not None else None
    item = session.get(BlockItem, item_id, populate_existing=True)
    if block is None or item is None:
        raise NotFound("Não encontramos este item do bloco.")
    return item, block


def _require(block: Block, *states: BlockStatus) -> None:
    words = {
        BlockStatus.OPEN: "aberto",
        BlockStatus.OFFERED: "disponibilizado",
        BlockStatus.RETURNED: "retornado",
        BlockStatus.CONCLUDED: "concluído",
    }
    if block.status not in states:
        wanted = " ou ".join(words[state] for state in states)
        raise Conflict(
            f"O bloco {block.number} está {words[BlockStatus(block.status)]}; para isto ele precisa estar {wanted}."
        )


def _content(item: BlockItem) -> dict[str, str]:
    return {"item": str(item.id), "dossier": str(item.dossier_id), "document": str(item.document_id)}


def _line(text: str, most: int, field: str) -> str:
    clean = " ".join(text.split())
    if len(clean) > most:
        raise InvalidInput({field: f"Use no máximo {most} caracteres."})
    return clean
