"""The one decision: list and detail agree for every level, unit, role and credential; sigiloso does not exist."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from documents.dossier import access, operations, queries
from documents.dossier.errors import DossierDocumentNotFound, DossierNotFound
from documents.dossier.models import Dossier, DossierCredential
from people.access import allowed
from people.roles import ROLES
from tests.documents.dossier.conftest import hypothesis_of, make_account
from workflow import clock
from workflow.actor import Actor
from workflow.errors import Conflict, Forbidden, InvalidInput

UNITS = ("GRPC", "GRI", "GTI")


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    level=st.sampled_from(("publico", "restrito", "sigiloso")),
    passed=st.sets(st.sampled_from(UNITS)),
    unit=st.sampled_from((None, *UNITS)),
    roles=st.sets(st.sampled_from(sorted(ROLES)), max_size=2),
    credential=st.booleans(),
    kind=st.sampled_from(("account", "account", "account", "bridge", "public")),
)
def test_list_and_detail_agree(
    session: Session,
    gri: Actor,
    level: str,
    passed: set[str],
    unit: str | None,
    roles: set[str],
    credential: bool,
    kind: str,
) -> None:
    dossier = session.scalars(select(Dossier)).first() or operations.open_dossier(session, "contratacao", actor=gri)
    with session.begin_nested() as nested:
        dossier.effective_level, dossier.passed_units = level, sorted(passed)
        holder = Actor(kind, gri.id, None, frozenset(roles), unit)  # type: ignore[arg-type]  # drawn from the kinds
        if credential:
            row = DossierCredential(dossier_id=dossier.id, account_id=gri.id, granted_at=clock.now())
            session.merge(row)
        session.flush()
        listed = session.scalar(select(Dossier.id).where(Dossier.id == dossier.id, access.visible(holder))) is not None
        assert listed == allowed(holder, "dossier.read", access.resource_of(session, dossier))
        assert listed == access.may(session, holder, dossier)
        nested.rollback()
    session.expire_all()


def test_sigiloso_does_not_exist_without_a_credential(session: Session, gri: Actor, gti: Actor) -> None:
    secret = hypothesis_of(session, "sigiloso")
    dossier = operations.open_dossier(session, "contratacao", actor=gri, level="sigiloso", hypothesis_id=secret)
    document = operations.add_document(session, dossier.id, "internal", "despacho", actor=gri)
    colleague = make_account(session, "GRI", "servidor", "chefia")
    admin = make_account(session, "GTI", "admin")
    for stranger in (colleague, gti, admin):
        _knows_nothing(session, stranger, dossier)
        with pytest.raises(DossierDocumentNotFound):
            access.authorize_document(session, stranger, document.id)
    assert queries.dossier_view(session, dossier.id, gri).effective_level == "sigiloso"
    operations.grant_credential(session, dossier.id, UUID(str(colleague.id)), actor=gri)
    assert queries.dossier_view(session, dossier.id, colleague).number == dossier.number
    operations.revoke_credential(session, dossier.id, UUID(str(gri.id)), actor=gri)
    with pytest.raises(DossierNotFound):
        queries.dossier_view(session, dossier.id, gri)
    with pytest.raises(Conflict):
        operations.revoke_credential(session, dossier.id, UUID(str(colleague.id)), actor=colleague)


def _knows_nothing(session: Session, stranger: Actor, dossier: Dossier) -> None:
    for verb in (
        lambda: queries.dossier_view(session, dossier.id, stranger),
        lambda: operations.send(session, dossier.id, ["GTI"], actor=stranger),
        lambda: operations.watch(session, dossier.id, actor=stranger),
        lambda: queries.by_number(session, dossier.number, stranger),
        lambda: queries.andamento(session, dossier.id, actor=stranger),
    ):
        with pytest.raises(DossierNotFound):
            verb()


def test_restrito_is_seen_by_the_units_through_which_it_passed(session: Session, gri: Actor, gti: Actor) -> None:
    personal = hypothesis_of(session, "restrito")
    dossier = operations.open_dossier(session, "contratacao", actor=gri)
    assert queries.dossier_view(session, dossier.id, gti).tree == ()
    document = operations.add_document(
        session, dossier.id, "internal", "despacho", actor=gri, level="restrito", hypothesis_id=personal
    )
    assert dossier.effective_level == "restrito"
    with pytest.raises(Forbidden):
        queries.dossier_view(session, dossier.id, gti)
    operations.send(session, dossier.id, ["GTI"], actor=gri)
    view = queries.dossier_view(session, dossier.id, gti)
    assert view.hypothesis is not None
    operations.reopen(session, dossier.id, actor=gri)
    operations.delete_document(session, document.id, actor=gri)
    assert dossier.effective_level == "publico"


def test_what_is_not_public_says_why(session: Session, gri: Actor) -> None:
    personal = hypothesis_of(session, "restrito")
    for level, reason in (("restrito", None), ("sigiloso", personal), ("publico", personal), ("restrito", uuid4())):
        with pytest.raises(InvalidInput):
            operations.open_dossier(session, "contratacao", actor=gri, level=level, hypothesis_id=reason)
    dossier = operations.open_dossier(session, "contratacao", actor=gri)
    with pytest.raises(InvalidInput):
        operations.change_access(session, dossier.id, "restrito", actor=gri)
    operations.change_access(session, dossier.id, "restrito", personal, actor=gri)
    assert dossier.effective_level == "restrito"
    operations.change_access(session, dossier.id, "publico", actor=gri)
    assert dossier.effective_level == "publico"


def test_a_cancelled_document_still_restricts_the_whole(session: Session, gri: Actor, gti: Actor) -> None:
    personal = hypothesis_of(session, "restrito")
    dossier = operations.open_dossier(session, "contratacao", actor=gri)
    operations.send(session, dossier.id, ["GTI"], actor=gri, keep_open=True)
    document = operations.add_document(
        session, dossier.id, "internal", "despacho", actor=gri, level="restrito", hypothesis_id=personal
    )
    operations.note_seen(session, document.id, actor=gti)
    operations.cancel_document(session, document.id, "Incluído por engano", actor=gri)
    assert dossier.effective_level == "restrito"


def test_who_has_no_role_in_the_electronic_process_does_nothing(session: Session, gri: Actor) -> None:
    guard = make_account(session, "GRI", "seguranca")
    with pytest.raises(Forbidden):
        operations.open_dossier(session, "contratacao", actor=guard)
    dossier = operations.open_dossier(session, "contratacao", actor=gri)
    with pytest.raises(Forbidden):
        queries.dossier_view(session, dossier.id, guard)
    with pytest.raises(Forbidden):
        operations.send(session, dossier.id, ["GTI"], actor=guard)
