"""How long to wait: limits hold in every window, waits grow and spread, and never end in never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.pacing import (
    LONGEST_BACKOFF_SECONDS,
    Rate,
    Timing,
    backoff,
    granted_at,
    hold,
    poll_delay,
)

rates = st.builds(
    Rate, spacing=st.floats(0.01, 10, allow_nan=False), burst=st.integers(min_value=1, max_value=20)
)
jitters = st.floats(0, 1, exclude_max=True)


def reserve(next_at: float, now: float, rate: Rate) -> tuple[float, float]:
    """Book a call as the store does; return when it may be made and up to when the bucket is booked."""
    booked = max(next_at, now) + rate.spacing
    return granted_at(booked, now, rate), booked


@given(rates, st.lists(st.floats(0, 5), max_size=60))
def test_calls_never_exceed_the_burst_plus_one_each_spacing_in_any_window(rate, gaps):
    now, next_at, granted = 1_000.0, 0.0, []
    for gap in gaps:
        now += gap
        at, next_at = reserve(next_at, now, rate)
        assert at >= now
        granted.append(at)
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            allowed = rate.burst + (granted[last] - granted[first]) / rate.spacing
            assert last - first + 1 <= allowed + 1e-6


@given(rates)
def test_a_fresh_limit_grants_a_whole_burst_at_once(rate):
    next_at = 0.0
    for _ in range(rate.burst):
        at, next_at = reserve(next_at, 1_000.0, rate)
        assert at == pytest.approx(1_000.0)
    assert reserve(next_at, 1_000.0, rate)[0] == pytest.approx(1_000.0 + rate.spacing)


@given(rates, st.floats(0, 3_600), st.floats(0, 7_200))
def test_a_held_limit_grants_nothing_before_its_time_and_never_shrinks(rate, wait, booked):
    now = 10_000.0
    next_at = hold(now + booked, now + wait, rate)
    assert next_at >= now + booked
    assert reserve(next_at, now, rate)[0] >= now + wait - 1e-6


@given(st.integers(0, 10_000), jitters)
def test_failures_wait_longer_and_longer_up_to_a_limit(attempts, jitter):
    wait = backoff(attempts, jitter)
    assert 0.1 <= wait <= LONGEST_BACKOFF_SECONDS
    assert backoff(attempts + 1, jitter) >= wait


@given(st.integers(0, 10_000), jitters, st.booleans())
def test_polls_grow_apart_up_to_a_limit(polls, jitter, webhooks):
    wait = poll_delay(polls, jitter, webhooks=webhooks)
    assert 4.8 <= wait <= (1_080 if webhooks else 72)
    assert poll_delay(polls + 1, jitter, webhooks=webhooks) >= wait


def test_what_is_absent_after_settling_was_never_done_and_a_lease_outlives_its_request():
    timing = Timing()
    late = 30.0
    assert timing.settle > timing.send + timing.request + late
    assert timing.lease > timing.send + timing.request
