"""The codec and the expressions, by property and by attack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.engine import timers, values
from workflow.engine.expressions import ExpressionFailed, ExpressionRefused, compiled

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.binary()
    | st.dates() | st.datetimes(timezones=st.just(UTC)) | st.timedeltas() | st.decimals(allow_nan=False, allow_infinity=False) | st.uuids()
    | st.times(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.integers(), inner, max_size=4)
    | st.tuples(inner, inner) | st.sets(st.integers(), max_size=4),
    max_leaves=12,
)  # fmt: skip


def _same(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(_same(a, b) for a, b in zip(left, right, strict=True))
    return bool(left == right)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_every_plain_value_comes_back_the_same(value: Any) -> None:
    assert _same(values.load(values.dump(value)), value)
    assert _same(values.from_text(values.text(value)), value)


@pytest.mark.parametrize(
    "value", [{"$set": [1]}, {"$decimal": "1"}, {"$map": []}, {"$": 1}, {"typename": "UUID"}, {"$uuid": "x", "a": 1}]
)
def test_a_dict_that_looks_like_a_tag_stays_a_dict(value: dict[str, Any]) -> None:
    assert values.load(values.dump(value)) == value


@pytest.mark.parametrize("value", [object(), float("nan"), float("inf"), lambda: None, range(3), ValueError()])
def test_what_is_not_a_plain_value_is_refused(value: Any) -> None:
    with pytest.raises(values.UnstorableValue):
        values.dump({"x": value})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('x == 1 and y in ("a", "b")', True),
        ("not (x > 2 or x < 0)", True),
        ("len(items) + 1", 3),
        ('doc["n"]["m"]', 5),
        ('get(doc, "ghost", 7)', 7),
        ('"sim" if x else "nao"', "sim"),
        ("0 < x <= 1", True),
        ('str(x) + ":" + y', "1:a"),
        ("-x * 3 // 2", -2),
        ("missing is None if x == 2 else True", True),
        ('date("2026-11-23") < date("2026-11-24")', True),
    ],
)
def test_what_an_expression_may_say(text: str, value: Any) -> None:
    assert compiled(text).evaluate({"x": 1, "y": "a", "items": [1, 2], "doc": {"n": {"m": 5}}}) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "x =1", "import os", "x.y", "x.__class__", "__builtins__", "(lambda: 1)()", "[i for i in x]", "{**x}", "f(*x)", "open('x')",
        "len.__self__", "x := 1", "f'{x}'", "b'x'", "1j", "10**9", "10 ** 99", "9999999999", "await x", "yield", "len(x, key=1)", "x[1:2]",
        "'a' @ 'b'", "1 << 99", "~x", "...", "a" * 501, "get(x, '__class__').mro()", "eval('1')", "str.format",
    ],
)  # fmt: skip
def test_what_an_expression_may_not_say(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        compiled(text)


@pytest.mark.parametrize("text", ["ghost", "x / 0", "y * 1000000", "'%s' % x", "x['a']", "y > 1", "int('x')"])
def test_an_expression_that_fails_says_which(text: str) -> None:
    with pytest.raises(ExpressionFailed, match="'"):
        compiled(text).evaluate({"x": 1, "y": "a"})


def test_the_names_that_an_expression_reads() -> None:
    assert compiled('a + len(b) > get(c, "d")').names == {"a", "b", "c"}
    assert compiled("a") is compiled("a"), "compiled once"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P1D", "2026-11-24T12:00:00"), ("P2W", "2026-12-07T12:00:00"), ("P1M", "2026-12-23T12:00:00"), ("P1Y", "2027-11-23T12:00:00"),
        ("PT90M", "2026-11-23T13:30:00"), ("P1DT1H", "2026-11-24T13:00:00"), ("PT0.5S", "2026-11-23T12:00:00.500000"),
    ],
)  # fmt: skip
def test_durations(text: str, expected: str) -> None:
    assert timers.parse_duration(text).after(datetime(2026, 11, 23, 12, tzinfo=UTC)) == datetime.fromisoformat(
        expected
    ).replace(tzinfo=UTC)


def test_a_month_after_the_31st_is_the_last_day() -> None:
    assert timers.parse_duration("P1M").after(datetime(2027, 1, 31, 15, tzinfo=UTC)) == datetime(
        2027, 2, 28, 15, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1D", "P-1D", "P1.5D", "P1H", 5, None])
def test_what_is_no_duration(text: Any) -> None:
    with pytest.raises(timers.TimerRefused):
        timers.parse_duration(text)


def test_cycles() -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert timers.first_due("cycle", "R3/2026-12-01T08:00/P1D", now) == datetime(2026, 12, 1, 11, tzinfo=UTC)
    assert timers.next_due("R/PT1H", now, now + timedelta(hours=5, minutes=1)) == now + timedelta(hours=6)
    for text in ("R", "3/PT1H", "R3/PT0S", "R-1/PT1H", "R3/x", ""):
        with pytest.raises(timers.TimerRefused):
            timers.parse_cycle(text)
