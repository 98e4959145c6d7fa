"""The two ways in to an exemplar, with the same pages behind both: the e-mailed link and the câmara's own account.

The link is public: its token opens one exemplar, the core proves it at each request, and requests are counted by
network. Only POST changes anything, since mail scanners open links.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from integrations.mailbox_reader import File
from people import throttle
from people.throttle import Limit
from processes.oficio_camaras import operations, queries
from processes.oficio_camaras.correspondence.models import Receipt, Reply
from processes.oficio_camaras.queries import ExemplarView
from webapp.camara.blueprint import blueprint
from webapp.security import actor, public, remote_address, requires
from workflow.database import transaction
from workflow.errors import TooManyAttempts

VISITS = Limit(240, timedelta(minutes=5), timedelta(minutes=5))
"""Requests of one network to links; a câmara that reads, confirms, forwards and answers makes some thirty."""
UPLOADS = Limit(20, timedelta(hours=1), timedelta(hours=1))
REPLIES = Limit(10, timedelta(hours=1), timedelta(hours=1))


@dataclass(frozen=True)
class Door:
    """How this request came to the exemplar: by a token, or by the account that is signed in."""

    token: str | None = None
    exemplar_id: UUID | None = None

    @property
    def public(self) -> bool:
        """Nobody signed in: who holds the link."""
        return self.token is not None

    def url(self, name: str, **values: Any) -> str:
        """The address of another page of the same exemplar."""
        if self.token is not None:
            return url_for(f"camara.link_{name}", token=self.token, **values)
        return url_for(f"camara.{name}", exemplar_id=self.exemplar_id, **values)

    def view(self, session: Session) -> ExemplarView:
        """The exemplar; NotFound when this way does not lead to it."""
        if self.token is not None:
            return queries.view_by_link(session, self.token)
        assert self.exemplar_id is not None
        return queries.view_by_account(session, self.exemplar_id, actor())

    def confirm(self, session: Session, who: str) -> Receipt:
        """The receipt of the exemplar, now or as it was confirmed before."""
        if self.token is not None:
            return operations.confirm_by_link(session, self.token, who)
        assert self.exemplar_id is not None
        return operations.confirm_by_account(session, self.exemplar_id, who, actor=actor())

    def forward(self, session: Session, addresses: Sequence[str]) -> int:
        """How many new addresses it goes to."""
        if self.token is not None:
            return operations.forward_by_link(session, self.token, addresses)
        assert self.exemplar_id is not None
        return operations.forward_by_account(session, self.exemplar_id, addresses, actor=actor())

    def answer(self, session: Session, text: str, files: Sequence[File], key: str) -> Reply:
        """The reply of the câmara; one for a form, however often it is sent."""
        if self.token is not None:
            return operations.answer_by_link(session, self.token, text, files, key=key)
        assert self.exemplar_id is not None
        return operations.answer_by_account(session, self.exemplar_id, text, files, actor=actor(), key=key)


View = Callable[..., ResponseReturnValue]


def both(path: str, name: str, *methods: str) -> Callable[[View], View]:
    """Serve a view under both ways in: `camara.link_<name>` for anybody who holds the link, `camara.<name>` for accounts."""

    def register(view: View) -> View:
        @public
        @wraps(view)
        def by_link(token: str, **values: Any) -> ResponseReturnValue:
            limit("oficio-link", remote_address_network(), VISITS)
            return view(Door(token=token), **values)

        @requires("camara.answer")
        @wraps(view)
        def by_account(exemplar_id: UUID, **values: Any) -> ResponseReturnValue:
            return view(Door(exemplar_id=exemplar_id), **values)

        allowed = list(methods or ("GET",))
        blueprint.add_url_rule(f"/oficios/recebimento/<token>{path}", f"link_{name}", by_link, methods=allowed)
        blueprint.add_url_rule(f"/camara/oficios/<uuid:exemplar_id>{path}", name, by_account, methods=allowed)
        return view

    return register


def limit(scope: str, subject: str, chosen: Limit) -> None:
    """Count one request in a transaction that commits; TooManyAttempts when it is one too many."""
    with transaction() as session:
        wait = throttle.count(session, scope, subject, chosen)
    if wait:
        raise TooManyAttempts(wait)


def remote_address_network() -> str:
    """The caller's network, as the counters keep it."""
    return throttle.network_of(remote_address())
