"""The web server's recognition processes: a request waits for a child process and never computes a face itself."""

from __future__ import annotations

import atexit
import threading

from flask import current_app

from integrations.faces.pictures import PictureError
from integrations.faces.pool import RecognitionFailed, RecognitionPool
from workflow.errors import InvalidInput

_lock = threading.Lock()
_KEY = "recognition"


def pool() -> RecognitionPool:
    """The pool of this server, made when the first picture comes; its processes start then, too."""
    with _lock:
        found: RecognitionPool | None = current_app.extensions.get(_KEY)
        if found is None:
            found = RecognitionPool()
            atexit.register(found.close)
            current_app.extensions[_KEY] = found
        return found


def clean_document(data: bytes) -> bytes:
    """The document's picture as a plain JPEG without EXIF; InvalidInput says in words what is wrong with the file."""
    try:
        return pool().clean(data)
    except (PictureError, RecognitionFailed) as error:
        raise InvalidInput({"foto": error.message}, error.message, code=error.code) from None
