"""Signing: the password once, the content's hash at once, the number at the first signature; the file follows.

The documents are locked in the order of their ids, everything is checked, and only then numbers are taken, so that
twenty people signing at once wait for one another as shortly as may be and take consecutive numbers (OF3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import fields
from documents.dossier.models import DocumentType, DocumentVersion, Dossier, DossierDocument
from documents.numbering import operations as numbering
from documents.signatures import access, content, events, proof, sealing
from documents.signatures.errors import NotSignable
from documents.signatures.models import DocumentSignature, Method
from documents.texts import indexing, merge, versions
from documents.texts.sanitising import plain
from people.models import Account, Person
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Forbidden, InvalidInput

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Signer:
    """Who signs, as it is written under the document."""

    account_id: UUID
    name: str
    cargo: str
    unit: str | None
    acting_for: UUID | None


@dataclass
class Prepared:
    """A locked document on its way to a signature."""

    document: DossierDocument
    kind: DocumentType
    dossier: Dossier
    version: DocumentVersion
    earlier: Sequence[DocumentSignature]


def sign(
    session: Session,
    document_ids: Iterable[UUID],
    *,
    password: str,
    cargo: str,
    actor: Actor,
    address: str = "",
    versions_seen: Mapping[UUID, int] | None = None,
) -> list[DocumentSignature]:
    """Sign all of them or none, in the order of their ids; rendering and sealing follow in the worker.

    `versions_seen`: the versions that the person had before them; Conflict when a text changed since. WrongPassword is
    counted whatever happens to the caller's transaction.
    """
    ids = sorted(set(document_ids))
    signer = signer_of(session, actor, cargo)
    access.authorize_documents(session, actor, ids, access.SIGN)
    proof.require(session, signer.account_id, password, address)
    prepared = prepare(session, ids, signer, versions_seen or {})
    for one in prepared:
        if one.kind.signature == "qualificada":
            raise NotSignable(
                f"{_called(one)} exige assinatura com certificado digital (Lei 14.063/2020, art. 4º, III)."
            )
    complete(session, prepared, actor=actor)
    rows = [record(session, one, signer) for one in prepared]
    finish(session, prepared, rows, actor=actor)
    return rows


def signer_of(session: Session, actor: Actor, cargo: str) -> Signer:
    """The person behind the actor, with the cargo as typed."""
    written = " ".join(cargo.split())
    if not 2 <= len(written) <= 120:
        raise InvalidInput({"cargo": "Informe o cargo ou a função com que você assina (até 120 caracteres)."})
    account = session.get(Account, actor.id) if actor.kind == "account" and actor.id else None
    if account is None:
        raise Forbidden("Só uma pessoa com conta assina documentos.")
    person = session.get(Person, account.person_id) if account.person_id else None
    name = (person.full_name if person else None) or account.display_name or account.login or ""
    return Signer(account.id, name, written, actor.unit, actor.acting_for)


def prepare(session: Session, ids: Sequence[UUID], signer: Signer, seen: Mapping[UUID, int]) -> list[Prepared]:
    """Lock the documents and check that each may be signed now; the refusals name every document that may not."""
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise InvalidInput(message=f"Escolha de 1 a {MOST_AT_ONCE} documentos para assinar.")
    prepared = _gather(session, ids)
    problems = {str(one.document.id): why for one in prepared if (why := _problem(one, signer, seen))}
    if len(prepared) < len(ids):
        raise NotSignable("Um dos documentos ainda não tem texto: escreva-o e salve antes de assinar.")
    if problems:
        raise NotSignable(" ".join(problems.values()), documents=sorted(problems))
    return prepared


def complete(session: Session, prepared: Sequence[Prepared], *, actor: Actor) -> None:
    """Give the numbers of the types, and write what is known only now into the texts, as versions of their own.

    Numbers are always taken in the same order of types and units, so that two batches never wait for one another.
    """
    numbers = {}
    for one in sorted(prepared, key=lambda one: (one.kind.key, one.document.unit, one.document.number)):
        if one.document.type_number is None and one.kind.numbering != "none":
            numbers[one.document.id] = numbering.new_type_number(session, one.kind.key, one.document.unit)
    latest = versions.last(session, [one.document.id for one in prepared])
    for one in prepared:
        one.document.type_number = numbers.get(one.document.id, one.document.type_number)
        if not one.earlier:
            _write_in(session, one, latest[one.document.id] + 1, actor)


def _write_in(session: Session, one: Prepared, number: int, actor: Actor) -> None:
    """The text with its number and date, when it has fields for them."""
    filled = merge.fill(one.version.html, merge.values_at_signature(one.document.type_number))
    still = [name for name in filled.unresolved if name in merge.AT_SIGNATURE]
    if still:
        raise NotSignable(_unfilled(one, still))
    if filled.html == one.version.html:
        return
    one.version = versions.row_of(
        one.document.id,
        number,
        filled.html,
        one.version.answers,
        actor=actor,
        based_on=one.document.version,
        comment="Número e data da assinatura",
    )
    session.add(one.version)
    one.document.version = number


def record(
    session: Session,
    one: Prepared,
    signer: Signer,
    *,
    method: Method = Method.PASSWORD,
    certificate_sha256: str | None = None,
    cms: bytes | None = None,
) -> DocumentSignature:
    """The signature's row, over the content as it is now."""
    digest = content.digest(content.written(one.dossier.number, one.document, one.version))
    row = DocumentSignature(
        document_id=one.document.id,
        version=one.version.version,
        position=len(one.earlier) + 1,
        account_id=signer.account_id,
        acting_for=signer.acting_for,
        name=signer.name,
        cargo=signer.cargo,
        unit=signer.unit,
        method=method,
        signed_at=clock.now(),
        content_sha256=digest.sha256,
        content_crc32=digest.crc32,
        certificate_sha256=certificate_sha256,
        cms=cms,
    )
    session.add(row)
    one.document.status = "signed"
    return row


