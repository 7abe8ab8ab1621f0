"""The delivery protocol at its end: given up, pointless, parked, or with somebody else."""

from __future__ import annotations

import pytest

from bot.rules.effects import NEVER, Action, Kind
from bot.rules.pacing import PARK_SECONDS
from bot.services import health, outbox, recovery
from bot.store import effects
from tests.services.outcomes import ended, unverifiable


async def test_a_buried_card_lets_its_result_go_and_shows_up_for_the_operator(any_desk):
    job = await any_desk.asked()
    await ended(any_desk, job)
    await any_desk.store.transaction(outbox.buried, await any_desk.claimed(), error="no_text")
    assert (await any_desk.effect(f"{job.id}:result")).due_at < NEVER
    assert (await any_desk.store.transaction(health.backlog)).effects_dead == 1


async def test_a_buried_notice_does_not_let_the_result_overtake_the_card(desk):
    job = await desk.asked("act1")
    await desk.asked("act2", user_id="U2", channel_id="C2")
    await desk.not_done(await desk.claimed(), retry_in=60)
    await ended(desk, job)
    taken = await desk.claimed()
    assert taken.effect.kind is Kind.NOTICE
    await desk.store.transaction(outbox.buried, taken, error="user_not_found")
    assert (await desk.effect(f"{job.id}:result")).due_at == NEVER


async def test_what_became_pointless_is_closed(desk):
    job = await desk.asked()
    await desk.done(await desk.claimed())
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.store.transaction(outbox.settled, await desk.claimed(), error="is_archived")
    desk.clock.forward(10)
    assert await desk.claim() is None
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    desk.clock.forward(10)
    assert (await desk.claimed()).action is Action.UPDATE


async def test_what_is_retired_is_never_touched_again(desk):
    job = await desk.asked()
    await desk.done(await desk.claimed())
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.store.transaction(outbox.retired, await desk.claimed(), error="edit_window_closed")
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    desk.clock.forward(1_000)
    assert await desk.claim() is None
    assert (await desk.store.transaction(health.backlog)).effects_dead == 0


async def test_what_only_the_operator_can_mend_waits_with_its_lane_and_is_sent_then(desk):
    await desk.asked("act1")
    await desk.asked("act2", asset_id="a2")
    await desk.store.transaction(outbox.parked, await desk.claimed(), error="token_revoked")
    desk.clock.forward(PARK_SECONDS - 1)
    assert await desk.claim() is None
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.SEND


async def test_parking_a_look_keeps_the_intent(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await desk.store.transaction(outbox.parked, await desk.claimed(), error="token_revoked")
    assert (await desk.effect(f"{job.id}:card")).maybe_sent_at is not None


OUTCOMES = {
    "done": lambda desk, taken: desk.done(taken, "9.9"),
    "not_done": lambda desk, taken: desk.not_done(taken),
    "unknown": lambda desk, taken: desk.unknown(taken),
    "absent": lambda desk, taken: desk.absent(taken),
    "unread": lambda desk, taken: desk.store.transaction(
        outbox.unread, taken, error="e", retry_in=None, timing=desk.timing, jitter=0.0
    ),
    "blocked": lambda desk, taken: desk.store.transaction(
        outbox.blocked, taken, error="e", looks=1, jitter=0.0
    ),
    "unverifiable": lambda desk, taken: unverifiable(desk, taken, repost=False),
    "audited": lambda desk, taken: desk.store.transaction(outbox.audited, taken, visible=0),
    "buried": lambda desk, taken: desk.store.transaction(outbox.buried, taken, error="e"),
    "settled": lambda desk, taken: desk.store.transaction(outbox.settled, taken),
    "retired": lambda desk, taken: desk.store.transaction(outbox.retired, taken, error="e"),
    "parked": lambda desk, taken: desk.store.transaction(outbox.parked, taken, error="e"),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_whoever_lost_the_lease_writes_nothing(desk, outcome):
    job = await desk.asked()
    late = await desk.claimed()
    desk.clock.forward(desk.timing.lease + 1)
    current = await desk.claimed()
    assert current.action is Action.VERIFY
    before = await desk.effect(f"{job.id}:card")
    assert not await OUTCOMES[outcome](desk, late)
    assert await desk.effect(f"{job.id}:card") == before
    assert await desk.done(current)


async def test_a_lease_that_ran_out_leaves_a_doubt_and_a_look(desk):
    job = await desk.asked()
    await desk.claimed()
    desk.clock.forward(desk.timing.lease - 1)
    assert await desk.claim() is None
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.VERIFY
    assert (await desk.effect(f"{job.id}:card")).suspect


async def test_who_finishes_late_but_before_anybody_took_over_still_counts(desk):
    job = await desk.asked()
    taken = await desk.claimed()
    desk.clock.forward(desk.timing.lease + 1)
    assert await desk.done(taken)
    assert (await desk.effect(f"{job.id}:card")).ext_id == "1.1"


async def test_after_a_crash_everything_in_flight_is_looked_up_at_once(desk):
    job = await desk.asked()
    await desk.claimed()
    await desk.claimed("mux")
    assert await desk.store.transaction(recovery.take_over) == 2
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.VERIFY
    assert (await desk.claimed("mux")).action is Action.VERIFY
    assert (await desk.effect(f"{job.id}:create")).suspect
    assert await desk.store.transaction(recovery.take_over) == 2
