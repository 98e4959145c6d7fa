"""The requests for a registration without document (R11), among the tasks of the Gpol, which alone may answer them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from people import queries as people
from people import registration
from webapp import shown
from webapp.security import actor, may
from workflow.database import transaction

FACES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Request:
    """One request: whose registration, asked by whom and when, with pictures of the face."""

    url: str
    name: str
    asked_by: str
    since: str
    faces: tuple[str, ...]


def listing() -> dict[str, object]:
    """What the section of requests is drawn from; nothing for who may not answer them."""
    if not may("gpol.register_without_document"):
        return {"requests": None, "requests_version": ""}
    with transaction() as session:
        found = registration.waiver_requests(session, actor=actor())
        names = people.account_names(session, {one.asked_by for one in found})
    return {"requests": [_request(one, names) for one in found], "requests_version": _version(found)}


def _version(found: list[registration.WaiverRequest]) -> str:
    """Changes with the list, so that it is not sent again for nothing."""
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]


def _request(one: registration.WaiverRequest, names: dict[UUID, str]) -> Request:
    return Request(
        url_for("atendimento.without_document", draft_id=one.draft_id), one.full_name or "Nome ainda não informado",
        names.get(one.asked_by, ""), shown.ago(one.asked_at),
        tuple(url_for("atendimento.waiver_picture", draft_id=one.draft_id, picture_id=face) for face in one.faces[:FACES_SHOWN]),
    )  # fmt: skip
