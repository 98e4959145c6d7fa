"""What a dossier's chain tells of it: the events of one chain, folded into how the tables must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from documents.dossier import events
from documents.dossier.external import grants
from documents.dossier.external.petitions import RECEIVED as PETITIONED
from documents.signatures import events as signatures
from documents.texts import events as texts

SAVED = (texts.SAVED, texts.KEPT, texts.RESTORED)
_STATUS = {
    events.SUSPENDED: "suspended",
    events.RESUMED: "running",
    events.ATTACHED: "attached",
    events.DETACHED: "running",
}
KINDS = (
    *_STATUS, *SAVED, events.OPENED, events.OWN_LEVEL, events.LEVEL, events.SENT, events.SPECIFICATION, events.ENTRY,
    PETITIONED, events.CREDENTIAL_GRANTED, events.CREDENTIAL_REVOKED, grants.GRANTED, grants.REVOKED,
    events.DOCUMENT_ADDED, events.DOCUMENT_LEVEL, events.DOCUMENT_DELETED, events.DOCUMENT_CANCELLED, texts.UPLOADED,
    signatures.SIGNED, signatures.DROPPED,
)  # fmt: skip
"""The kinds that say something of the tables."""


@dataclass
class ToldDocument:
    """What the chain tells of one document."""

    number: int
    position: int
    level: str
    ended: str | None = None
    reason: str | None = None
    files: list[str] = field(default_factory=list)
    versions: dict[int, str] = field(default_factory=dict)
    signed: dict[str, tuple[int, str]] = field(default_factory=dict)
    ever_signed: set[int] = field(default_factory=set)


@dataclass
class Story:
    """What the chain tells of one dossier."""

    opened: dict[str, Any] = field(default_factory=dict)
    level: str = ""
    effective: str = ""
    status: str = "running"
    reason: str | None = None
    passed: list[str] = field(default_factory=list)
    documents: dict[str, ToldDocument] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    petitions: dict[str, str] = field(default_factory=dict)
    credentials: set[str] = field(default_factory=set)
    grants: dict[str, tuple[str, bool, bool, frozenset[str]]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)


def tell(story: Story, kind: str, data: dict[str, Any]) -> None:
    """One more event of the chain."""
    if kind == events.OPENED:
        story.opened, story.level, story.effective = data, data["level"], data["level"]
        story.passed = [data["unit"]]
    elif kind == events.OWN_LEVEL:
        story.level = data["level"]
    elif kind == events.LEVEL:
        story.effective = data["level"]
    elif kind in _STATUS:
        story.status, story.reason = _STATUS[kind], data.get("reason") if kind == events.SUSPENDED else None
    elif kind == events.SENT:
        story.passed += [one for one in data["units"] if one not in story.passed]
    elif kind == events.SPECIFICATION:
        story.opened["specification"] = data["specification"]
    elif kind == events.ENTRY:
        story.entries[data["entry"]] = data["text"]
    elif kind == PETITIONED:
        story.petitions[data["petition"]] = data["items"]
    elif not _tell_access(story, kind, data):
        _tell_document(story, kind, data)


def _tell_access(story: Story, kind: str, data: dict[str, Any]) -> bool:
    """Credentials of a sigiloso dossier and accesses of external users; False for what is neither."""
    if kind == events.CREDENTIAL_GRANTED:
        story.credentials.add(data["account"])
    elif kind == events.CREDENTIAL_REVOKED:
        story.credentials.discard(data["account"])
    elif kind == grants.GRANTED:
        story.grants[data["grant"]] = (data["until"], data["sign"], data["add"], frozenset(data["documents"]))
    elif kind == grants.REVOKED:
        story.revoked.add(data["grant"])
    else:
        return False
    return True


def _tell_document(story: Story, kind: str, data: dict[str, Any]) -> None:
    if kind == events.DOCUMENT_ADDED:
        story.documents[data["document"]] = ToldDocument(data["number"], data["position"], data["level"])
        return
    document = story.documents.get(data.get("document", ""))
    if document is None:
        return
    if kind == events.DOCUMENT_LEVEL:
        document.level = data["level"]
    elif kind == events.DOCUMENT_DELETED:
        document.ended = "deleted"
    elif kind == events.DOCUMENT_CANCELLED:
        document.ended, document.reason = "cancelled", data["reason"]
    elif kind in SAVED:
        document.versions[data["version"]] = data["sha256"]
    elif kind == texts.UPLOADED:
        document.files.append(data["sha256"])
    elif kind == signatures.SIGNED:
        document.signed[data["signature"]] = (data["version"], data["sha256"])
        document.ever_signed.add(data["version"])
    elif kind == signatures.DROPPED:
        for one in data["signatures"]:
            document.signed.pop(one, None)
