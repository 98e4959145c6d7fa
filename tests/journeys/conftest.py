"""The application, the browser and a desk with people, posts and a bridge."""

from tests.webapp.browser import app, browser, page, server, settings

__all__ = ["app", "browser", "page", "server", "settings"]
