"""What every installation begins with: hypotheses, types and models of the electronic process, the 853 câmaras."""

from __future__ import annotations

from sqlalchemy.orm import Session


def install(session: Session) -> None:
    """Idempotent: what an administrator changed stays."""
    from documents.dossier.operations import install_types
    from processes.oficio_camaras.operations import import_camaras
    from processes.oficio_camaras.queries import every_ibge

    install_types(session)
    if not every_ibge(session):
        import_camaras(session)
