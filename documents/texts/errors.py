"""What can go wrong with a document's text or file, in words for the person."""

from __future__ import annotations

from workflow.errors import Conflict, InvalidInput


class NotEditable(Conflict):
    """The document is no longer in a state in which its text may change."""

    code = "documento_nao_editavel"


class FileRefused(InvalidInput):
    """The file can't be accepted; the message says why and what to do."""

    code = "arquivo_recusado"

    def __init__(self, message: str, **data: object) -> None:
        super().__init__({"arquivo": message}, message, **data)
