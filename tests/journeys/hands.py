"""What the journeys' people do with their hands on every page: enter, act on a processo in its dialog, read what is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from people import sessions
from people.models import Account
from webapp import security
from workflow.database import transaction


def enter(page: Page, server: str, login: str) -> None:
    """Another person sits down at this browser; without the password, where signing in is not what is tested."""
    with transaction() as session:
        account = session.scalars(select(Account).where(Account.login == login)).one()
        token = sessions.open_session(session, account)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": security.COOKIE, "value": token, "url": server}])


@contextmanager
def another(browser: Browser) -> Iterator[Page]:
    """A browser of somebody else's."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="pt-BR", accept_downloads=True)
    yield context.new_page()
    context.close()


def dialog(page: Page, link: str) -> Locator:
    """The small form of an act, open over the processo; what is done seldom with a document stands under “Mais”."""
    found = page.get_by_role("link", name=link, exact=True).first
    more = page.locator(".doc-acts summary")
    expect(found.or_(more).first).to_be_visible()
    if not found.is_visible():
        more.click()
    found.click()
    opened = page.get_by_role("dialog")
    expect(opened.get_by_role("heading", level=2)).to_be_visible()
    return opened


def told(page: Page, sentence: str) -> None:
    """The page says so, and no dialog stands before it any more."""
    expect(page.get_by_text(sentence).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
