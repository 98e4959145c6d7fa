"""Refusals of the people part."""

from __future__ import annotations

from workflow.errors import Conflict, DomainError, Forbidden, InvalidInput


class Erased(DomainError):
    """The person's key was destroyed: nothing of theirs can be read or written again."""

    code = "pessoa_eliminada"
    message = "Os dados desta pessoa foram eliminados a pedido dela."


class CpfNotProved(Forbidden):
    """PO6: a typed CPF shows nothing until it is proved."""

    code = "CPF_NAO_COMPROVADO"
    message = (
        "Seu CPF ainda não foi comprovado. Apresente um documento com foto no balcão do CAC; "
        "depois disso suas declarações aparecem aqui."
    )


class CpfTaken(Conflict):
    """The CPF already belongs to somebody registered, or to another account."""

    code = "cpf_ja_cadastrado"
    message = (
        "Este CPF já está cadastrado. Abra o cadastro existente na lista de candidatos, "
        "confira a fotografia e registre a visita nele."
    )


class ProofInDoubt(Conflict):
    """PO6: what was typed from the document differs from what is known; somebody looks again and decides.

    `declared_cpf`: another CPF, which the account declared. `registered_name`: another name, which the person of this
    CPF has. Empty where there is no doubt. They are shown at the desk and never logged.
    """

    code = "comprovacao_a_conferir"
    message = "O que foi digitado é diferente do que está registrado. Confira de novo no documento."

    def __init__(self, declared_cpf: str, registered_name: str) -> None:
        super().__init__()
        self.declared_cpf = declared_cpf
        self.registered_name = registered_name


class CandidatesNotSeen(Conflict):
    """Nobody is registered without the attendant having seen the likely candidates."""

    code = "candidatos_nao_vistos"
    message = "Antes de concluir, confira a lista de pessoas já cadastradas que podem ser esta."


class Busy(DomainError):
    """Too many passwords are being checked at this moment."""

    code = "ocupado"
    message = "O sistema está muito ocupado. Tente de novo em alguns segundos."


class AnotherFace(InvalidInput):
    """The picture is not of the person whose pictures the draft holds."""

    code = "outra_pessoa"
    message = (
        "Esta foto parece ser de outra pessoa. Confira se quem está na foto é a mesma pessoa das fotos aceitas. "
        "Se as anteriores é que estão erradas, remova-as; se são duas pessoas, faça um cadastro para cada uma."
    )

    def __init__(self) -> None:
        super().__init__({"face": self.message})


class DirectoryDown(DomainError):
    """The directory that knows the password does not answer."""

    code = "diretorio_fora_do_ar"
    message = (
        "O diretório de usuários da Assembleia não está respondendo, e é ele que confere a sua senha. "
        "Tente de novo em alguns minutos."
    )
