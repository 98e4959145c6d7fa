"""The events of publications, in the dossier's chain, and their sentences. Ids, numbers, names of vehicles, digests."""

from __future__ import annotations

from documents.dossier import events
from documents.publication.models import Publication, PublicationKind

SCHEDULED: dict[str, str] = {
    PublicationKind.ORIGINAL: "publication_scheduled",
    PublicationKind.RECTIFICATION: "publication_rectification_scheduled",
    PublicationKind.REPUBLICATION: "publication_republication_scheduled",
    PublicationKind.VOIDING: "publication_voiding_scheduled",
}
PUBLISHED: dict[str, str] = {
    PublicationKind.ORIGINAL: "publication_published",
    PublicationKind.RECTIFICATION: "publication_rectified",
    PublicationKind.REPUBLICATION: "publication_republished",
    PublicationKind.VOIDING: "publication_voided",
}
CHANGED = "publication_changed"
CANCELLED = "publication_cancelled"
HELD = "publication_held"

_WHERE = "{vehicle}, edição {edition}/{year}."
events.register({
    "publication_published": f"Documento {{number:0>7}} publicado em {{on}}: {_WHERE}",
    "publication_rectified": f"Publicação do documento {{of_number:0>7}} retificada em {{on}} pelo documento {{number:0>7}}: {_WHERE}",
    "publication_republished": f"Documento {{number:0>7}} republicado em {{on}}: {_WHERE}",
    "publication_voided": f"Publicação do documento {{number:0>7}} tornada sem efeito em {{on}}: {_WHERE}",
    HELD: "Publicação do documento {number:0>7} não feita em {on}: “{why}”",
}, "resumido")  # fmt: skip
events.register({
    "publication_scheduled": "Publicação do documento {number:0>7} programada para {on}: {vehicle}.",
    "publication_rectification_scheduled":
        "Retificação da publicação do documento {of_number:0>7}, pelo documento {number:0>7}, programada para {on}: {vehicle}.",
    "publication_republication_scheduled": "Republicação do documento {number:0>7} programada para {on}: {vehicle}.",
    "publication_voiding_scheduled":
        "Publicação do documento {number:0>7} a ser tornada sem efeito em {on}: {vehicle}.",
    CHANGED: "Publicação programada do documento {number:0>7} alterada: {on}, {vehicle}.",
    CANCELLED: "Publicação programada do documento {number:0>7} cancelada.",
}, "completo")  # fmt: skip


def record_digest(row: Publication) -> str:
    """Digest of all that a publication says, keyed by its random id."""
    facts = (row.kind, row.document_id, row.version, row.vehicle_key, row.of_id, row.edition_id, row.sealed_id)
    return events.digest(row.id, *(str(one) for one in facts), row.summary, row.reason or "")
