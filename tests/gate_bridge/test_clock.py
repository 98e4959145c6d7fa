from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gate_bridge.clock import BridgeClock, DeviceClock

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
LEGAL = timedelta(days=2)


def test_the_servers_clock_corrects_and_noise_does_not() -> None:
    clock = BridgeClock()
    clock.learn(1000.4, 1000.0, 1000.2)
    assert clock.server_offset == 0
    clock.learn(1300.0, 1000.0, 1000.2)
    assert clock.server_offset == pytest.approx(299.9)
    assert clock.legal(NOW) == NOW + timedelta(seconds=299.9)


def test_a_fixed_shift_of_the_settings_wins_over_the_servers() -> None:
    clock = BridgeClock(LEGAL)
    clock.learn_legal(NOW, NOW.timestamp())
    assert clock.legal_offset == LEGAL
    free = BridgeClock()
    free.learn_legal(NOW + LEGAL, NOW.timestamp())
    assert free.legal(NOW) == NOW + LEGAL
    free.learn_legal(NOW, NOW.timestamp())
    assert free.legal_offset == timedelta(0)


def test_four_instants_of_a_live_report_and_of_a_replay() -> None:
    clock, device = BridgeClock(LEGAL), DeviceClock()
    fast = NOW + timedelta(minutes=10)
    live = device.timing(clock, fast, NOW, replayed=False)
    assert (live.device_time, live.bridge_time, live.instant, live.skew_s) == (fast, NOW, NOW + LEGAL, 600)
    assert not live.trustworthy
    device.observe(fast, NOW)
    replay = device.timing(clock, fast - timedelta(hours=1), NOW, replayed=True)
    assert (replay.instant, replay.skew_s) == (NOW - timedelta(hours=1) + LEGAL, 600)
    future = device.timing(clock, fast + timedelta(hours=5), NOW, replayed=True)
    assert future.instant == NOW + LEGAL


def test_the_offset_is_the_median_so_that_one_late_report_changes_nothing() -> None:
    device = DeviceClock()
    for seconds in (5, 5, -300, 5, 6):
        device.observe(NOW + timedelta(seconds=seconds), NOW)
    assert device.offset_s == 5


def test_a_replay_from_a_device_that_lost_its_clock_is_dated_by_us_and_flagged() -> None:
    timing = DeviceClock().timing(BridgeClock(), datetime(1970, 1, 1, tzinfo=UTC), NOW, replayed=True)
    assert (timing.device_time, timing.instant) == (None, NOW)
    assert not timing.trustworthy
