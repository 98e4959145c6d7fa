"""The house of the signatures' tests."""

from tests.documents.signatures.conftest import house, keys, real_house

__all__ = ["house", "keys", "real_house"]
