"""Rules of the gate, one test for each line of the law that they decide."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from processes.entrada import models, rules
from processes.entrada.rules import Extension, Ground, Hours, Minor, Opening, Result, Seen, Verdict
from workflow import calendar
from workflow.clock import TZ

TUESDAY = date(2026, 11, 24)
SATURDAY = date(2026, 11, 28)


def at(clock: str, day: date = TUESDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TZ)


def opening(clock: str, *extensions: Extension, day: date = TUESDAY, business_day: bool = True) -> Opening:
    return rules.opening_at(at(clock, day), business_day=business_day, hours=Hours(), extensions=extensions)


def test_R1_exactly_four_buildings() -> None:
    assert [building.value for building in rules.Building] == [
        "palacio_inconfidencia",
        "edificio_tiradentes",
        "edificio_carlos_drummond",
        "escola_legislativo",
    ]
    assert set(rules.BUILDING_NAMES) == set(rules.Building)
    with pytest.raises(ValueError, match="Anexo"):
        rules.building("Anexo")


def test_R2_identification_and_security_are_two_roles() -> None:
    assert rules.may_identify({"identificacao"}, Opening.OPEN)
    assert not rules.may_identify({"seguranca"}, Opening.OPEN)
    assert not rules.may_identify({"gpol"}, Opening.OPEN)
    assert rules.may_identify({"gpol"}, Opening.AFTER_HOURS)
    assert rules.may_check_security({"gpol"})
    assert rules.may_check_security({"seguranca"})
    assert not rules.may_check_security({"identificacao"})


@pytest.mark.parametrize(
    ("decision", "known", "ground"),
    [
        ("doubtful", True, Ground.DUVIDA),
        ("doubtful", False, Ground.DUVIDA),
        ("unknown", False, Ground.DESCONHECIDA),
        ("recognised", False, Ground.DUVIDA),
    ],
)
def test_R3_a_doubt_goes_to_a_person_and_is_never_a_refusal(
    decision: rules.Decision, known: bool, ground: Ground
) -> None:
    verdict = rules.decide(Opening.OPEN, Seen(decision, person_known=known))
    assert verdict == Verdict(Result.PENDENTE_VERIFICACAO, ground)


def test_R3_a_recognised_person_enters() -> None:
    assert rules.decide(Opening.OPEN, Seen("recognised", True)) == Verdict(Result.LIBERADO, Ground.RECONHECIDA)


def test_R4_first_access_needs_document_and_both_pictures_but_no_cpf() -> None:
    needed = rules.evidence_needed(first_access=True)
    assert needed.document_shown
    assert needed.face_picture
    assert needed.document_picture
    assert not needed.cpf_required


def test_R5_later_accesses_need_no_new_document() -> None:
    needed = rules.evidence_needed(first_access=False)
    assert needed == rules.Evidence(document_shown=False, face_picture=False, document_picture=False)


def test_R6_only_name_cpf_and_the_two_pictures_are_kept() -> None:
    assert frozenset({"full_name", "cpf", "face_picture", "document_picture"}) == rules.REGISTERED_DATA


def test_R7_no_table_holds_why_anybody_came() -> None:
    tables = [table for table in models.Base.metadata.tables.values() if table.name in _tables_of_entries()]
    assert tables
    for table in tables:
        for column in table.columns:
            assert not rules.FORBIDDEN_NAMES & set(column.name.split("_")), f"{table.name}.{column.name}"


def _tables_of_entries() -> set[str]:
    own = {
        mapper.local_table.name for mapper in models.Base.registry.mappers if "processes" in mapper.class_.__module__
    }
    people = {
        mapper.local_table.name for mapper in models.Base.registry.mappers if "people" in mapper.class_.__module__
    }
    return own | people


@pytest.mark.parametrize(
    ("minor", "expected"),
    [
        (Minor(age=8, accompanied=True), Verdict(Result.LIBERADO, Ground.MESMA_PASSAGEM)),
        (Minor(age=8), Verdict(Result.ENCAMINHADO_GPOL, Ground.CRIANCA_DESACOMPANHADA)),
        (
            Minor(age=11, document_shown=True, check_passed=True),
            Verdict(Result.ENCAMINHADO_GPOL, Ground.CRIANCA_DESACOMPANHADA),
        ),
    ],
)
def test_R8_a_child_enters_with_a_responsible_adult_only(minor: Minor, expected: Verdict) -> None:
    assert rules.admit_minor(minor) == expected


@pytest.mark.parametrize(
    ("document", "check", "expected"),
    [
        (True, True, Verdict(Result.LIBERADO, Ground.ADOLESCENTE)),
        (True, False, Verdict(Result.PENDENTE_VERIFICACAO, Ground.VERIFICACAO_PENDENTE)),
        (True, None, Verdict(Result.PENDENTE_VERIFICACAO, Ground.VERIFICACAO_PENDENTE)),
        (False, True, Verdict(Result.ENCAMINHADO_GPOL, Ground.ADOLESCENTE_SEM_DOCUMENTO)),
    ],
)
def test_R9_an_adolescent_shows_a_document_and_passes_the_check(
    document: bool, check: bool | None, expected: Verdict
) -> None:
    assert rules.admit_minor(Minor(age=12, document_shown=document, check_passed=check)) == expected


def test_R9_birthdays_count_from_the_day_itself() -> None:
    assert rules.age_on(date(2014, 11, 24), TUESDAY) == 12
    assert rules.age_on(date(2014, 11, 25), TUESDAY) == 11
    assert rules.age_on(date(2008, 11, 24), TUESDAY) == 18
    assert rules.admit_minor(Minor(age=18)) is None


def test_R10_no_face_of_a_declared_minor_is_kept() -> None:
    assert not rules.keeps_face(declared_minor=True)
    assert not rules.COLLECTED_OF_MINORS


def test_R11_only_the_gpol_registers_without_document() -> None:
    assert rules.may_register_without_document({"gpol"})
    assert not rules.may_register_without_document({"identificacao", "gestor", "admin"})
    assert not rules.evidence_needed(first_access=True, without_document=True).document_shown


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("07:29:59", Opening.BEFORE_HOURS),
        ("07:29:59.999", Opening.BEFORE_HOURS),
        ("07:30:00", Opening.OPEN),
        ("19:00:00", Opening.OPEN),
        ("19:00:00.900", Opening.OPEN),
        ("19:00:01", Opening.AFTER_HOURS),
        ("00:00:00", Opening.BEFORE_HOURS),
        ("23:59:59", Opening.AFTER_HOURS),
    ],
)
def test_R51_posts_open_from_7h30_to_19h(clock: str, expected: Opening) -> None:
    assert opening(clock) is expected


def test_R51_before_the_hour_is_refused_with_the_hour() -> None:
    verdict = rules.decide(opening("07:29:59"), Seen("recognised", True))
    assert verdict == Verdict(Result.NEGADO, Ground.ANTES_DO_HORARIO)
    assert "7h30" in rules.message_for(verdict.ground, Hours())


def test_R52_an_extension_holds_at_its_post_and_date() -> None:
    extension = Extension(TUESDAY, at("22:00:00"))
    assert opening("19:30:00", extension) is Opening.OPEN
    assert opening("22:00:00", extension) is Opening.OPEN
    assert opening("22:00:01", extension) is Opening.AFTER_HOURS
    assert opening("19:30:00") is Opening.AFTER_HOURS
    assert opening("19:30:00", extension, day=date(2026, 11, 25)) is Opening.AFTER_HOURS


def test_R52_an_extension_past_midnight_holds_even_into_a_saturday() -> None:
    friday = date(2026, 11, 27)
    extension = Extension(friday, at("01:00:00", SATURDAY))
    assert opening("00:30:00", extension, day=SATURDAY, business_day=False) is Opening.OPEN
    assert opening("01:00:01", extension, day=SATURDAY, business_day=False) is Opening.NON_BUSINESS


def test_R53_after_19h_only_the_gpol_decides() -> None:
    after = opening("19:00:01")
    assert rules.decide(after, Seen("recognised", True)) == Verdict(Result.ENCAMINHADO_GPOL, Ground.APOS_HORARIO)
    assert rules.may_confirm("gpol", after)
    assert not rules.may_confirm("identificacao", after)
    assert rules.may_confirm("identificacao", Opening.OPEN)


def test_R56_no_visitor_enters_on_a_non_business_day() -> None:
    closed = opening("10:00:00", day=SATURDAY, business_day=False)
    assert closed is Opening.NON_BUSINESS
    assert rules.decide(closed, Seen("recognised", True)) == Verdict(Result.NEGADO, Ground.DIA_NAO_UTIL)
    assert not rules.may_confirm("gpol", closed)
    assert not rules.may_confirm("identificacao", closed)


@pytest.mark.parametrize(
    ("day", "business"),
    [
        (TUESDAY, True),
        (SATURDAY, False),
        (date(2026, 11, 20), False),
        (date(2026, 12, 8), False),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_R56_calendar_of_belo_horizonte(session: Session, day: date, business: bool) -> None:
    assert calendar.is_business_day(session, day) is business


@pytest.mark.parametrize("skew", [60.1, -61.0, 600.0, -600.0])
@pytest.mark.parametrize("state", list(Opening))
def test_a_clock_off_by_more_than_a_minute_is_never_an_automatic_entry(skew: float, state: Opening) -> None:
    verdict = rules.decide(state, Seen("recognised", True, skew_s=skew))
    assert verdict == Verdict(Result.PENDENTE_VERIFICACAO, Ground.RELOGIO)


def test_a_clock_off_by_a_minute_is_still_trusted() -> None:
    assert rules.decide(Opening.OPEN, Seen("recognised", True, skew_s=60.0)).result is Result.LIBERADO


def test_the_same_person_at_the_same_gate_within_ten_seconds_is_one_passage() -> None:
    first = at("10:00:00")
    assert rules.same_passage(first, first + timedelta(seconds=10))
    assert rules.same_passage(first + timedelta(seconds=10), first)
    assert not rules.same_passage(first, first + timedelta(seconds=10, milliseconds=1))


def test_DE4_the_date_is_the_local_date_of_the_entry() -> None:
    assert rules.attendance_date(datetime.fromisoformat("2026-11-25T02:59:59+00:00")) == TUESDAY
    assert rules.attendance_date(datetime.fromisoformat("2026-11-25T03:00:00+00:00")) == date(2026, 11, 25)
    assert rules.attendance_date(datetime.fromisoformat("2027-01-01T02:50:00+00:00")) == date(2026, 12, 31)


def test_R51_R52_windows_for_the_bridge() -> None:
    days = [(TUESDAY, True), (SATURDAY, False)]
    extensions = [
        Extension(TUESDAY, at("22:00")),
        Extension(TUESDAY, at("20:00")),
        Extension(SATURDAY, at("21:00", SATURDAY)),
    ]
    assert rules.windows(days, Hours(), extensions) == [
        (at("07:30"), at("22:00")),
        (at("19:00", SATURDAY), at("21:00", SATURDAY)),
    ]
    assert rules.windows(days, Hours()) == [(at("07:30"), at("19:00"))]


def test_every_ground_has_its_sentence() -> None:
    for ground in Ground:
        assert rules.message_for(ground, Hours()).endswith(".")
