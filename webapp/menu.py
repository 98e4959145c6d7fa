"""What each audience adds to the navigation.

A package webapp/<audience>/ may hold `MENU: tuple[MenuItem, ...]` beside its `blueprint`; items appear only to who may
open them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from webapp import security


@dataclass(frozen=True)
class MenuItem:
    """One link: `order` sorts across audiences, in tens; `about` is the sentence of its card on the front page;
    `kind` is of the accounts that it is for, "staff" or "citizen"."""

    label: str
    endpoint: str
    order: int = 50
    about: str = ""
    kind: str = "staff"

    @property
    def url(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)


def visible() -> list[MenuItem]:
    """The items that who is calling may open."""
    items: list[MenuItem] = current_app.extensions.get("menu", [])
    return [item for item in items if _open(item)]


def _open(item: MenuItem) -> bool:
    rule = security.access_of(current_app.view_functions.get(item.endpoint))
    identity = security.identity()
    if rule is None or identity is None or identity.kind != item.kind:
        return False
    return rule.action is None or security.may(rule.action)


def current() -> MenuItem | None:
    """The item whose page this is, or the nearest above it."""
    path = request.path.rstrip("/") + "/"
    above = [item for item in visible() if path.startswith(item.url.rstrip("/") + "/")]
    return max(above, key=lambda item: len(item.url), default=None)
