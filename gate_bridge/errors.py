"""What can go wrong in the bridge; each message is Portuguese, for the operator."""

from __future__ import annotations


class BridgeError(Exception):
    """Erro da ponte do portão."""


class SettingsError(BridgeError):
    """A configuração da ponte não pode ser usada."""


class SpoolFull(BridgeError):
    """O disco da ponte está cheio: nada novo é aceito até haver espaço."""


class ServerUnavailable(BridgeError):
    """O servidor não respondeu; a ponte continua e tenta de novo."""


class ServerRefused(BridgeError):
    """O servidor recusou o pedido."""

    def __init__(self, status: int, reason: str, body: object = None) -> None:
        super().__init__(f"O servidor recusou o pedido ({status}): {reason}")
        self.status = status
        self.reason = reason
        self.body = body


class UnreadableReport(BridgeError):
    """O aviso do equipamento não pôde ser lido."""
