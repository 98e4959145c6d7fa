"""The 853 câmaras: imported whole or not at all (EM1), keyed by IBGE code (EM2), kept up to date by the Ceac."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from people.access import authorize
from people.models import Account
from people.rules import fold
from processes.oficio_camaras import events
from processes.oficio_camaras.correspondence.models import CamaraAccount
from processes.oficio_camaras.models import Camara
from processes.oficio_camaras.rules import UNIVERSE, normal_email
from workflow import clock, history
from workflow.actor import SYSTEM, Actor
from workflow.errors import InvalidInput, NotFound

DATA = Path(__file__).parent / "data" / "municipios-mg.csv"
REGIONS = {code: f"DDD {code}" for code in ("31", "32", "33", "34", "35", "37", "38")}
"""By telephone area code, the only division that the table of municípios has, and named as what it is."""


@dataclass(frozen=True)
class Row:
    """A line of the table of câmaras."""

    ibge: str
    name: str
    latitude: float
    longitude: float
    region: str
    email: str | None = None
    phone: str | None = None


def read_csv(text: str) -> list[Row]:
    """The lines of a CSV with `codigo_ibge,nome,latitude,longitude,ddd` and, if it has them, `email` and `telefone`."""
    rows = []
    for number, line in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        try:
            rows.append(_row(line))
        except (KeyError, ValueError, AttributeError):
            raise InvalidInput(
                {"arquivo": f"A linha {number} não pôde ser lida: confira código, nome e posição."}
            ) from None
    return rows


def import_camaras(session: Session, rows: Sequence[Row] | None = None, *, actor: Actor = SYSTEM) -> int:
    """Bring in all 853 câmaras (by default those of our own table); how many. EM1: 852, or one twice, is an error.

    Câmaras that are there keep what people have filled in; an address given here fills only an empty one.
    """
    if actor is not SYSTEM:
        authorize(actor, "oficio.work")
    chosen = read_csv(DATA.read_text("utf-8")) if rows is None else list(rows)
    _require_whole(chosen)
    now = clock.now()
    values = [
        {
            "ibge": row.ibge, "name": row.name, "name_folded": fold(row.name), "region": row.region,
            "latitude": row.latitude, "longitude": row.longitude, "email": row.email, "phone": row.phone,
            "email_valid": row.email is not None, "updated_at": now,
        }
        for row in chosen
    ]  # fmt: skip
    statement = insert(Camara).values(values)
    kept = ("name", "name_folded", "region", "latitude", "longitude")
    session.execute(
        statement.on_conflict_do_update(index_elements=["ibge"], set_={name: statement.excluded[name] for name in kept})
    )
    _fill_addresses(session, chosen)
    history.record(session, events.IMPORTED, {"count": len(chosen)}, actor=actor)
    return len(chosen)


def update_camara(
    session: Session,
    ibge: str,
    *,
    actor: Actor,
    email: str | None = None,
    phone: str | None = None,
    president: str | None = None,
    president_gender: str | None = None,
) -> Camara:
    """What the Ceac learned of a câmara; None leaves a value, the empty text forgets it."""
    if actor.kind != "system":
        authorize(actor, "oficio.work")
    camara = session.get(Camara, ibge, with_for_update=True)
    if camara is None:
        raise NotFound("Não encontramos essa câmara.", ibge=ibge)
    if email is not None:
        camara.email = _required_email(email) if email.strip() else None
        camara.email_valid = camara.email is not None
    if phone is not None:
        camara.phone = " ".join(phone.split())[:20] or None
    if president is not None:
        camara.president = " ".join(president.split())[:120] or None
        camara.president_gender = None
    if president_gender is not None:
        camara.president_gender = _gender(president_gender)
    camara.updated_at = clock.now()
    session.flush()
    history.record(session, events.CAMARA_CHANGED, {"ibge": ibge}, actor=actor)
    return camara


def link_account(session: Session, account_id: UUID, ibge: str, *, actor: Actor) -> None:
    """Let an external user act for a câmara; asked twice, it is one link."""
    if actor.kind != "system":
        authorize(actor, "oficio.work")
    account = session.get(Account, account_id)
    if account is None or account.kind != "external" or session.get(Camara, ibge) is None:
        raise NotFound("Não encontramos essa conta de usuário externo ou essa câmara.")
    statement = insert(CamaraAccount).values(account_id=account_id, ibge=ibge, created_at=clock.now())
    session.execute(statement.on_conflict_do_nothing())
    history.record(session, events.CAMARA_CHANGED, {"ibge": ibge, "account": str(account_id)}, actor=actor)


def _require_whole(rows: Sequence[Row]) -> None:
    """EM1."""
    twice = sorted(code for code, count in Counter(row.ibge for row in rows).items() if count > 1)
    if twice:
        raise InvalidInput({"arquivo": f"Código do IBGE repetido: {', '.join(twice[:5])}. Nada foi importado."})
    if len(rows) != UNIVERSE:
        raise InvalidInput({"arquivo": f"São {UNIVERSE} câmaras, e o arquivo traz {len(rows)}. Nada foi importado."})


def _fill_addresses(session: Session, rows: Sequence[Row]) -> None:
    given = {row.ibge: row for row in rows if row.email or row.phone}
    if not given:
        return
    for camara in session.scalars(select(Camara).where(Camara.ibge.in_(given))):
        row = given[camara.ibge]
        if camara.email is None and row.email is not None:
            camara.email, camara.email_valid = row.email, True
        camara.phone = camara.phone or row.phone
    session.flush()


def _row(line: Mapping[str, Any]) -> Row:
    code, ddd = line["codigo_ibge"].strip(), line["ddd"].strip()
    if not (len(code) == 7 and code.isdigit() and code.startswith("31") and line["nome"].strip()):
        raise ValueError(code)
    email = (line.get("email") or "").strip()
    if email and normal_email(email) is None:
        raise ValueError(email)
    place = float(line["latitude"]), float(line["longitude"])
    phone = (line.get("telefone") or "").strip()[:20] or None
    return Row(code, line["nome"].strip(), *place, REGIONS[ddd], normal_email(email) if email else None, phone)


def _required_email(typed: str) -> str:
    address = normal_email(typed)
    if address is None:
        raise InvalidInput({"email": "Escreva um endereço de e-mail completo, como camara@municipio.mg.leg.br."})
    return address


def _gender(typed: str) -> str | None:
    if typed not in ("", "F", "M"):
        raise InvalidInput({"president_gender": "Escolha uma das opções."})
    return typed or None
