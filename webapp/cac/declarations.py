"""Being built."""
from webapp.cac.blueprint import blueprint
from webapp.security import requires
@blueprint.get("")
@requires("declaracao.search_desk")
def search() -> str:
    """R59."""
    return ""
@blueprint.get("/pessoa/<uuid:person_id>")
@requires("declaracao.search_desk")
def person(person_id: object) -> str:
    """R59."""
    return ""
