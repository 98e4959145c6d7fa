"""Access of external users: grants to one dossier for a number of business days, and what they petition."""

from documents.dossier.external.grants import (
    authorize,
    authorize_document,
    for_account,
    grant,
    grants_of,
    note_opened,
    note_seen,
    revoke,
    view,
)
from documents.dossier.external.petitions import Receipt, ReceivedFile, petition, receipt, receipts_of, sent_just_now
from documents.dossier.external.views import ExternalDossier, ExternalView, GrantView

__all__ = [
    "ExternalDossier",
    "ExternalView",
    "GrantView",
    "Receipt",
    "ReceivedFile",
    "authorize",
    "authorize_document",
    "for_account",
    "grant",
    "grants_of",
    "note_opened",
    "note_seen",
    "petition",
    "receipt",
    "receipts_of",
    "revoke",
    "sent_just_now",
    "view",
]
