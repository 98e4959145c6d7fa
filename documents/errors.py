"""What can go wrong with a document, in words for the person."""

from __future__ import annotations

from workflow.errors import Conflict, DomainError, NotFound


class DocumentNotFound(NotFound):
    """No document under that identifier."""

    code = "documento_nao_encontrado"
    message = "Não encontramos este documento."


class DocumentErased(NotFound):
    """The owner asked for erasure (LGPD, art. 18, VI): the bytes no longer exist."""

    code = "documento_eliminado"
    message = "Este documento foi eliminado a pedido do titular e não pode mais ser aberto."


class DocumentDamaged(DomainError):
    """The stored bytes are missing or no longer have the digest of the row."""

    code = "documento_danificado"
    message = "O arquivo guardado deste documento não confere com o registro. Avise a administração do sistema."


class AlreadyCancelled(Conflict):
    """Cancelled once is cancelled."""

    code = "documento_ja_cancelado"
    message = "Este documento já está cancelado."


class SealerUnavailable(DomainError):
    """The institution's key or certificate cannot be used."""

    code = "selo_indisponivel"
    message = "A chave que sela os documentos não pôde ser usada. Avise a administração do sistema."
