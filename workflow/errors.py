"""The one base of the errors that a person may meet; `webapp/errors.py` alone turns them into HTTP."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal in words: `message` in Portuguese for the person, `data` (no personal data) for the log."""

    code = "erro"
    message = "Não foi possível concluir a operação. Tente de novo."

    def __init__(self, message: str | None = None, **data: object) -> None:
        if message is not None:
            self.message = message
        self.data = data
        super().__init__(self.message)


class NotFound(DomainError):
    """Nothing under that identifier, or nothing that this actor may know of."""

    code = "nao_encontrado"
    message = "Não encontramos o que você procura. Confira o endereço e tente de novo."


class Forbidden(DomainError):
    """The actor may not do this."""

    code = "proibido"
    message = "Seu perfil não permite esta operação."


class Conflict(DomainError):
    """Somebody else was first, or the thing is no longer in the state that the act needs."""

    code = "conflito"
    message = "Os dados mudaram enquanto você trabalhava. Recarregue a página e confira."


class InvalidInput(DomainError):
    """What was typed can't be accepted; `fields` maps each field's name to what to do about it."""

    code = "dados_invalidos"
    message = "Confira os campos indicados."

    def __init__(self, fields: Mapping[str, str] | None = None, message: str | None = None, **data: object) -> None:
        super().__init__(message, **data)
        self.fields: dict[str, str] = dict(fields or {})


class TooManyAttempts(DomainError):
    """A limit against guessing was reached; `wait_s` seconds until the next attempt is heard."""

    code = "muitas_tentativas"
    message = "Muitas tentativas. Aguarde um pouco e tente de novo."

    def __init__(self, wait_s: int, message: str | None = None, **data: object) -> None:
        super().__init__(message, **data)
        self.wait_s = wait_s


class BpmnError(DomainError):
    """Raised by a service to take the error boundary event with this code (BPMN 2.0, 10.5.6)."""

    def __init__(self, error_code: str, message: str | None = None, **data: object) -> None:
        super().__init__(message, **data)
        self.error_code = error_code
