"""Who acts and whom we know: persons with their keys, accounts, sessions, units, roles, the gallery of faces.

The wiring calls `configure(PeopleSettings(...))` once; `access.authorize` is the one decision about access.
"""

from people import events as events  # registers the kinds of event
from people.settings import PeopleSettings, configure, settings

__all__ = ["PeopleSettings", "configure", "settings"]
