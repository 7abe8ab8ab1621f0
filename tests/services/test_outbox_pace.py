"""The delivery protocol's pace: vendors' limits are kept, and nobody waits for somebody else's."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from sqlalchemy import text

from bot.rules.effects import Action
from bot.rules.pacing import Rate, Timing
from bot.services import captions, claiming, outbox
from bot.store import lanes
from tests.services.outcomes import ended, next_exactly


async def test_a_429_holds_every_lane_of_the_mux_account_and_no_other(desk):
    for number in range(9):
        await desk.asked(f"act{number}", asset_id=f"a{number}")
    await desk.asked("other", mux_account="other")
    taken = await desk.claimed("mux")
    assert taken.stored.mux_account == "default"
    await desk.not_done(taken, retry_in=20)
    assert (await desk.claimed("mux")).stored.mux_account == "other"
    assert await desk.claim("mux") is None
    desk.clock.forward(20.1)
    assert await desk.claim("mux") is not None


async def test_eight_429s_at_once_do_not_lock_each_other_out(any_desk):
    for number in range(8):
        await any_desk.asked(f"act{number}", asset_id=f"a{number}")
    claims = [taken for taken in [await any_desk.claim("mux") for _ in range(8)] if taken]
    assert len(claims) == 8
    assert await asyncio.gather(*(any_desk.not_done(taken, retry_in=5) for taken in claims)) == [True] * 8
    assert await any_desk.claim("mux") is None


async def test_requests_and_answers_that_race_do_not_lock_each_other_out(any_desk, clock):
    jobs_made = [await any_desk.asked(f"first{n}", asset_id=f"a{n}") for n in range(8)]
    claims = [await any_desk.claimed("mux") for _ in range(8)]
    await asyncio.gather(
        *(any_desk.done(taken, f"m{taken.effect.id}", None) for taken in claims),
        *(any_desk.asked(f"more{n}", asset_id=f"b{n}") for n in range(8)),
        *(ended(any_desk, job) for job in jobs_made[:1]),
        *(any_desk.claim() for _ in range(4)),
    )
    assert max(clock.slept, default=0) < 0.2


async def test_a_429_on_looking_holds_every_look_of_the_workspace(desk):
    await desk.asked("act1")
    await desk.asked("act2", asset_id="a2", channel_id="C2")
    for _ in range(2):
        await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await desk.store.transaction(
        outbox.unread, await desk.claimed(), error="429", retry_in=30, timing=desk.timing, jitter=0.0
    )
    assert await desk.claim() is None
    desk.clock.forward(29.9)
    assert await desk.claim() is None
    desk.clock.forward(3)
    assert (await desk.claimed()).action is Action.VERIFY


async def test_posts_in_one_channel_keep_their_distance(desk):
    for number in range(3):
        await desk.asked(f"act{number}", asset_id=f"a{number}")
    times = []
    for _ in range(3):
        taken = await next_exactly(desk)
        times.append(taken.at)
        await desk.done(taken, f"{len(times)}.1")
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert gaps == pytest.approx([desk.timing.post_spacing] * 2, abs=0.01)


async def test_a_workspace_never_gets_more_posts_than_its_limit_and_wastes_none(desk):
    rate = Rate(spacing=0.5, burst=3)
    desk.timing = Timing(posts=rate)
    for number in range(12):
        await desk.asked(f"act{number}", asset_id=f"a{number}", channel_id=f"C{number}")
    start = desk.clock.now()
    times = []
    for number in range(12):
        taken = await next_exactly(desk)
        times.append(taken.at - start)
        await desk.done(taken, f"{number}.1", f"C{number}")
        # Something new in a channel that has its moment booked already does not book another.
        await desk.store.transaction(lambda tx: [lanes.wake(tx, f"slack:T1:C{n}", tx.now) for n in range(12)])
    assert times[:3] == [0, 0, 0]
    for index in range(len(times) - 3):
        assert times[index + 3] - times[index] >= rate.spacing - 1e-6
    assert times[-1] == pytest.approx((12 - rate.burst) * rate.spacing, abs=0.01)


async def test_the_limits_of_two_workspaces_are_two_limits(desk):
    desk.timing = Timing(posts=Rate(spacing=10.0, burst=1))
    for team in ("T1", "T2"):
        for number in range(2):
            await desk.asked(f"{team}{number}", team_id=team, asset_id=f"a{number}", channel_id=f"C{number}")
    claims = [await desk.claim() for _ in range(4)]
    assert sorted(taken.stored.job.team_id for taken in claims if taken) == ["T1", "T2"]


async def test_a_claim_lets_others_have_the_store_when_many_lanes_are_idle(desk):
    await desk.store.transaction(
        lambda tx: [lanes.wake(tx, f"slack:T1:C{number}", tx.now - 1) for number in range(20)]
    )
    await desk.asked(channel_id="C99")
    assert await desk.claim() is None
    assert await desk.store.bells.wait("slack", 0.01)
    assert (await desk.claimed()).effect.target == "C99"


async def test_a_claim_waits_for_nobody_who_changes_the_job(postgres_store, rival, ask):
    await postgres_store.transaction(captions.request, ask())
    async with rival.begin() as conn:
        await conn.execute(text("SELECT 1 FROM job FOR UPDATE"))
        async with asyncio.timeout(5):
            assert (
                await postgres_store.transaction(claiming.claim, "slack", owner="o", timing=Timing()) is None
            )
    await asyncio.sleep(0.03)
    assert await postgres_store.transaction(claiming.claim, "slack", owner="o", timing=Timing())
