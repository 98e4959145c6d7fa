"""Screen of where the house publishes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from documents.publication import vehicles
from webapp.administracao.screens import Line, Screen, new_key, own_name, yes
from workflow.actor import Actor
from workflow.errors import NotFound
from workflow.process import Field, Form


def _lines(session: Session) -> list[Line]:
    return [Line(one.key, (one.name, one.key), one.active) for one in vehicles.vehicles(session, active=False)]


def _form(_session: Session, key: str | None) -> Form:
    fields = [Field("name", "Nome", max_length=100), Field("active", "Em uso?", "boolean")]
    if key is None:
        hint = "Letras minúsculas sem acento, números e _, começando por letra; não muda depois."
        fields.insert(0, Field("key", "Identificador", max_length=60, help=hint))
    return Form("Veículo de publicação", tuple(fields), action="Salvar")


def _values(session: Session, key: str) -> Mapping[str, str]:
    for one in vehicles.vehicles(session, active=False):
        if one.key == key:
            return {"name": one.name, "active": yes(one.active)}
    raise NotFound("Não encontramos este veículo de publicação.")


def _save(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    vehicles.save_vehicle(
        session, key or str(given["key"]), name=given["name"], active=given["active"], new=key is None, actor=actor
    )


VEHICLES = Screen(
    "veiculos", "Veículos de publicação", "veículo", "Onde os documentos assinados são publicados. Cada um numera as suas edições.",
    "types.manage", ("Nome", "Identificador"), _lines, _form, _values, _save,
    "Sem veículo, nenhum documento pode ser publicado.", rules=(new_key(_lines), own_name(_lines)),
)  # fmt: skip
