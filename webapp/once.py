"""A form that arrives twice (two clicks, a network that repeats) is done once, and both arrivals get the same answer.

    with transaction() as session:
        earlier = once.earlier(session)         # waits for a twin that is being done right now
        if earlier is not None: …answer as the first was…
        …refused: once.forget(session)…         # so that the corrected form, or the same one, is taken
        once.keep(session, location=…, sentence=…)

Two arrivals are the same when account, address, every field and every file are; the page's CSRF token is one of the
fields, so that the same words typed on a page opened anew are another submission.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from documents.submissions import operations
from documents.submissions.models import Submission
from webapp.security import actor


def earlier(session: Session) -> Submission | None:
    """The same submission that came before this one; None when this is the first."""
    who = actor().id
    return operations.take(session, fingerprint(), who) if who is not None else None


def keep(session: Session, *, location: str = "", sentence: str = "") -> None:
    """The answer that a second arrival gets too."""
    if actor().id is not None:
        operations.keep(session, fingerprint(), location=location, sentence=sentence)


def forget(session: Session) -> None:
    """It was refused: the same may come again."""
    operations.forget(session, fingerprint())


def forget_all(session: Session) -> None:
    """Something was undone: whoever looks may mean the same again at once."""
    who = actor().id
    if who is not None:
        operations.forget_all(session, who)


def answered(found: Submission) -> ResponseReturnValue:
    """As the first arrival: its sentence, and where it led."""
    if found.sentence:
        flash(found.sentence, "ok")
    return redirect(found.location, code=303)


def fingerprint() -> str:
    """Of this request. Keyed, and without passwords: nobody learns from it what was sent."""
    if "submission" not in g:
        g.submission = _fingerprint()
    known: str = g.submission
    return known


def _fingerprint() -> str:
    secret = current_app.secret_key
    key = secret if isinstance(secret, bytes) else str(secret).encode()
    digest = hmac.new(key, digestmod=hashlib.sha256)
    parts = [str(actor().id), str(actor().unit), request.full_path, request.headers.get("X-CSRFToken", "")]
    parts += [f"{name}={value}" for name, value in request.form.items(multi=True) if "password" not in name]
    for name, item in request.files.items(multi=True):
        parts += [name, item.filename or "", hashlib.file_digest(item.stream, "sha256").hexdigest()]  # type: ignore[arg-type]  # a stream of bytes
        item.stream.seek(0)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
