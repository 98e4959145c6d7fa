"""Units of the ALMG, people of the electronic process, the basic types."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import operations
from documents.dossier.models import LegalHypothesis
from people.models import Account
from people.units import add_membership, create_organ, create_unit
from workflow import clock
from workflow.actor import SYSTEM, Actor


def make_account(session: Session, unit: str, *roles: str) -> Actor:
    """A confirmed servant of a unit, as an actor there."""
    account = Account(kind="staff", login=f"s{uuid4().hex[:10]}", display_name="Servidora", created_at=clock.now())
    account.confirmed_at = clock.now()
    session.add(account)
    session.flush()
    for role in roles:
        add_membership(session, account.id, unit, role, actor=SYSTEM)
    return Actor("account", account.id, None, frozenset(roles), unit)


def install(session: Session) -> None:
    """The ALMG, its units and the basic types."""
    create_organ(session, "ALMG", "0100", "Assembleia Legislativa de Minas Gerais", actor=SYSTEM)
    create_unit(session, "GRPC", "Gerência-Geral de Relações Públicas", actor=SYSTEM, organ="ALMG", code="07")
    create_unit(
        session, "GRI", "Gerência de Relações Institucionais", actor=SYSTEM, organ="ALMG", code="08", parent="GRPC"
    )
    create_unit(
        session, "GTI", "Gerência de Tecnologia", actor=SYSTEM, organ="ALMG", code="09", email="gti@almg.gov.br"
    )
    operations.install_types(session)


@pytest.fixture
def house(session: Session) -> None:
    install(session)


@pytest.fixture
def gri(session: Session, house: None) -> Actor:
    return make_account(session, "GRI", "servidor")


@pytest.fixture
def gti(session: Session, house: None) -> Actor:
    return make_account(session, "GTI", "servidor")


@pytest.fixture
def grpc(session: Session, house: None) -> Actor:
    return make_account(session, "GRPC", "servidor", "chefia")


def hypothesis_of(session: Session, level: str) -> UUID:
    """A hypothesis of that level."""

    return session.scalars(select(LegalHypothesis.id).where(LegalHypothesis.level == level).limit(1)).one()
