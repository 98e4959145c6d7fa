"""Reasons of cancellation that the program itself gives."""

ERASED_REASON = "dados eliminados a pedido do titular"
