"""The operator's live view: what the cameras see, with boxes and names. Loopback only; nothing of it is kept."""

from __future__ import annotations

import contextlib
import functools
import io
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from werkzeug.wrappers import Request, Response

from gate_bridge.web import PAGES, secured, static_file
from integrations.faces.pictures import Pixels

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
_COLOURS = {"recognised": "#1fbf4f", "doubtful": "#ffb000", "unknown": "#ff4d4d", "": "#4da3ff"}
_WORDS = {"recognised": "", "doubtful": "duvidoso", "unknown": "desconhecido", "": "acompanhando"}


@dataclass(frozen=True)
class Mark:
    """A box on a picture: corners, what was decided ("" while nothing is), and the name when somebody was recognised."""

    box: tuple[int, int, int, int]
    decision: str = ""
    name: str = ""


class LiveBoard:
    """The last picture of each camera with its marks, in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pictures: dict[str, tuple[Pixels, tuple[Mark, ...]]] = {}

    def show(self, camera: str, pixels: Pixels, marks: Sequence[Mark]) -> None:
        """Replace what is shown of a camera."""
        with self._lock:
            self._pictures[camera] = (pixels, tuple(marks))

    def jpeg(self, camera: str) -> bytes | None:
        """The picture with boxes and names."""
        with self._lock:
            shown = self._pictures.get(camera)
        return _drawn(*shown) if shown else None


class LiveSite:
    """The WSGI application of the loopback address."""

    def __init__(self, board: LiveBoard, cameras: Sequence[str]) -> None:
        self._board = board
        self._cameras = list(cameras)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """WSGI. A foreign Host is refused: no page elsewhere may read this one through a name of its own."""
        request = Request(environ)
        return secured(self._answer(request))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.host.rpartition(":")[0] not in _HOSTS and request.host not in _HOSTS:
            return Response("Só neste computador.", 403)
        if request.method != "GET":
            return Response("Pedido inválido.", 405)
        if request.path == "/":
            return Response(PAGES.get_template("live.html").render(cameras=self._cameras), mimetype="text/html")
        if request.path.startswith("/static/"):
            return static_file(request.path.removeprefix("/static/"))
        if request.path.startswith("/frame/") and request.path.endswith(".jpg"):
            return self._frame(request.path.removeprefix("/frame/").removesuffix(".jpg"))
        return Response("Não há esta página.", 404)

    def _frame(self, camera: str) -> Response:
        picture = self._board.jpeg(camera)
        if picture is None:
            picture = _waiting()
        return Response(picture, mimetype="image/jpeg")


def _drawn(pixels: Pixels, marks: Sequence[Mark]) -> bytes:
    image = Image.fromarray(pixels)
    draw, font = ImageDraw.Draw(image), _font(max(14, image.width // 40))
    for mark in marks:
        colour = _COLOURS.get(mark.decision, _COLOURS[""])
        draw.rectangle(mark.box, outline=colour, width=3)
        text = _writable(font, mark.name or _WORDS.get(mark.decision, ""))
        where = draw.textbbox((mark.box[0], mark.box[3] + 4), text, font=font)
        draw.rectangle(where, fill="black")
        draw.text((mark.box[0], mark.box[3] + 4), text, fill=colour, font=font)
    return _jpeg(image)


def _waiting() -> bytes:
    image = Image.new("RGB", (640, 360), "#222222")
    ImageDraw.Draw(image).text((20, 20), "Ainda sem imagem", fill="white", font=_font(20))
    return _jpeg(image)


@functools.cache
def _font(size: int) -> Font:
    """Carlito, which writes the names of people; Pillow's own font has no accents."""
    for name in ("Carlito-Regular.ttf", "DejaVuSans.ttf"):
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)


def _writable(font: Font, text: str) -> str:
    """The text as this font can write it: without accents where it has none."""
    if isinstance(getattr(font, "path", None), str):
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
