"""Periodic work of this part alone. What expires is purged by the house's own job (`webapp/upkeep.py`)."""

from __future__ import annotations

from people import crypto
from workflow import jobs
from workflow.database import transaction


@jobs.job("people.rewrap_keys", queue="maintenance", every="11 * * * *")
def rewrap_keys() -> None:
    """After a rotation every data key is wrapped anew under the current master key, a thousand in a transaction."""
    more = True
    while more:
        with transaction() as session:
            more = crypto.rewrap_keys(session) > 0
