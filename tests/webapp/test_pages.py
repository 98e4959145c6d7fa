"""The public pages in a real browser: axe, 320 px, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.webapp.browser import look

PUBLIC = ["/", "/entrar", "/cadastre-se", "/validaDocumento", "/privacidade", "/acessibilidade", "/esqueci-minha-senha"]


@pytest.mark.slow
def test_public_pages_pass_axe_at_every_width(server: str, page: Page) -> None:
    for path in [*PUBLIC, "/nada"]:
        page.goto(server + path)
        assert page.locator("h1").count() == 1
        look(page, path.strip("/") or "inicio")
