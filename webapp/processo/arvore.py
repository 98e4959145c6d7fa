"""The tree: the documents in their order, attached processos with theirs, related processos."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from documents.dossier import queries as dossiers
from documents.dossier.views import DossierView, Link, TreeItem
from webapp.processo import words
from webapp.processo.acts import url_of
from webapp.processo.words import Mark
from webapp.security import actor


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the tree. `gone`: why it was cancelled; `elsewhere`: it belongs to an attached processo."""

    key: str
    document_id: UUID | None
    name: str
    number: str
    icon: str
    marks: tuple[Mark, ...]
    url: str
    part_url: str = ""
    gone: str = ""
    selected: bool = False
    elsewhere: bool = False
    children: tuple[Line, ...] = ()


def tree(session: Session, view: DossierView, document_id: UUID | None) -> dict[str, object]:
    """Everything that stands at the left."""
    lines = [line_of(view.id, item, selected=item.id == document_id) for item in view.tree]
    return {
        "tree": lines + [_attached(session, link) for link in view.attachments],
        "related": [{"number": one.number, "type_name": one.type_name, "url": url_of(one.id)} for one in view.related],
    }


def line_of(dossier_id: UUID, item: TreeItem, *, selected: bool = False, elsewhere: bool = False) -> Line:
    """One document's line."""
    url = url_of(dossier_id, item.id)
    return Line(
        str(item.id), item.id, words.named(item.type_name, item.type_number, item.title), f"{item.number:07d}", item.kind,
        words.document_marks(item), url, "" if elsewhere else url,
        item.cancel_reason or "" if item.status == "cancelled" else "", selected, elsewhere,
    )  # fmt: skip


def _attached(session: Session, link: Link) -> Line:
    """An attached processo as a branch with its own documents."""
    children = dossiers.tree(session, link.id, actor())
    return Line(
        str(link.id), None, link.number, "", "processo", (Mark("attached", "lock", "anexado"),), url_of(link.id),
        elsewhere=True, children=tuple(line_of(link.id, item, elsewhere=True) for item in children),
    )  # fmt: skip
