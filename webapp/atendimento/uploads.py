"""Pictures as they arrive: read with a limit, judged by the recognition processes, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from integrations.faces.detection import Pose
from integrations.faces.quality import Look
from people.drafts import MOST_FACES, DraftView

GOOD_FACES = 3
"""Pictures that the desk asks for (gate.md): with fewer, the face alone opens no gate."""
NEXT_POSE = (
    "Olhe para a câmera.",
    "Vire um pouco o rosto para um lado.",
    "Vire um pouco o rosto para o outro lado.",
    "Levante um pouco o queixo.",
)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture of the draft on the page. `whole`: shown uncut, and larger when opened, since it is to be read."""

    url: str
    remove_url: str
    alt: str
    whole: bool


def posted_picture() -> bytes:
    """The bytes of the field `foto`; empty when none was sent. The size of the request is limited by the server."""
    file = request.files.get("foto")
    return b"" if file is None else file.read()


def looks(rows: Iterable[Mapping[str, Any]]) -> tuple[Look, ...]:
    """How the earlier pictures of the burst looked, for the judge of the next one."""
    return tuple(
        Look(
            width=int(row["width"]),
            brightness=float(row["brightness"]),
            sharpness=float(row["sharpness"]),
            pose=Pose(**row["pose"]),
            hash=int(row["hash"]),
        )
        for row in rows
        if row
    )


def count_text(good: int) -> str:
    """“2 de 3 fotos boas”."""
    if good >= GOOD_FACES:
        return f"{good} fotos boas. É o bastante."
    return f"{good} de {GOOD_FACES} fotos boas"


def next_pose(good: int) -> str:
    """What the person is asked to do for the next picture."""
    return NEXT_POSE[min(good, len(NEXT_POSE) - 1)]


def thumbnails(draft: DraftView, kind: str) -> list[Thumbnail]:
    """The pictures of one kind, in the order in which they were taken."""
    ids = [picture.id for picture in draft.pictures if picture.kind == kind]
    name = "Foto do documento" if kind == "document" else "Foto {}"
    return [
        Thumbnail(
            url_for("atendimento.picture", draft_id=draft.id, picture_id=identifier),
            url_for("atendimento.remove_picture", draft_id=draft.id, picture_id=identifier),
            name.format(number),
            kind == "document",
        )
        for number, identifier in enumerate(ids, 1)
    ]


def state(draft: DraftView) -> dict[str, object]:
    """Where the burst is, for the page's script and for a plain client."""
    return {
        "good": draft.faces,
        "needed": GOOD_FACES,
        "ready": draft.faces >= GOOD_FACES,
        "full": draft.faces >= MOST_FACES,
        "has_document": draft.has_document,
        "count_text": count_text(draft.faces),
    }


def jpeg(data: bytes) -> Response:
    """A picture of a person: never kept by the browser."""
    return Response(data, mimetype="image/jpeg", headers={"Cache-Control": "no-store", "Content-Disposition": "inline"})
