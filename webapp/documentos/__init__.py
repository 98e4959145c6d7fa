"""Documents of the electronic process: read, written, sent from outside, signed."""

from __future__ import annotations

from webapp.documentos import assinar, editor, formularios, novo, versoes, views
from webapp.documentos.blueprint import blueprint

__all__ = ["assinar", "blueprint", "editor", "formularios", "novo", "versoes", "views"]
