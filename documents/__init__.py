"""Official documents: rendering, sealing, codes, storage and public validation."""

from documents.settings import configure

__all__ = ["configure"]
