"""The vehicles in which the house publishes, kept by the administration."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.publication.models import PublicationVehicle
from people.access import authorize
from workflow import history
from workflow.actor import Actor
from workflow.errors import Conflict, InvalidInput, NotFound

KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
BASIC = (("diario", "Diário do Legislativo"), ("portal", "Portal"))
SAVED = "veiculo_de_publicacao_salvo"
history.register_kinds({SAVED: "O veículo de publicação {vehicle} foi criado ou alterado."})


def install_vehicles(session: Session) -> None:
    """The vehicles that an installation begins with; those that are there stay as they are."""
    known = set(session.scalars(select(PublicationVehicle.key)))
    session.add_all(PublicationVehicle(key=key, name=name) for key, name in BASIC if key not in known)
    session.flush()


def save_vehicle(session: Session, key: str, *, name: str, active: bool, new: bool, actor: Actor) -> PublicationVehicle:
    """A vehicle, new or changed; one out of use takes nothing new, and what it published stays."""
    authorize(actor, "types.manage")
    row = session.get(PublicationVehicle, key, with_for_update=True)
    if new and not KEY.fullmatch(key):
        raise InvalidInput({"key": "Use letras minúsculas sem acento, números e _, começando por letra."})
    if new and row is not None:
        raise Conflict("Já existe um veículo com este identificador. Escolha outro.")
    if not new and row is None:
        raise NotFound("Não encontramos este veículo de publicação.")
    other = session.scalar(select(PublicationVehicle.key).where(PublicationVehicle.name == name))
    if other is not None and other != key:
        raise InvalidInput({"name": "Já existe um veículo com este nome."})
    row = row or PublicationVehicle(key=key)
    row.name, row.active = name, active
    session.add(row)
    session.flush()
    history.record(session, SAVED, {"vehicle": key, "active": active}, actor=actor)
    return row


def vehicles(session: Session, *, active: bool = True) -> list[PublicationVehicle]:
    """Those in use, or all of them, by name."""
    query = select(PublicationVehicle).order_by(PublicationVehicle.name)
    return list(session.scalars(query.where(PublicationVehicle.active) if active else query))


def in_use(session: Session, key: str) -> PublicationVehicle:
    """The vehicle, which takes publications now."""
    row = session.get(PublicationVehicle, key)
    if row is None or not row.active:
        raise InvalidInput({"vehicle": "Escolha um dos veículos da lista."})
    return row
