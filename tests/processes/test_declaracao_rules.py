"""Rules of the declaração de comparecimento (art. 9º)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest

from processes.declaracao_comparecimento import rules
from processes.declaracao_comparecimento.rules import Channel, Holder, Refusal, Shown
from workflow.clock import TZ

DAY = date(2026, 11, 24)
PROVED = Holder(registered=True, cpf=True, cpf_verified=True)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{clock}").replace(tzinfo=TZ)


@pytest.mark.parametrize(
    ("holder", "day", "entries", "expected"),
    [
        (PROVED, DAY, 1, None),
        (PROVED, DAY, 3, None),
        (PROVED, DAY, 0, Refusal.SEM_COMPARECIMENTO),
        (PROVED, date(2026, 11, 25), 1, Refusal.DATA_FUTURA),
        (Holder(registered=False, cpf=True, cpf_verified=True), DAY, 1, Refusal.SEM_CADASTRO),
    ],
)
def test_R58_DE2_who_may_have_a_declaration(holder: Holder, day: date, entries: int, expected: Refusal | None) -> None:
    assert rules.eligibility(holder, day, today=DAY, permitted_entries=entries) == expected


def test_D8_without_cpf_or_with_one_not_proved_nothing_is_issued() -> None:
    nobody = Holder(registered=True, cpf=False, cpf_verified=False)
    typed = Holder(registered=True, cpf=True, cpf_verified=False)
    assert rules.eligibility(nobody, DAY, today=DAY, permitted_entries=1) is Refusal.SEM_CPF
    assert rules.eligibility(typed, DAY, today=DAY, permitted_entries=1) is Refusal.CPF_NAO_COMPROVADO


def test_D9_minors_have_no_registration_and_so_no_declaration() -> None:
    minor = Holder(registered=False, cpf=False, cpf_verified=False)
    assert rules.eligibility(minor, DAY, today=DAY, permitted_entries=1) is Refusal.SEM_CADASTRO


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("07:59:59", Refusal.FORA_DO_HORARIO),
        ("08:00:00", None),
        ("19:00:00", None),
        ("19:00:00.500", None),
        ("19:00:01", Refusal.FORA_DO_HORARIO),
    ],
)
def test_R59_the_cac_issues_from_8h_to_19h(clock: str, expected: Refusal | None) -> None:
    assert rules.desk_refusal(at(clock), business_day=True) == expected


def test_R59_the_cac_issues_on_business_days_only() -> None:
    assert rules.desk_refusal(at("10:00:00"), business_day=False) is Refusal.DIA_NAO_UTIL


def test_R60_DE7_a_gabinete_issues_nothing() -> None:
    for channel in (*Channel, "gabinete"):
        assert not rules.may_issue({"gabinete", "cac"}, channel, owner=True)


def test_DE5_portal_and_cac_are_the_only_channels() -> None:
    assert rules.may_issue(set(), Channel.PORTAL, owner=True)
    assert not rules.may_issue(set(), Channel.PORTAL)
    assert rules.may_issue({"cac"}, Channel.CAC)
    assert not rules.may_issue({"gestor", "identificacao"}, Channel.CAC)
    assert not rules.may_issue({"cac"}, "email", owner=True)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown(document=True), None),
        (Shown(document=False), Refusal.DOCUMENTO_NAO_CONFERIDO),
        (Shown(document=True, third_party=True), Refusal.PROCURACAO_NAO_CONFERIDA),
        (Shown(document=True, third_party=True, power_of_attorney=True), None),
    ],
)
def test_DE6_what_is_shown_at_the_desk(shown: Shown, expected: Refusal | None) -> None:
    assert rules.shown_refusal(shown) == expected


def test_DE3_DE11_one_per_person_and_day() -> None:
    person = UUID("00000000-0000-0000-0000-000000000001")
    assert rules.attendance_key(person, DAY) == f"{person}:2026-11-24"


def test_every_refusal_says_what_to_do() -> None:
    assert set(rules.REFUSAL_TEXTS) == set(Refusal)
