"""Pure rules of ofícios, by their ids."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from processes.oficio_camaras import rules, stamp
from processes.oficio_camaras.models import ExemplarState as S
from processes.oficio_camaras.rules import Answer
from tests.processes.conftest import at
from workflow.errors import InvalidInput

SEED_STAMP = "CÂMARA MUNICIPAL RECEBIDO 18/01/2019 10:01 092 1/2"


@pytest.mark.parametrize("number", ["Of. 002/2018/GRPC/GRI", "Of. 1000/2026/GRI", "Of. 001/2027/Ceac"])
def test_OF1_numbers_that_are_ones(number: str) -> None:
    assert rules.valid_number(number)


@pytest.mark.parametrize(
    "number",
    ["Of. 2/2018/GRPC/GRI", "Of. 0002/2018/GRPC/GRI", "Of. 000/2018/GRPC/GRI", "Of. 002/18/GRPC/GRI", "Of. 002/2018"],
)
def test_OF1_numbers_that_are_none(number: str) -> None:
    assert not rules.valid_number(number)


def test_OF4_the_mrpr_writes_units_smaller_to_larger() -> None:
    assert rules.mrpr_number("Of. 652/2018/GRPC/GRI") == "OFÍCIO Nº 652/2018/GRI/GRPC/ALMG"


@pytest.mark.parametrize(
    ("template", "president", "gender", "written"),
    [
        ("almg_seed", None, None, "Excelentíssimo(a) Senhor(a) Presidente:"),
        ("almg_seed", "Ana Prado", "F", "Excelentíssima Senhora Presidente Ana Prado:"),
        ("almg_seed", "José Prado", "M", "Excelentíssimo Senhor Presidente José Prado:"),
        ("almg_seed", "Ariel Prado", None, "Excelentíssimo(a) Senhor(a) Presidente:"),
        ("mrpr3", None, None, "Senhor(a) Presidente,"),
        ("mrpr3", "Ana Prado", "F", "Senhora Presidente,"),
    ],
)
def test_LA3_LA5_vocative(template: str, president: str | None, gender: str | None, written: str) -> None:
    assert rules.vocative(template, president, gender) == written


def test_writer_is_not_approver_nor_who_stands_in_for_the_writer() -> None:
    writer, other = uuid4(), uuid4()
    assert rules.may_approve(other, None, writer)
    assert not rules.may_approve(writer, None, writer)
    assert not rules.may_approve(other, writer, writer)
    assert not rules.may_approve(None, None, writer)


def test_the_grpc_approves_what_goes_to_more_than_one() -> None:
    assert [rules.needs_second_approval(count) for count in (1, 2, 853)] == [False, True, True]


def test_states_go_only_as_section_4_says() -> None:
    way = [S.GERADO, S.NA_FILA, S.ENVIADO, S.ENTREGUE, S.RECEBIDO, S.RESPONDIDO]
    assert all(rules.may_become(one, then) for one, then in itertools.pairwise(way))
    assert rules.may_become(S.DEVOLVIDO, S.REENVIO)
    assert rules.may_become(S.DEVOLVIDO, S.VIA_POSTAL)
    assert not rules.may_become(S.ENVIADO, S.NA_FILA)
    assert not rules.may_become(S.RESPONDIDO, S.RECEBIDO)
    assert set(rules.TRANSITIONS) == set(S) == set(rules.STATE_LABELS)


def test_REENVIO_is_for_what_left_and_was_not_received() -> None:
    may = {state for state in S if rules.why_no_redirection(state, in_doubt=False) is None}
    assert may == {S.NA_FILA, S.ENVIADO, S.ENTREGUE, S.VIA_POSTAL}
    assert "pendência" in (rules.why_no_redirection(S.DEVOLVIDO, in_doubt=False) or "")
    assert "dúvida" in (rules.why_no_redirection(S.NA_FILA, in_doubt=True) or "")
    assert "já recebeu" in (rules.why_no_redirection(S.RECEBIDO, in_doubt=False) or "")


def test_EM4_three_tries_again_then_a_bounce() -> None:
    waits = [rules.after_refusal(False, failures) for failures in range(4)]
    assert [wait for _, wait in waits] == [timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), None]
    assert waits[-1][0] is Answer.REFUSED
    assert rules.after_refusal(True, 0) == (Answer.REFUSED, None)


def test_RE1_without_reply_due_the_receipt_closes() -> None:
    assert rules.after_receipt(requires_reply=False) is S.DISPENSADA_RESPOSTA
    assert rules.after_receipt(requires_reply=True) is None


def test_RE2_late_is_after_the_last_day() -> None:
    assert not rules.is_late(date(2019, 1, 18), date(2019, 1, 18))
    assert rules.is_late(date(2019, 1, 19), date(2019, 1, 18))
    assert rules.at_deadline(S.RECEBIDO) is S.SEM_RESPOSTA
    assert rules.at_deadline(S.ENVIADO) is None


def test_RE4_three_reminders() -> None:
    due = date(2019, 1, 18)
    days = [due + timedelta(days=offset) for offset in range(-10, 11)]
    assert [found for day in days if (found := rules.reminder_due(day, due))] == ["D-5", "D-1", "D+1"]


@pytest.mark.parametrize(
    "typed", ["a@b", "a b@c.br", "a@b.br,c@d.br", "<a@b.br>", "a@b.br\nBcc: x@y.br", ".a@b.br", "a@-b.br"]
)
def test_EM3_what_is_no_single_address(typed: str) -> None:
    assert rules.normal_email(typed) is None


def test_an_address_is_kept_in_lower_case() -> None:
    assert rules.normal_email(" Camara@Betim.MG.leg.br ") == "camara@betim.mg.leg.br"


def test_ST1_ST2_the_seeds_stamp() -> None:
    read = stamp.parse(SEED_STAMP)
    assert (read.entity, read.day, read.time, read.number, read.sheet, read.sheets) == (
        "CÂMARA MUNICIPAL", date(2019, 1, 18), "10:01", "092", 1, 2,
    )  # fmt: skip
    assert read.written() == SEED_STAMP


@pytest.mark.parametrize(
    "text",
    ["", "RECEBIDO 18/01/2019 10:01 092 1/2", "X RECEBIDO 31/02/2019 10:01 092 1/2", SEED_STAMP.replace("1/2", "3/2")],
)
def test_ST1_what_is_no_stamp(text: str) -> None:
    with pytest.raises(InvalidInput):
        stamp.parse(text)


def test_ST3_one_stamp_for_each_sheet_number_of_three_digits() -> None:
    made = stamp.stamps("Betim", at("10:01", "2019-01-18"), stamp.number_text(92), 2)
    assert [one.written() for one in made] == [
        f"CÂMARA MUNICIPAL DE BETIM RECEBIDO 18/01/2019 10:01 092 {sheet}/2" for sheet in (1, 2)
    ]
    assert stamp.number_text(1000) == "1000"


def test_ST4_not_before_the_signature() -> None:
    signed = at("10:00", "2018-12-14")
    stamp.check_not_before(date(2018, 12, 14), signed)
    stamp.check_not_before(date(2019, 1, 18), signed)
    assert (date(2019, 1, 18) - date(2018, 12, 14)).days == 35
    with pytest.raises(InvalidInput, match="Confira"):
        stamp.check_not_before(date(2018, 12, 13), signed)


def test_ST5_the_stamp_reads_the_clock_of_minas() -> None:
    (made,) = stamp.stamps("Betim", datetime(2019, 1, 18, 2, 1, tzinfo=UTC), "001", 1)
    assert made.written().endswith("RECEBIDO 18/01/2019 00:01 001 1/1")  # summer time was still in force in 2019
