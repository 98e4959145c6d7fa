"""What may keep a declaração from being issued."""

from __future__ import annotations

from processes.declaracao_comparecimento.rules import REFUSAL_TEXTS, Refusal
from workflow.errors import DomainError


class NotIssued(DomainError):
    """A rule of art. 9º says no; `refusal` says which."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(REFUSAL_TEXTS[refusal], refusal=refusal.value)
        self.refusal = refusal
        self.code = refusal.value
