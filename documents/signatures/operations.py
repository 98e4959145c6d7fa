"""The verbs of signatures, by one name; those of blocks are in `documents.signatures.blocks`."""

from documents.signatures.content import canonical
from documents.signatures.signing import sign

__all__ = ["canonical", "sign"]
