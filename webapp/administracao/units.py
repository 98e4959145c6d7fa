"""Screens of the house itself: órgãos and how they number, units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from documents.numbering import queries as numbering
from documents.numbering.operations import set_mask
from documents.numbering.rules import ALGORITHMS, SEIMG_MASK, require_process_mask
from people import queries as people
from people import rules, units
from webapp.administracao.screens import Line, Rule, Screen, pairs, yes
from workflow.actor import Actor
from workflow.errors import InvalidInput, NotFound
from workflow.process import Field, Form


def _unit_lines(session: Session) -> list[Line]:
    return [
        Line(one.sigla, (one.sigla, one.name, one.parent or "—", one.code or "—", one.email or "—"), one.active)
        for one in people.unit_rows(session)
    ]


def _unit_form(session: Session, key: str | None) -> Form:
    others = tuple((sigla, f"{sigla}: {name}") for sigla, name in people.units(session) if sigla != key)
    organs = tuple((one.sigla, f"{one.sigla}: {one.name}") for one in people.organs(session))
    fields = [
        Field("name", "Nome", max_length=200),
        Field("organ", "Órgão", "choice", required=False, choices=organs, help="Sem órgão, vale o da unidade acima."),
        Field("parent", "Unidade acima", "choice", required=False, choices=others,
              help="Forma o caminho escrito nos ofícios, da maior para a menor: GRPC/GRI."),
        Field("code", "Código", required=False, max_length=2, help="Dois algarismos, como 07, usados no número dos processos."),
        Field("email", "E-mail", required=False, max_length=254, help="Recebe os avisos de processos enviados."),
        Field("active", "Em uso?", "boolean"),
    ]  # fmt: skip
    if key is None:
        fields.insert(0, Field("sigla", "Sigla", max_length=20, help="Não muda depois: os documentos a levam."))
    return Form("Unidade", tuple(fields), action="Salvar")


def _unit_values(session: Session, key: str) -> Mapping[str, str]:
    for one in people.unit_rows(session):
        if one.sigla == key:
            return {"name": one.name, "organ": one.organ or "", "parent": one.parent or "", "code": one.code or "",
                    "email": one.email or "", "active": yes(one.active)}  # fmt: skip
    raise NotFound("Não encontramos essa unidade.")


def _save_unit(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    rest = {name: given[name] for name in ("name", "organ", "parent", "code", "email")}
    if key is None:
        sigla = str(given["sigla"])
        units.require_new_sigla(session, sigla)
        units.create_unit(session, sigla, actor=actor, **rest)
        key = sigla
        if given["active"]:
            return
    units.change_unit(session, key, actor=actor, active=given["active"], **rest)


UNITS = Screen(
    "unidades", "Unidades", "unidade", "Onde as pessoas trabalham e por onde os processos passam.", "units.manage",
    ("Sigla", "Nome", "Acima", "Código", "E-mail"), _unit_lines, _unit_form, _unit_values, _save_unit,
    "Crie a primeira unidade; depois, em Usuários, dê a cada pessoa o seu lugar.",
    rules=(
        Rule("sigla", lambda session, _key, raw: units.require_new_sigla(session, raw["sigla"])),
        Rule("code", lambda session, key, raw: units.require_place(session, key or "", raw["code"], None, None)),
        Rule("parent", lambda session, key, raw: units.require_place(session, key or "", None, None, raw["parent"])),
        Rule("email", lambda _session, _key, raw: rules.normalize_email(raw["email"])),
    ),
)  # fmt: skip


def _organ_lines(session: Session) -> list[Line]:
    found = []
    for one in people.organs(session):
        mask = numbering.mask_of(session, one.sigla)
        found.append(
            Line(
                one.sigla,
                (one.sigla, one.name, one.code, numbering.example(session, one.sigla), ALGORITHMS[mask.algorithm]),
            )
        )
    return found  # fmt: skip


def _organ_form(_session: Session, key: str | None) -> Form:
    fields = [
        Field("code", "Código", max_length=5, help="Os números do órgão no começo do processo: 0100."),
        Field("mask", "Máscara do número de processo", max_length=80,
              help=f"Sei!MG: {SEIMG_MASK}. Pode usar {{organ}}, {{unit}}, {{seq}}, {{year}}, {{yy}} e {{dv}}."),
        Field("algorithm", "Dígito verificador", "choice", choices=pairs(ALGORITHMS)),
    ]  # fmt: skip
    if key is None:
        fields[:0] = [Field("sigla", "Sigla", max_length=20), Field("name", "Nome", max_length=200)]
    return Form("Órgão e numeração", tuple(fields), action="Salvar")


def _require_new_organ(session: Session, _key: str | None, raw: Mapping[str, str]) -> None:
    if raw["sigla"] in {one.sigla for one in people.organs(session)}:
        raise InvalidInput({"sigla": "Já existe um órgão com esta sigla."})


def _require_organ_code(session: Session, key: str | None, raw: Mapping[str, str]) -> None:
    """A new one has four numbers, and nobody else has them."""
    code = raw["code"]
    if key is None and not re.fullmatch(r"[0-9]{4}", code):
        raise InvalidInput({"code": "O código do órgão tem quatro números, por exemplo 0100."})
    if any(one.code == code and one.sigla != key for one in people.organs(session)):
        raise InvalidInput({"code": "Outro órgão já usa este código."})


def _organ_values(session: Session, key: str) -> Mapping[str, str]:
    if not any(one.sigla == key for one in people.organs(session)):
        raise NotFound("Não encontramos esse órgão.")
    mask = numbering.mask_of(session, key)
    return {"code": mask.code, "mask": mask.mask, "algorithm": mask.algorithm}


def _save_organ(session: Session, key: str | None, given: Mapping[str, Any], actor: Actor) -> None:
    if key is None:
        key = str(given["sigla"])
        units.create_organ(session, key, given["code"], given["name"], actor=actor)
    set_mask(session, key, given["code"], given["mask"], given["algorithm"], actor=actor)


ORGANS = Screen(
    "numeracao", "Órgãos e numeração", "órgão", "Como cada órgão escreve o número dos seus processos. O que já foi dado fica como está.",
    "numbering.manage", ("Sigla", "Nome", "Código", "Próximo número", "Dígito verificador"), _organ_lines, _organ_form,
    _organ_values, _save_organ, "Crie o órgão da casa: o seu código começa o número de cada processo.",
    rules=(
        Rule("sigla", _require_new_organ),
        Rule("code", _require_organ_code),
        Rule("mask", lambda _session, _key, raw: require_process_mask(raw["mask"])),
    ),
)  # fmt: skip
