"""The process of an entry, run by the real engine."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from integrations.faces import boxes
from people.models import Person
from processes.declaracao_comparecimento import queries as declarations
from processes.entrada import operations, queries, rules
from processes.entrada.bridges import KnownBridge
from processes.entrada.models import Crop, Entry, GateEvent, Post, Presence
from processes.entrada.received import Candidate
from processes.entrada.rules import Minor
from tests.processes.conftest import (
    CAC,
    GPOL,
    GRPC,
    account_of,
    answer,
    at,
    enrolled,
    now_is,
    open_node,
    pass_gate,
    person,
    received,
    staff,
)
from workflow import calendar, clock
from workflow import queries as workflow
from workflow.actor import Actor
from workflow.errors import DomainError, Forbidden, InvalidInput, NotFound

JPEG = b"\xff\xd8\xff\xe0" + b"a face" * 20


def entries(session: Session) -> list[Entry]:
    return list(session.scalars(select(Entry)))


def status(session: Session, event: GateEvent) -> str:
    assert event.case_id is not None
    return workflow.case_view(session, event.case_id).status


def test_R1_an_entry_is_tied_to_a_building_a_post_an_instant_and_a_result(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    event = pass_gate(db, bridge, who.id)
    (entry,) = entries(db)
    assert (entry.building, entry.instant, entry.person_id) == ("palacio_inconfidencia", at("10:00"), who.id)
    assert (event.result, entry.event_id, entry.case_id) == ("LIBERADO", event.id, event.case_id)
    assert status(db, event) == "completed"


def test_R1_the_database_knows_no_fifth_building(db: Session) -> None:
    db.add(Post(code="ANEXO", building="anexo", hall="Portaria"))
    with pytest.raises(Exception, match="ck_post_building_known"):
        db.flush()


def test_R3_a_recognised_entry_becomes_an_attendance(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id)
    (day,) = declarations.attendances_of(db, who.id)
    assert (day.date, day.state) == (date(2026, 11, 24), "disponivel")


def test_R3_two_candidates_within_the_margin_are_a_question_and_no_entry(db: Session, bridge: KnownBridge) -> None:
    one, other = person(db), person(db, "José Pereira", "11144477735")
    candidates = (Candidate(one.id, 0.33), Candidate(other.id, 0.34))
    event = pass_gate(db, bridge, decision="doubtful", candidates=candidates)
    assert event.result == "PENDENTE_VERIFICACAO"
    assert open_node(db, event.case_id) == "confirmar_identidade"
    assert not entries(db)
    answer(db, event.case_id, GRPC, resposta="confirmada", pessoa_id=str(other.id), criancas=2)
    (entry,) = entries(db)
    assert (entry.person_id, entry.confirmed_by, entry.accompanied_minors) == (other.id, GRPC.id, 2)
    assert (event.result, event.ground, status(db, event)) == ("LIBERADO", "confirmada", "completed")
    assert queries.minors_on(db, date(2026, 11, 24)) == {"crianca": 2}


def test_R3_nobody_enters_in_a_name_that_nobody_confirmed(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    event = pass_gate(db, bridge, decision="doubtful", candidates=(Candidate(who.id, 0.33),))
    for wrong in (None, "", "nobody", str(uuid4())):
        with pytest.raises(InvalidInput):
            answer(db, event.case_id, GRPC, resposta="confirmada", pessoa_id=wrong)
    assert not entries(db)


def test_R3_an_unknown_face_ends_without_entry(db: Session, bridge: KnownBridge) -> None:
    event = pass_gate(db, bridge)
    answer(db, event.case_id, GRPC, resposta="ninguem")
    assert (event.result, event.ground, status(db, event)) == ("NEGADO", "nao_identificada", "completed")
    assert not entries(db)


def test_R3_a_recognised_person_whose_data_were_erased_is_a_question(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    who.full_name = who.name_folded = who.cpf = None
    who.name_tokens, who.erased_at = [], clock.now()
    db.flush()
    event = pass_gate(db, bridge, who.id)
    assert event.result == "PENDENTE_VERIFICACAO"
    assert not entries(db)


def test_R5_the_desk_lets_in_somebody_it_identified(db: Session) -> None:
    who = person(db)
    post = operations.post_by_code(db, "ESCOLA")
    event = operations.enter_at_desk(db, GRPC, post.id, who.id, accompanied_minors=1)
    assert event.result == "LIBERADO"
    (entry,) = entries(db)
    assert (entry.building, entry.accompanied_minors, entry.confirmed_by) == ("escola_legislativo", 1, GRPC.id)


def test_R2_the_security_check_does_not_identify(db: Session) -> None:
    post = operations.post_by_code(db, "ESCOLA")
    with pytest.raises(Forbidden):
        operations.enter_at_desk(db, staff("seguranca", "GPOL"), post.id, person(db).id)


def test_R2_only_the_lane_of_the_task_answers_it(db: Session, bridge: KnownBridge) -> None:
    event = pass_gate(db, bridge)
    for other in (GPOL, CAC):
        with pytest.raises(Forbidden):
            answer(db, event.case_id, other, resposta="ninguem")


def test_R8_a_child_alone_goes_to_the_gpol(db: Session) -> None:
    post = operations.post_by_code(db, "PI-HALL")
    event = operations.admit_minor_at_desk(db, GRPC, post.id, Minor(age=8))
    assert event.result == "ENCAMINHADO_GPOL"
    assert open_node(db, event.case_id) == "autorizar_entrada"
    answer(db, event.case_id, GPOL, autorizada=False)
    assert event.result == "NEGADO"
    assert not entries(db)


def test_R9_an_adolescent_enters_and_leaves_no_data(db: Session) -> None:
    post = operations.post_by_code(db, "PI-HALL")
    event = operations.admit_minor_at_desk(db, GRPC, post.id, Minor(12, document_shown=True, check_passed=True))
    (entry,) = entries(db)
    assert (event.result, entry.kind, entry.person_id) == ("LIBERADO", "adolescente", None)
    assert queries.minors_on(db, date(2026, 11, 24)) == {"adolescente": 1}
    assert event.case_id is not None
    data = workflow.case_view(db, event.case_id).data
    assert 12 not in data.values()
    assert data["pessoa_id"] is None
    assert db.scalar(select(func.count()).select_from(Presence)) == 0


def test_R9_without_the_security_check_the_adolescent_waits(db: Session) -> None:
    post = operations.post_by_code(db, "PI-HALL")
    event = operations.admit_minor_at_desk(db, GRPC, post.id, Minor(15, document_shown=True))
    assert event.result == "PENDENTE_VERIFICACAO"
    answer(db, event.case_id, GRPC, resposta="confirmada")
    assert [entry.kind for entry in entries(db)] == ["adolescente"]


def test_R9_an_adolescent_without_document_goes_to_the_gpol(db: Session) -> None:
    post = operations.post_by_code(db, "PI-HALL")
    event = operations.admit_minor_at_desk(db, GRPC, post.id, Minor(15, check_passed=True))
    assert event.result == "ENCAMINHADO_GPOL"
    answer(db, event.case_id, GPOL, autorizada=True)
    assert [(entry.kind, entry.person_id) for entry in entries(db)] == [("adolescente", None)]


def test_R10_a_minor_at_the_camera_leaves_a_number_only(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    event_id = uuid4()
    crop = boxes.seal_crop(bridge.gallery_secret, event_id, JPEG)
    event = pass_gate(db, bridge, id=event_id, decision="doubtful", candidates=(Candidate(who.id, 0.4),), crop=crop)
    operations.count_discarded_minor(db, GRPC, event.id)
    assert (event.candidates, event.candidate_ids, event.score) == ([], [], None)
    with pytest.raises(NotFound):
        queries.crop(db, GRPC, event.id)
    assert queries.minors_on(db, date(2026, 11, 24)) == {"descartado": 1}


@pytest.mark.parametrize(
    ("clock_time", "result"),
    [
        ("07:29:59", "NEGADO"),
        ("07:30:00", "LIBERADO"),
        ("19:00:00", "LIBERADO"),
        ("19:00:01", "ENCAMINHADO_GPOL"),
    ],
)
def test_R51_R53_hours_of_a_business_day(db: Session, bridge: KnownBridge, clock_time: str, result: str) -> None:
    now_is(at("20:00"))
    event = pass_gate(db, bridge, person(db).id, instant=at(clock_time))
    assert event.result == result
    assert len(entries(db)) == (result == "LIBERADO")


def test_R51_the_gate_is_told_the_opening_hour(db: Session, bridge: KnownBridge) -> None:
    event = pass_gate(db, bridge, person(db).id, instant=at("07:00"))
    told = queries.event_answer(db, bridge, event.id)
    assert (told.result, told.case_id) == ("NEGADO", event.case_id)
    assert "7h30" in told.message


def test_R52_an_extension_opens_its_own_post_only(db: Session, bridge: KnownBridge) -> None:
    now_is(at("19:30"))
    manager = staff("gestor", "DIR")
    operations.extend_hours(db, manager, bridge.post_id, at("22:00"), "Reunião do Plenário", day=date(2026, 11, 24))
    who = person(db)
    assert pass_gate(db, bridge, who.id, instant=at("19:30")).result == "LIBERADO"
    other = enrolled(db, "DRUMMOND")
    assert pass_gate(db, other, who.id, instant=at("19:30"), post="DRUMMOND").result == "ENCAMINHADO_GPOL"


def test_R53_after_19h_only_the_gpol_lets_in(db: Session, bridge: KnownBridge) -> None:
    now_is(at("19:40"))
    who = person(db)
    event = pass_gate(db, bridge, who.id, instant=at("19:30"))
    assert open_node(db, event.case_id) == "autorizar_entrada"
    with pytest.raises(Forbidden):
        answer(db, event.case_id, GRPC, autorizada=True)
    answer(db, event.case_id, GPOL, autorizada=True, pessoa_id=str(who.id))
    assert [entry.confirmed_by for entry in entries(db)] == [GPOL.id]


def test_R53_the_grpc_may_not_confirm_what_happened_after_19h(db: Session, bridge: KnownBridge) -> None:
    now_is(at("19:40"))
    who = person(db)
    event = pass_gate(db, bridge, who.id, instant=at("19:30"), skew_s=120.0)
    with pytest.raises(DomainError, match="Polícia Legislativa"):
        answer(db, event.case_id, GRPC, resposta="confirmada", pessoa_id=str(who.id))
    answer(db, event.case_id, GRPC, resposta="gpol")
    assert open_node(db, event.case_id) == "autorizar_entrada"


@pytest.mark.parametrize("day", ["2026-11-28", "2026-11-20", "2026-12-08"])
def test_R56_no_visitor_on_saturday_national_holiday_or_holiday_of_belo_horizonte(
    db: Session, bridge: KnownBridge, day: str
) -> None:
    now_is(at("10:00", day))
    event = pass_gate(db, bridge, person(db).id, instant=at("10:00", day))
    assert (event.result, event.ground) == ("NEGADO", "dia_nao_util")
    assert not entries(db)


def test_R56_an_act_of_the_house_may_make_a_saturday_a_working_day(db: Session, bridge: KnownBridge) -> None:
    calendar.declare_day(db, date(2026, 11, 28), business=True, reason="Sessão extraordinária")
    now_is(at("10:00", "2026-11-28"))
    assert pass_gate(db, bridge, person(db).id, instant=at("10:00", "2026-11-28")).result == "LIBERADO"


def test_the_same_event_twice_is_one(db: Session, bridge: KnownBridge) -> None:
    event = received(person(db).id)
    assert operations.accept_events(db, bridge, [event]).accepted == (event.id,)
    again = operations.accept_events(db, bridge, [event])
    assert (again.accepted, again.duplicates) == ((), (event.id,))
    assert db.scalar(select(func.count()).select_from(GateEvent)) == 1


def test_an_id_that_another_bridge_used_is_refused(db: Session, bridge: KnownBridge) -> None:
    event = received(person(db).id)
    operations.accept_events(db, bridge, [event])
    other = enrolled(db)
    (refused,) = operations.accept_events(db, other, [event]).rejected
    assert (refused.id, refused.reason) == (str(event.id), "identificador_em_uso")


def test_a_bridge_speaks_for_its_own_post_only(db: Session, bridge: KnownBridge) -> None:
    (refused,) = operations.accept_events(db, bridge, [received(person(db).id, post="ESCOLA")]).rejected
    assert refused.reason == "posto_desconhecido"


def test_R1_a_post_that_is_closed_for_good_takes_no_entry(db: Session, bridge: KnownBridge) -> None:
    db.get_one(Post, bridge.post_id).active = False
    who = person(db)
    (refused,) = operations.accept_events(db, bridge, [received(who.id)]).rejected
    assert refused.reason == "posto_desconhecido"
    for post in (bridge.post_id, uuid4()):
        with pytest.raises(NotFound):
            operations.enter_at_desk(db, GRPC, post, who.id)


def test_the_same_person_at_the_same_gate_within_ten_seconds_is_one_passage(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("10:00:10"))
    again = pass_gate(db, bridge, who.id, instant=at("10:00:01"))
    assert (again.result, again.ground, status(db, again)) == ("LIBERADO", "mesma_passagem", "completed")
    assert len(entries(db)) == 1
    pass_gate(db, bridge, who.id, instant=at("10:00:20.001"))
    assert len(entries(db)) == 2


def test_events_out_of_order_keep_their_own_instants(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id, sequence=2, instant=at("09:50"))
    pass_gate(db, bridge, who.id, sequence=1, instant=at("09:00"), replayed=True)
    assert sorted(entry.instant for entry in entries(db)) == [at("09:00"), at("09:50")]
    assert len(declarations.attendances_of(db, who.id)) == 1


def test_a_device_clock_ten_minutes_off_goes_to_review(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    event = pass_gate(db, bridge, who.id, skew_s=600.0, device_time=at("10:10"), instant=at("10:00"))
    assert event.review
    assert (event.result, event.ground) == ("PENDENTE_VERIFICACAO", "relogio")
    assert not entries(db)
    answer(db, event.case_id, GRPC, resposta="confirmada", pessoa_id=str(who.id))
    assert [entry.instant for entry in entries(db)] == [at("10:00")]


def test_an_instant_that_has_not_come_yet_goes_to_review(db: Session, bridge: KnownBridge) -> None:
    event = pass_gate(db, bridge, person(db).id, instant=at("10:05"))
    assert event.review
    assert not entries(db)


def test_DE4_around_midnight_the_local_date_counts(db: Session, bridge: KnownBridge) -> None:
    now_is(at("01:30", "2026-11-25"))
    manager = staff("gestor", "DIR")
    operations.extend_hours(
        db, manager, bridge.post_id, at("02:00", "2026-11-25"), "Reunião do Plenário", day=date(2026, 11, 24)
    )
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("23:50"))
    assert [row.date for row in declarations.attendances_of(db, who.id)] == [date(2026, 11, 24)]
    pass_gate(db, bridge, who.id, instant=at("00:20", "2026-11-25"))
    assert [row.date.day for row in declarations.attendances_of(db, who.id)] == [25, 24]


def test_DE4_the_last_day_of_the_year(db: Session, bridge: KnownBridge) -> None:
    now_is(at("18:59", "2026-12-31"))
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("18:59", "2026-12-31"))
    assert [row.date for row in declarations.attendances_of(db, who.id)] == [date(2026, 12, 31)]


def test_an_entry_marks_the_person_as_seen_on_the_day_and_counts_it(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id)
    pass_gate(db, enrolled(db, "DRUMMOND"), who.id, post="DRUMMOND", instant=at("10:00"))
    assert db.get_one(Presence, (who.id, date(2026, 11, 24))).entries == 2
    assert len(queries.entries_of(db, who.id)) == 2
    assert len(declarations.attendances_of(db, who.id)) == 1


def test_P7_a_crop_is_read_by_the_desk_and_gone_after_24_hours(db: Session, bridge: KnownBridge) -> None:
    event_id = uuid4()
    crop = boxes.seal_crop(bridge.gallery_secret, event_id, JPEG)
    event = pass_gate(db, bridge, id=event_id, crop=crop)
    assert queries.verification(db, GRPC, event.id).has_crop
    assert queries.crop(db, GRPC, event.id) == JPEG
    assert JPEG not in db.get_one(Crop, event.id).sealed
    with pytest.raises(Forbidden):
        queries.crop(db, CAC, event.id)
    db.get_one(Crop, event.id).kept_until = clock.real_now() - timedelta(seconds=1)
    with pytest.raises(NotFound):
        queries.crop(db, GRPC, event.id)


@pytest.mark.parametrize(
    "replies",
    [
        [(GRPC, {"resposta": "confirmada"})],
        [(GRPC, {"resposta": "ninguem"})],
        [(GRPC, {"resposta": "gpol"}), (GPOL, {"autorizada": True})],
        [(GRPC, {"resposta": "gpol"}), (GPOL, {"autorizada": False})],
    ],
    ids=["confirmed", "nobody", "authorised", "refused"],
)
def test_P7_the_answer_erases_crop_and_candidates(
    db: Session, bridge: KnownBridge, replies: list[tuple[Actor, dict[str, object]]]
) -> None:
    who, event_id = person(db), uuid4()
    crop = boxes.seal_crop(bridge.gallery_secret, event_id, JPEG)
    event = pass_gate(db, bridge, id=event_id, decision="doubtful", candidates=(Candidate(who.id, 0.3),), crop=crop)
    for actor, data in replies:
        assert queries.verification(db, actor, event.id).has_crop
        answer(db, event.case_id, actor, pessoa_id=str(who.id), **data)
    db.flush()
    db.expire_all()
    assert status(db, event) == "completed"
    assert db.get(Crop, event.id) is None
    assert (event.candidates, event.candidate_ids) == ([], [])


def test_P7_a_face_that_nobody_will_be_asked_about_is_not_kept(db: Session, bridge: KnownBridge) -> None:
    event_id = uuid4()
    crop = boxes.seal_crop(bridge.gallery_secret, event_id, JPEG)
    event = pass_gate(db, bridge, id=event_id, instant=at("06:00"), crop=crop)
    assert event.result == "NEGADO"
    assert db.get(Crop, event.id, populate_existing=True) is None


@pytest.mark.parametrize("crop", ["", "not base64", "AAAA"])
def test_a_crop_that_is_not_ours_is_not_kept_and_loses_no_event(db: Session, bridge: KnownBridge, crop: str) -> None:
    event = pass_gate(db, bridge, crop=crop)
    assert not queries.verification(db, GRPC, event.id).has_crop


def test_a_crop_of_another_event_or_of_no_jpeg_is_not_kept(db: Session, bridge: KnownBridge) -> None:
    foreign = boxes.seal_crop(bridge.gallery_secret, uuid4(), JPEG)
    assert not queries.verification(db, GRPC, pass_gate(db, bridge, crop=foreign).id).has_crop
    event_id = uuid4()
    program = boxes.seal_crop(bridge.gallery_secret, event_id, b"<script>")
    assert not queries.verification(db, GRPC, pass_gate(db, bridge, id=event_id, crop=program).id).has_crop


def test_LGPD_erasing_a_person_leaves_no_crop_and_no_likeness(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    event_id = uuid4()
    crop = boxes.seal_crop(bridge.gallery_secret, event_id, JPEG)
    event = pass_gate(db, bridge, id=event_id, decision="doubtful", candidates=(Candidate(who.id, 0.3),), crop=crop)
    entered = pass_gate(db, bridge, who.id)
    operations.erase_for(db, who.id)
    db.expire_all()
    assert (event.candidates, event.candidate_ids, entered.score) == ([], [], None)
    assert db.get(Crop, event.id) is None
    assert [entry.person_id for entry in entries(db)] == [who.id]


def test_DE12_a_wrong_entry_is_given_to_the_right_person(db: Session, bridge: KnownBridge) -> None:
    wrong, right = person(db), person(db, "José Pereira", "11144477735")
    account_of(db, wrong)
    pass_gate(db, bridge, wrong.id)
    (entry,) = entries(db)
    corrected = operations.correct_entry(db, CAC, entry.id, right.id, "Era o irmão, conferido na portaria.")
    assert corrected is not None
    assert (corrected.person_id, corrected.corrects_id) == (right.id, entry.id)
    assert declarations.attendances_of(db, wrong.id) == []
    assert [row.date for row in declarations.attendances_of(db, right.id)] == [date(2026, 11, 24)]
    with pytest.raises(DomainError, match="já foi corrigida"):
        operations.correct_entry(db, CAC, entry.id, right.id, "De novo.")


def test_DE12_another_entry_of_the_day_keeps_the_day(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("09:00"))
    pass_gate(db, bridge, who.id, instant=at("09:50"))
    operations.correct_entry(db, CAC, entries(db)[0].id, None, "Não era a pessoa.")
    assert len(declarations.attendances_of(db, who.id)) == 1


def test_DE12_a_day_withdrawn_by_mistake_begins_again_with_a_true_entry(db: Session, bridge: KnownBridge) -> None:
    who = person(db)
    pass_gate(db, bridge, who.id, instant=at("09:00"))
    operations.correct_entry(db, CAC, entries(db)[0].id, None, "Não era a pessoa.")
    assert declarations.attendances_of(db, who.id) == []
    pass_gate(db, bridge, who.id, instant=at("09:30"))
    (day,) = declarations.attendances_of(db, who.id)
    assert workflow.case_view(db, day.case_id).status == "running"


def test_DE12_only_who_may_cancel_corrects(db: Session, bridge: KnownBridge) -> None:
    pass_gate(db, bridge, person(db).id)
    for other in (GRPC, GPOL, staff("gabinete", "GAB-01")):
        with pytest.raises(Forbidden):
            operations.correct_entry(db, other, entries(db)[0].id, None, "Não era a pessoa.")


def test_a_heartbeat_tells_which_devices_are_silent(db: Session, bridge: KnownBridge) -> None:
    from processes.entrada.received import DeviceReport

    now = clock.real_now()
    reports = [DeviceReport("camera-1", "camera", now, 0.0), DeviceReport("idface", "controlid", None, 0.0)]
    operations.record_heartbeat(db, bridge, reports, 7, 40)
    operations.record_heartbeat(db, bridge, reports, 3, 41)
    (row,) = [one for one in queries.bridges(db) if one.id == bridge.id]
    assert (row.spool, row.silent, row.post) == (3, ("idface",), "PI-HALL")


def test_R51_config_has_the_windows_of_the_next_eight_days(db: Session, bridge: KnownBridge) -> None:
    found = queries.config_of(db, bridge)
    assert found.windows[0] == (at("07:30"), at("19:00"))
    days = {start.astimezone(clock.TZ).date().weekday() for start, _ in found.windows}
    assert days <= {0, 1, 2, 3, 4}
    assert (found.post, found.building) == ("PI-HALL", "palacio_inconfidencia")


def test_R7_neither_case_data_nor_tables_hold_why_anybody_came(db: Session, bridge: KnownBridge) -> None:
    event = pass_gate(db, bridge, person(db).id)
    assert event.case_id is not None
    assert not rules.FORBIDDEN_NAMES & set(workflow.case_view(db, event.case_id).data)
    names = {
        name for table in Person.metadata.tables.values() for column in table.columns for name in column.name.split("_")
    }
    assert not rules.FORBIDDEN_NAMES & names
