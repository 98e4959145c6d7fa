"""What can go wrong with a dossier, in words for the person."""

from __future__ import annotations

from workflow.errors import Conflict, Forbidden, NotFound


class DossierNotFound(NotFound):
    """No dossier under that identifier, or none that this actor may know of."""

    code = "processo_nao_encontrado"
    message = "Não encontramos este processo. Confira o número."


class DossierDocumentNotFound(NotFound):
    """No document of a dossier under that identifier, or none that this actor may know of."""

    code = "documento_nao_encontrado"
    message = "Não encontramos este documento. Confira o número."


class NotOpenHere(Conflict):
    """The verb needs the dossier open in the actor's unit."""

    code = "processo_nao_aberto"
    message = "Este processo não está aberto na sua unidade. Reabra-o para trabalhar nele."


class WithoutUnit(Forbidden):
    """The actor acts in no unit."""

    code = "sem_unidade"
    message = "Escolha a unidade em que você trabalha hoje antes de fazer isto."
