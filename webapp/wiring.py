"""Hands the settings to the packages below; called once in each process that serves pages or runs jobs."""

from __future__ import annotations

from webapp import log
from webapp.settings import Settings
from workflow import clock, database


def wire(settings: Settings) -> None:
    """Database, clock, keys, documents, mail, faces and processes, in this order."""
    log.configure()
    database.configure(settings.database_url)
    clock.configure(settings.clock_offset)
