"""The application and the browser, for the tests of the pages."""

from tests.webapp.browser import app, browser, page, server, settings

__all__ = ["app", "browser", "page", "server", "settings"]
