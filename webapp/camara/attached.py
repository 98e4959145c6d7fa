"""Files of a reply on their way: checked and stored when they are chosen, named in the form by a signed slip.

So each is refused or taken by itself, nothing is lost when another is refused, and the review needs no script. A slip
holds for one exemplar and half a day; a stored file whose reply never came is swept with the other orphans.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from documents import settings as documents
from documents.texts.errors import FileRefused
from documents.texts.inspection import inspected
from integrations.mailbox_reader import File
from processes.oficio_camaras.correspondence.replies import MAX_FILES

LIFETIME_S = 12 * 3600
MAX_TOTAL = 60 * 1024 * 1024


@dataclass(frozen=True)
class Slip:
    """A file that waits for its reply."""

    name: str
    media_type: str
    size: int
    address: str
    signed: str


def take(exemplar_id: UUID, sent: Sequence[FileStorage], before: Sequence[Slip]) -> tuple[list[Slip], list[str]]:
    """Check and store what was chosen; the slips, those from before too, and what was refused, with why."""
    slips, refused = list(before), []
    for one in sent:
        name = _name(one.filename or "")
        data = one.stream.read()
        total = sum(slip.size for slip in slips) + len(data)
        if len(slips) >= MAX_FILES:
            refused.append(f"{name}: anexe no máximo {MAX_FILES} arquivos.")
        elif total > MAX_TOTAL:
            refused.append(f"{name}: os arquivos somados passam de {MAX_TOTAL // 1024**2} MB. Reduza a resolução.")
        else:
            try:
                slips.append(_kept(exemplar_id, name, data))
            except FileRefused as error:
                refused.append(f"{name}: {error.message}")
    return list({slip.address + slip.name: slip for slip in slips}.values()), refused


def read(exemplar_id: UUID, signed: Sequence[str]) -> list[Slip]:
    """The slips of a form; what is not ours, of another exemplar or too old is left out."""
    found = []
    for text in signed[:MAX_FILES]:
        try:
            name, media_type, size, address = _signer(exemplar_id).loads(text, max_age=LIFETIME_S)
        except BadData:
            continue
        found.append(Slip(name, media_type, size, address, text))
    return found


def files_of(slips: Sequence[Slip]) -> list[File]:
    """The files themselves, as the reply takes them."""
    storage = documents.current().storage
    return [File(slip.name, slip.media_type, storage.get(slip.address)) for slip in slips]


def _kept(exemplar_id: UUID, name: str, data: bytes) -> Slip:
    media_type = inspected(data, name).media_type
    address = documents.current().storage.put(data)
    assert address == hashlib.sha256(data).hexdigest()
    signed = _signer(exemplar_id).dumps([name, media_type, len(data), address])
    return Slip(name, media_type, len(data), address, str(signed))


def _name(sent: str) -> str:
    """The name without any folder, as the browser's own system writes folders."""
    return " ".join(sent.replace("\\", "/").rsplit("/", 1)[-1].split())[-250:] or "arquivo"


def _signer(exemplar_id: UUID) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"camara-anexo:{exemplar_id}")
