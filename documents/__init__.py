"""Official documents: rendering, sealing, codes, storage and public validation.

Importing the package registers its events (`documents.events`) and its nightly job (`documents.jobs`).
"""

from documents import events, jobs
from documents.settings import configure

__all__ = ["configure", "events", "jobs"]
