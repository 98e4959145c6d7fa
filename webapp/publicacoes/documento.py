"""What the page of a document says of its publications: a link for who may publish it, a line for each one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import g

from documents.dossier import access
from documents.dossier.errors import DossierDocumentNotFound
from documents.dossier.models import DocumentType, Dossier, DossierDocument
from documents.publication import queries, rules
from documents.publication.views import OwnView
from webapp.publicacoes.blueprint import blueprint
from webapp.security import actor, may
from workflow.database import transaction


@dataclass(frozen=True)
class Part:
    """`offered`: who is looking may open the page of its publications."""

    offered: bool
    lines: tuple[OwnView, ...]

    @property
    def published(self) -> bool:
        """Something was published: the text never changes again."""
        return any(one.status == "published" for one in self.lines)


@blueprint.app_template_global("publications_of")
def part(document_id: UUID) -> Part:
    """Of a document that the page already shows to who is looking; read once a request."""
    known: dict[UUID, Part] = g.setdefault("publications", {})
    if document_id not in known:
        known[document_id] = _part(document_id)
    return known[document_id]


def _part(document_id: UUID) -> Part:
    with transaction() as session:
        document = session.get(DossierDocument, document_id)
        if document is None:
            raise DossierDocumentNotFound(document=str(document_id))
        lines = queries.of_document(session, document_id)
        declared = session.get_one(DocumentType, document.type_key)
        dossier = session.get_one(Dossier, document.dossier_id)
        offered = bool(lines) or not rules.obstacle(document, declared, dossier)
        offered = offered and may("publication.manage") and access.may(session, actor(), dossier, "publication.manage")
    return Part(offered, tuple(one for one in lines if one.status != "cancelled"))