def finish(
    session: Session,
    prepared: Sequence[Prepared],
    rows: Sequence[DocumentSignature],
    *,
    actor: Actor,
    seal: bool = True,
) -> None:
    """Events, search and, unless the file is there already, the worker's jobs."""
    session.flush()
    for one, row in sorted(zip(prepared, rows, strict=True), key=lambda pair: str(pair[0].dossier.id)):
        events.append(session, one.dossier.id, events.SIGNED, signed_data(one.document, row), actor=actor)
        indexing.index(session, one.document, plain(one.version.html))
    if seal:
        sealing.defer(session, [one.document.id for one in prepared])


def signed_data(document: DossierDocument, row: DocumentSignature) -> dict[str, object]:
    """What the chain keeps of a signature: enough to find out any later change of its row."""
    return {
        "document": str(document.id),
        "number": document.number,
        "signature": str(row.id),
        "version": row.version,
        "sha256": row.content_sha256,
        "record": record_digest(row),
    }


def record_digest(row: DocumentSignature) -> str:
    """Digest of the columns that never change; the id's random bits keep it from being guessed."""
    return content.digest(
        repr(
            [
                str(row.id),
                str(row.document_id),
                row.version,
                row.position,
                str(row.account_id),
                str(row.acting_for),
                row.name,
                row.cargo,
                row.unit,
                str(row.method),
                row.signed_at.isoformat(),
                row.content_sha256,
                row.content_crc32,
                row.certificate_sha256,
                (row.cms or b"").hex(),
            ]
        ).encode()
    ).sha256


def _gather(session: Session, ids: Sequence[UUID]) -> list[Prepared]:
    """The locked rows with what belongs to them, in four queries whatever their number."""
    query = (
        select(DossierDocument)
        .where(DossierDocument.id.in_(ids))
        .order_by(DossierDocument.id)
        .with_for_update(key_share=True)
    )
    documents = session.scalars(query.execution_options(populate_existing=True)).all()
    together = (
        select(DossierDocument.id, DocumentType, Dossier, DocumentVersion)
        .join(DocumentType, DocumentType.key == DossierDocument.type_key)
        .join(Dossier, Dossier.id == DossierDocument.dossier_id)
        .join(
            DocumentVersion,
            (DocumentVersion.document_id == DossierDocument.id) & (DocumentVersion.version == DossierDocument.version),
        )
        .where(DossierDocument.id.in_(ids))
    )
    found = {row[0]: row[1:] for row in session.execute(together)}
    earlier: dict[UUID, list[DocumentSignature]] = {}
    standing = select(DocumentSignature).where(
        DocumentSignature.document_id.in_(ids), DocumentSignature.dropped_at.is_(None)
    )
    for row in session.scalars(standing.order_by(DocumentSignature.position)):
        earlier.setdefault(row.document_id, []).append(row)
    return [Prepared(one, *found[one.id], earlier.get(one.id, ())) for one in documents if one.id in found]


def _problem(one: Prepared, signer: Signer, seen: Mapping[UUID, int]) -> str:
    """Why a document can't be signed now, in one sentence; empty when it can."""
    document = one.document
    if document.status not in ("draft", "signed"):
        return f"{_called(one)} não pode ser assinado: está {_STATES.get(document.status, 'fechado')}."
    mine = (signer.account_id, signer.acting_for or signer.account_id)
    if any((row.account_id, row.acting_for or row.account_id) == mine for row in one.earlier):
        return f"Você já assinou {_called(one, lower=True)}."
    if document.id in seen and seen[document.id] != document.version:
        return (
            f"O texto de {_called(one, lower=True)} mudou depois que você o abriu. Leia a versão nova antes de assinar."
        )
    if one.earlier:
        return ""
    open_fields = merge.missing(one.version.html, one.kind.key)
    if open_fields:
        return _unfilled(one, open_fields)
    strange = fields.unprintable(plain(one.version.html))
    if strange:
        return f"{_called(one)}: retire ou troque o que a letra do documento não escreve: {strange}."
    return ""


_STATES = {"cancelled": "cancelado", "deleted": "excluído", "filed": "arquivado como documento externo"}


def _unfilled(one: Prepared, names: Iterable[str]) -> str:
    listed = ", ".join(f"«{name}»" for name in names)
    return f"{_called(one)} ainda tem campos por preencher: {listed}. Preencha-os ou retire-os antes de assinar."


def _called(one: Prepared, *, lower: bool = False) -> str:
    return f"{'o' if lower else 'O'} documento {one.document.number:07d} ({one.kind.name})"
