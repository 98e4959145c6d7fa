"""The verbs of texts and files, by one name. Each takes the session first, flushes and never commits."""

from documents.texts.beginning import begin
from documents.texts.collection import delete_standard_text, save_model, save_standard_text
from documents.texts.comparing import compare
from documents.texts.uploads import authenticate, read_bytes, upload
from documents.texts.versions import Saved, restore, save, save_form

__all__ = [
    "Saved",
    "authenticate",
    "begin",
    "compare",
    "delete_standard_text",
    "read_bytes",
    "restore",
    "save",
    "save_form",
    "save_model",
    "save_standard_text",
    "upload",
]
