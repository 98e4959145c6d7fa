"""The application, as the tests of the pages have it."""

from tests.webapp.browser import app, settings

__all__ = ["app", "settings"]
