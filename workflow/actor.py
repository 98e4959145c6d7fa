"""Who acts: a value that every operation receives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ActorKind = Literal["account", "bridge", "system", "public"]


@dataclass(frozen=True)
class Actor:
    """The author of an act.

    `id` is the account's or the bridge's; `roles` are those valid in `unit` (its sigla) at this moment;
    `acting_for` is the account that the actor substitutes.
    """

    kind: ActorKind
    id: UUID | None = None
    person_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    unit: str | None = None
    acting_for: UUID | None = None

    def has(self, *roles: str) -> bool:
        """True when the actor holds any of the roles."""
        return any(role in self.roles for role in roles)


SYSTEM = Actor("system")
PUBLIC = Actor("public")
