"""What can go wrong with a signature, in words for the person."""

from __future__ import annotations

from workflow.errors import Conflict, InvalidInput


class WrongPassword(InvalidInput):
    """The password typed to sign is not the account's."""

    code = "senha_nao_confere"

    def __init__(self) -> None:
        super().__init__(
            {"password": "A senha não confere. Nada foi assinado."}, "A senha não confere. Nada foi assinado."
        )


class NotSignable(Conflict):
    """A document that can't be signed as it is; the message says why."""

    code = "documento_nao_assinavel"


class CertificateRefused(InvalidInput):
    """The certificate can't sign for this person; the message says why."""

    code = "certificado_recusado"

    def __init__(self, message: str, **data: object) -> None:
        super().__init__({"certificate": message}, message, **data)
