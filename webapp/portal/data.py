"""Being built."""
from webapp.portal.blueprint import blueprint
from webapp.security import requires
@blueprint.get("/area-do-usuario/historico")
@requires("portal.history")
def history() -> str:
    """PO8."""
    return ""
@blueprint.get("/area-do-usuario/meus-dados")
@requires("portal.export")
def own_data() -> str:
    """RT4."""
    return ""
