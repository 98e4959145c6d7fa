"""Who acts and whom we know: persons with their keys, accounts, sessions, units, roles, the gallery of faces.

The wiring calls `configure(PeopleSettings(...))` once; `access.authorize` is the one decision about access.
"""

from people import directory as directory  # registers the job that follows the directory
from people import events as events  # registers the kinds of event
from people import maintenance as maintenance  # registers the periodic jobs
from people import notices as notices  # registers the job that sends mail
from people.settings import PeopleSettings, configure, settings

__all__ = ["PeopleSettings", "configure", "settings"]
