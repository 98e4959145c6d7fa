"""Screens of what documents are written from: models by type, standard texts of the house or of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from documents.texts import collection, merge
from people import queries as people
from webapp.administracao.screens import Line, Screen, new_key, own_name, yes
from workflow.actor import Actor
from workflow.errors import NotFound
from workflow.process import Field, Form

VARIABLES = (
    "Pode usar «processo.numero», «processo.tipo», «unidade.nome», «data.extenso», «interessados», «usuario.nome»."
)


def variables() -> list[dict[str, str]]:
    """The fields of every text as the editor offers them: in a model each stays open, for its document to fill."""
    return [{"key": key, "name": name, "about": f"«{key}»", "value": ""} for key, name in merge.LABELS.items()]


def _model_lines(session: Session) -> list[Line]:
    return [Line(one.key, (one.name, one.key), one.active) for one in collection.all_models(session)]


def _model_form(_session: Session, key: str | None) -> Form:
    first = (
        Field(
            "key",
            "Identificador",
            max_length=60,
            help="Letras minúsculas sem acento, números e _, começando por letra; não muda depois.",
        ),
    )
    return Form("Modelo", (
        *(() if key is not None else first),
        Field("name", "Nome", max_length=200),
        Field("html", "Texto", "textarea", max_length=200_000, help=VARIABLES),
        Field("active", "Em uso?", "boolean"),
    ), action="Salvar")  # fmt: skip


def _model_values(session: Session, key: str) -> Mapping[str, str]:
    one = collection.model(session, key)
    return {"name": one.name, "html": one.html, "active": yes(one.active)}


def _save_model(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    collection.save_model(
        session, key or given["key"], given["name"], given["html"], active=given["active"], new=key is None, actor=actor
    )


MODELS = Screen(
    "modelos", "Modelos de documento", "modelo", "O texto com que um documento de cada tipo começa.", "models.manage",
    ("Nome", "Identificador"), _model_lines, _model_form, _model_values, _save_model,
    "Com um modelo, quem escreve começa do texto certo.", editor=True, rules=(new_key(_model_lines), own_name(_model_lines)),
)  # fmt: skip


def _text_lines(session: Session) -> list[Line]:
    return [Line(str(one.id), (one.name, one.unit or "Toda a casa")) for one in collection.all_standard_texts(session)]


def _text_form(session: Session, _key: str | None) -> Form:
    units = tuple((sigla, f"{sigla}: {name}") for sigla, name in people.units(session))
    return Form("Texto padrão", (
        Field("name", "Nome", max_length=200),
        Field("unit", "De qual unidade", "choice", required=False, choices=units, help="Em branco, vale para toda a casa."),
        Field("html", "Texto", "textarea", max_length=100_000, help=VARIABLES),
    ), action="Salvar")  # fmt: skip


def _text_values(session: Session, key: str) -> Mapping[str, str]:
    for one in collection.all_standard_texts(session):
        if str(one.id) == key:
            return {"name": one.name, "unit": one.unit or "", "html": one.html}
    raise NotFound("Não encontramos este texto.")


def _save_text(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    collection.save_standard_text(
        session, UUID(key) if key else None, name=given["name"], unit=given["unit"], html=given["html"], actor=actor
    )


def _delete_text(session: Session, key: str, actor: Actor) -> None:
    _text_values(session, key)
    collection.delete_standard_text(session, UUID(key), actor=actor)


STANDARD_TEXTS = Screen(
    "textos-padrao", "Textos padrão", "texto padrão", "Trechos que as pessoas põem nos documentos ao escrever.", "models.manage",
    ("Nome", "Unidade"), _text_lines, _text_form, _text_values, _save_text,
    "Guarde aqui o que se escreve muitas vezes.", editor=True, delete=_delete_text,
)  # fmt: skip
