"""What may go wrong at the gates."""

from __future__ import annotations

from workflow.errors import Conflict, DomainError, InvalidInput


class RequestRefused(DomainError):
    """A bridge's request that is not proved to be a bridge's; `reason` is the wire's word for it."""

    code = "ponte_recusada"
    message = "O pedido da ponte não foi aceito."

    def __init__(self, reason: str, **data: object) -> None:
        super().__init__(None, reason=reason, **data)
        self.reason = reason


class OutsideHours(Conflict):
    """Whoever answers the task may not let a visitor in at that hour (arts. 10, § 2º, and 11)."""

    code = "fora_do_horario"
    message = "Neste horário a entrada depende da Polícia Legislativa. Escolha “Encaminhar à Gpol”."


class NobodyChosen(InvalidInput):
    """The answer says that somebody was confirmed and names nobody who is known."""

    code = "ninguem_escolhido"

    def __init__(self) -> None:
        super().__init__({"pessoa_id": "Escolha a pessoa confirmada, ou responda que não é ninguém cadastrado."})
