"""A recorded request works once."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handlers import replays
from handlers.replays import LIFETIME_SECONDS, Replays


class Moving:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@given(
    waits=st.lists(st.floats(min_value=0, max_value=1000), max_size=30),
    names=st.lists(st.sampled_from("abc")),
)
def test_a_signature_is_new_once_in_its_lifetime(waits, names):
    clock = Moving()
    ours = Replays(clock)
    answered: dict[str, float] = {}
    for wait, name in zip(waits, names, strict=False):
        clock.at += wait
        fresh = name not in answered or clock.at >= answered[name] + LIFETIME_SECONDS
        assert ours.is_new(name) is fresh
        if fresh:
            answered[name] = clock.at


def test_memory_is_bounded_and_the_oldest_are_forgotten_first():
    ours = Replays(Moving())
    for number in range(replays.MOST + 1):
        assert ours.is_new(str(number))
    assert ours.is_new("0")
    assert not ours.is_new(str(replays.MOST))


async def test_a_recorded_command_is_refused_and_makes_no_second_job(doors: Any):
    doors.seconds = itertools.repeat(0)
    first = await doors.command("assetOne1234")
    assert first.status_code == 200
    again = await doors.command("assetOne1234")
    assert (again.status_code, again.json()["error"]) == (401, "the request was answered before")
    assert (await doors.counts())["job"] == 1


async def test_an_event_that_slack_sends_and_signs_again_is_heard_again(doors: Any):
    raw = json.dumps({"type": "event_callback", "event": {"type": "unknown_event"}}).encode()
    answers = [await doors.slack(raw, "application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_recorded_event_is_refused(doors: Any):
    doors.seconds = itertools.repeat(0)
    raw = json.dumps({"type": "event_callback", "event": {"type": "app_uninstalled"}}).encode()
    answers = [await doors.slack(raw, "application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
