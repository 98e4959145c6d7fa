"""Who acts and whom we know: persons with their keys, accounts, sessions, units, roles, the gallery of faces.

The wiring calls `configure(PeopleSettings(...))` once; `access.authorize` is the one decision about access.
"""

from people.settings import PeopleSettings, configure, settings

__all__ = ["PeopleSettings", "configure", "settings"]
