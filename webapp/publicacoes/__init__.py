"""Publications: the public pages, and from the page of a document what its unit does about them."""

from __future__ import annotations

from webapp.publicacoes import atos, documento, publica
from webapp.publicacoes.blueprint import blueprint

__all__ = ["atos", "blueprint", "documento", "publica"]
