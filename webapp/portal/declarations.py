"""Being built."""
from webapp.portal.blueprint import blueprint
from webapp.security import requires
@blueprint.get("/area-do-usuario/certificados-e-declaracoes")
@requires("portal.view")
def declarations() -> str:
    """PO7."""
    return ""
