"""Whoever lost the claim to a job's files leaves them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from bot.rules.effects import Kind
from bot.rules.pacing import Timing
from bot.rules.video import TextTrack
from bot.services import archiving, claiming, sharing
from bot.services.archiving import Kept
from bot.store import archive

TIMING = Timing()
A_SHARE = archive.Share(id=1, slack_ids=("F1",), intended_at=0.0)
WRITERS: list[Callable[[Any, Any], Any]] = [
    lambda tx, taken: archiving.begin(tx, taken) is not None,
    lambda tx, taken: archiving.kept(tx, taken, Kept(files=(), report=cast("Any", None))),
    lambda tx, taken: archiving.failed(tx, taken, reason="x"),
    lambda tx, taken: archiving.unanswered(tx, taken, error="x", retry_in=None, jitter=0.0),
    lambda tx, taken: archiving.told(tx, taken, TextTrack(id="t", status="ready"), jitter=0.0),
    lambda tx, taken: archiving.told(tx, taken, TextTrack(id="t", status="preparing"), jitter=0.0),
    lambda tx, taken: sharing.renewed(tx, taken, timing=TIMING),
    lambda tx, taken: sharing.intended(tx, taken, ("F1",)) is not None,
    lambda tx, taken: sharing.answered(tx, taken, 1),
    lambda tx, taken: sharing.not_done(tx, taken, 1, error="x", retry_in=None, jitter=0.0),
    sharing.sent_anew,
    sharing.nothing_sent,
    lambda tx, taken: sharing.shown(tx, taken, 1, channel="C1", ts="1.1", timing=TIMING),
    lambda tx, taken: sharing.not_shown(tx, taken, A_SHARE, timing=TIMING, jitter=0.0),
    lambda tx, taken: sharing.offered(tx, taken, code="x", public_url=""),
    lambda tx, taken: sharing.to_person(tx, taken, code="x"),
]


@pytest.mark.parametrize("write", WRITERS, ids=range(len(WRITERS)))
async def test_whoever_lost_the_claim_writes_nothing(world, write):
    job = await world.finished()
    taken = await world.store.transaction(claiming.claim, "archive", owner="slow", timing=world.timing)
    world.clock.forward(world.timing.lease + 1)
    other = await world.store.transaction(claiming.claim, "archive", owner="quick", timing=world.timing)
    assert other.effect.id == taken.effect.id
    before = await world.effect(job, "fetch")
    assert not await world.store.transaction(write, taken)
    assert await world.effect(job, "fetch") == before
    assert await world.left(job) is None


async def test_a_share_that_somebody_else_took_over_is_left_to_them(world):
    await world.finished()
    await world.say()

    async def take_over() -> None:
        world.slack.between = None
        world.clock.forward(world.timing.lease + 1)
        while True:
            taken = await world.store.transaction(
                claiming.claim, "archive", owner=f"other{next(world.names)}", timing=world.timing
            )
            if taken.effect.kind is Kind.SHARE:
                return

    world.slack.between = take_over
    while await world.worker.step():
        pass
    assert world.slack.messages == []
    assert len(world.slack.uploaded) == 1
