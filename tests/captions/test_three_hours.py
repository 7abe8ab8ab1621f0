"""Three hours of captions cost little, and twice as many cost twice as much. Counted, never timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from bot.rules import srt
from tests.captions.three_hours import CUES, captions, peak_bytes, steps

MOST_BYTES = 100 * 1024**2
# Tracing every allocation of these takes long, and they are not part of every job.
EXTRAS = {"break the lines anew", "compare with itself"}


def calls(work: Callable[[], Any]) -> int:
    """Count the calls of functions, in Python and in C, that a piece of work makes."""
    count = 0

    def counted(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_five_thousand_cues_are_read_checked_converted_and_drawn_within_100_mb():
    raw = srt.to_srt(captions()).encode()
    every = steps(raw)

    assert len(srt.read(raw).cues) == CUES
    assert sum(peak_bytes(every[name]) for name in every if name not in EXTRAS) < MOST_BYTES


@pytest.mark.parametrize("name", list(steps(b"1\n00:00:01,000 --> 00:00:02,000\nHi\n")))
def test_twice_as_many_cues_take_about_twice_the_work(name: str):
    few, many = (srt.to_srt(captions(count, hours=count / CUES)).encode() for count in (400, 800))

    once, twice = (calls(steps(raw)[name]) for raw in (few, many))

    assert twice < 2.5 * once + 1_000
