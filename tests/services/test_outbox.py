"""The delivery protocol: what is claimed is sent once, in order, and shows the last state."""

from __future__ import annotations

import asyncio

from bot.rules.effects import Action
from bot.services import claiming
from bot.store import effects, records


async def test_the_intent_is_committed_with_the_claim(any_desk):
    job = await any_desk.asked()
    taken = await any_desk.claimed()
    card = await any_desk.effect(f"{job.id}:card")
    assert taken.action is Action.SEND
    assert card.maybe_sent_at == taken.at
    assert card.first_sent_at == taken.at


async def test_one_effect_of_a_lane_is_in_flight(any_desk):
    await any_desk.asked("act1")
    await any_desk.asked("act2", asset_id="a2")
    await any_desk.claimed()
    assert await any_desk.claim() is None


async def test_lanes_do_not_wait_for_each_other(any_desk):
    for number in range(3):
        await any_desk.asked(f"act{number}", asset_id=f"a{number}", channel_id=f"C{number}")
    claims = await asyncio.gather(*(any_desk.claim() for _ in range(5)))
    assert len({taken.effect.id for taken in claims if taken}) == 3


async def test_claims_that_race_never_share_an_effect_and_leave_none(any_desk):
    for number in range(20):
        await any_desk.asked(f"act{number}", asset_id=f"a{number}")
    seen: list[int] = []

    async def take() -> None:
        idle = 0
        while idle < 3:
            taken = await any_desk.claim("mux")
            if taken is None:
                idle += 1
                await asyncio.sleep(0.03)
                continue
            idle = 0
            seen.append(taken.effect.id)
            await any_desk.done(taken, f"m{taken.effect.id}", None)

    await asyncio.gather(*(take() for _ in range(4)))
    assert len(seen) == len(set(seen)) == 20


async def test_order_in_a_channel_is_kept(desk):
    names = [(await desk.asked(f"act{n}", asset_id=f"a{n}")).id for n in range(4)]
    posted = []
    while taken := await desk.claim():
        posted.append(taken.stored.job.id)
        await desk.done(taken, f"{len(posted)}.1")
        desk.clock.forward(2)
    assert posted == names


async def test_what_is_done_needs_nothing_more_and_moves_to_the_lane_of_edits(any_desk):
    job = await any_desk.asked()
    assert await any_desk.done(await any_desk.claimed())
    card = await any_desk.effect(f"{job.id}:card")
    assert (card.have, card.ext_id, card.ext_channel, card.lane) == (1, "1.1", "C1", "edit:T1")
    assert await any_desk.claim() is None
    assert await any_desk.store.transaction(claiming.due_in, "slack") is None


async def test_ten_changes_cost_one_update_of_the_last_state(desk):
    job = await desk.asked()
    await desk.done(await desk.claimed())
    for _ in range(10):
        await desk.store.transaction(effects.want_more, f"{job.id}:card")
    taken = await desk.claimed()
    assert (taken.action, taken.effect.want) == (Action.UPDATE, 11)
    await desk.done(taken)
    desk.clock.forward(100)
    assert await desk.claim() is None


async def test_a_change_during_the_post_is_shown_after_it(desk):
    job = await desk.asked()
    taken = await desk.claimed()
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.done(taken)
    following = await desk.claimed()
    assert (following.action, following.effect.want, following.effect.have) == (Action.UPDATE, 2, 1)


async def test_what_certainly_was_not_done_is_sent_again_when_the_vendor_allows_it(desk):
    job = await desk.asked()
    await desk.not_done(await desk.claimed(), retry_in=7)
    assert (await desk.effect(f"{job.id}:card")).maybe_sent_at is None
    desk.clock.forward(6.9)
    assert await desk.claim() is None
    desk.clock.forward(0.2)
    assert (await desk.claimed()).action is Action.SEND


async def test_a_channel_that_took_a_message_is_no_longer_marked(any_desk):
    job = await any_desk.asked()
    place = {"team_id": job.team_id, "channel_id": job.channel_id}
    await any_desk.store.transaction(records.park_channel, **place, reason="is_archived")
    await any_desk.done(await any_desk.claimed())
    assert await any_desk.store.transaction(records.parked_reason, **place) is None
