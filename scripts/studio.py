"""A browser in an installation of the manuals' own: who signs in, what the messages link to, pictures in few colours."""

from __future__ import annotations

import email
import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.policy import default
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page
from screenshots import WIDE

COLOURS = 96
LINK = re.compile(r"https?://\S+?(/(?:oficios/recebimento|externo/confirmar)/[\w.-]+)")


@dataclass
class Studio:
    """One installation, one browser, one folder of pictures."""

    browser: Browser
    url: str
    data: Path
    passwords: dict[str, str]
    to: Path
    camaras: int

    @contextmanager
    def page(self, size: dict[str, int] = WIDE) -> Iterator[Page]:
        """A tab of nobody's."""
        context = self.browser.new_context(viewport=size, locale="pt-BR", timezone_id="America/Sao_Paulo")  # type: ignore[arg-type]  # a ViewportSize is such a dict
        context.set_default_timeout(45_000)
        yield context.new_page()
        context.close()

    @contextmanager
    def signed_in(self, login: str, size: dict[str, int] = WIDE) -> Iterator[Page]:
        """A tab of one of the demonstration's people."""
        with self.page(size) as page:
            page.goto(f"{self.url}/entrar")
            page.fill("input[name=login]", login)
            page.fill("input[name=password]", self.passwords[login])
            page.get_by_role("button", name="Entrar").click()
            page.wait_for_url(lambda address: not address.endswith("/entrar"))
            yield page

    def take(self, page: Page, name: str, *, height: int = 760, at: Locator | None = None) -> None:
        """What the window shows at that height, from the top or from `at`, in few colours."""
        width = (page.viewport_size or WIDE)["width"]
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.fonts.ready")
        if at is None:
            page.evaluate("window.scrollTo(0, 0)")
        else:
            at.evaluate("element => window.scrollTo(0, element.getBoundingClientRect().top + scrollY - 16)")
        page.wait_for_timeout(500)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        few = picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(self.to / f"{name}.png", optimize=True)
        print(f"{name}.png: {(self.to / f'{name}.png').stat().st_size // 1024} kB", flush=True)

    def links(self, to: str, wait_s: float = 90) -> list[str]:
        """The addresses of the messages sent to whom this begins, as soon as there is one."""
        until = time.monotonic() + wait_s
        while True:
            found = [link for path in sorted((self.data / "correio").glob("*.eml")) for link in links_in(path, to)]
            if found or time.monotonic() > until:
                return found
            time.sleep(2)


def links_in(path: Path, to: str) -> list[str]:
    """The addresses in one message, when it is to whom this begins."""
    raw = path.read_bytes()
    if f"To: {to}".encode() not in raw[:4000]:
        return []
    body = email.message_from_bytes(raw, policy=default).get_body(("plain",))
    return LINK.findall(body.get_content()) if body is not None else []
