"""The delivery protocol: what is sent, when it is sent again, and when it is looked for first."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from sqlalchemy import text

from bot.rules.effects import NEVER, Action, Kind
from bot.rules.jobs import Report, Signal, State
from bot.rules.pacing import PARK_SECONDS, Rate, Timing
from bot.services import captions, claiming, health, outbox, progress, recovery
from bot.store import effects, lanes, records


async def ended(desk, job) -> None:
    row_id = (await desk.job(job)).row_id
    await desk.store.transaction(progress.apply, row_id, Report(signal=Signal.COMPLETED, mux_id="m1"))


async def suspected(desk, job) -> None:
    """Leave the card converged and in doubt: its answer was lost, and it was found."""
    await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await desk.done(await desk.claimed(), have=1)
    assert (await desk.effect(f"{job.id}:card")).suspect


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


async def test_after_a_lost_answer_the_vendor_is_asked_before_anything_is_sent(desk):
    job = await desk.asked()
    taken = await desk.claimed()
    await desk.unknown(taken)
    card = await desk.effect(f"{job.id}:card")
    assert (card.suspect, card.maybe_sent_at) == (True, taken.at)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.VERIFY


async def test_a_lost_create_is_shown_as_unconfirmed(desk):
    job = await desk.asked()
    taken = await desk.claimed("mux")
    assert (await desk.job(job)).job.state is State.SUBMITTING
    await desk.unknown(taken)
    assert (await desk.job(job)).job.state is State.UNCONFIRMED


async def test_absence_is_not_believed_before_the_vendor_must_have_settled(desk):
    job = await desk.asked()
    first = await desk.claimed()
    await desk.unknown(first)
    looks = 0
    while True:
        desk.clock.forward(1)
        taken = await desk.claim()
        if taken is None:
            continue
        if taken.action is Action.SEND:
            break
        looks += 1
        await desk.absent(taken)
    assert looks > 1
    assert taken.at - first.at >= desk.timing.settle
    assert taken.at - first.at < desk.timing.settle + 5
    assert (await desk.effect(f"{job.id}:card")).first_sent_at == first.at


async def test_a_look_that_began_too_early_proves_nothing_however_long_it_took(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(50)
    taken = await desk.claimed()
    desk.clock.forward(25)
    await desk.absent(taken)
    assert (await desk.effect(f"{job.id}:card")).maybe_sent_at is not None


async def test_a_second_send_that_fails_for_sure_leaves_no_doubt_about_the_first(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(61)
    await desk.absent(await desk.claimed())
    desk.clock.forward(2)
    again = await desk.claimed()
    assert again.action is Action.SEND
    await desk.not_done(again)
    card = await desk.effect(f"{job.id}:card")
    assert (card.maybe_sent_at, card.suspect) == (None, True)


async def test_a_failed_look_decides_nothing(desk):
    job = await desk.asked()
    first = await desk.claimed()
    await desk.unknown(first)
    desk.clock.forward(100)
    taken = await desk.claimed()
    await desk.store.transaction(
        outbox.unread, taken, error="down", retry_in=None, timing=desk.timing, jitter=0.0
    )
    await desk.not_done(await _next(desk))
    card = await desk.effect(f"{job.id}:card")
    assert card.maybe_sent_at == first.at
    assert (await _next(desk)).action is Action.VERIFY


async def _next(desk):
    for _ in range(1_000):
        desk.clock.forward(0.5)
        if taken := await desk.claim():
            return taken
    raise AssertionError


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


async def test_what_was_found_in_an_older_version_is_brought_up_to_date(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    desk.clock.forward(2)
    await desk.done(await desk.claimed(), have=1)
    assert (await desk.claimed()).action is Action.UPDATE


async def test_what_was_ever_in_doubt_is_audited_once_when_all_must_have_settled(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(desk.timing.settle - 1)
    assert await desk.claim() is None
    desk.clock.forward(2)
    taken = await desk.claimed()
    assert taken.action is Action.AUDIT
    await desk.store.transaction(outbox.audited, taken, visible=1)
    assert not (await desk.effect(f"{job.id}:card")).suspect
    desk.clock.forward(1_000)
    assert await desk.claim() is None


async def test_an_audit_that_sees_stale_text_has_it_replaced(desk):
    job = await desk.asked()
    await suspected(desk, job)
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.done(await desk.claimed())
    desk.clock.forward(61)
    taken = await desk.claimed()
    await desk.store.transaction(outbox.audited, taken, visible=1)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.UPDATE


async def test_an_audit_of_what_people_deleted_ends_it(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(61)
    await desk.store.transaction(outbox.audited, await desk.claimed(), visible=None)
    assert not (await desk.effect(f"{job.id}:card")).suspect


async def unverifiable(desk, taken, *, repost: bool) -> bool:
    return await desk.store.transaction(
        outbox.unverifiable, taken, error="missing_scope", timing=desk.timing, repost=repost
    )


async def test_without_the_right_to_read_a_message_is_held_by_policy_and_its_result_is_said(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    await ended(desk, job)
    desk.clock.forward(2)
    await unverifiable(desk, await desk.claimed(), repost=False)
    assert (await desk.effect(f"{job.id}:card")).buried
    assert (await desk.claimed()).effect.kind is Kind.RESULT


async def test_without_the_right_to_read_a_message_is_sent_again_by_policy_not_before_it_settled(desk):
    await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await unverifiable(desk, await desk.claimed(), repost=True)
    assert await desk.claim() is None
    desk.clock.forward(60)
    await unverifiable(desk, await desk.claimed(), repost=True)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.SEND


async def test_without_the_right_to_read_an_audit_is_given_up(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(61)
    await unverifiable(desk, await desk.claimed(), repost=False)
    card = await desk.effect(f"{job.id}:card")
    assert (card.suspect, card.buried) == (False, False)


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


async def test_posts_in_one_channel_keep_their_distance(desk):
    for number in range(3):
        await desk.asked(f"act{number}", asset_id=f"a{number}")
    times = []
    for _ in range(3):
        taken = await _next_exactly(desk)
        times.append(taken.at)
        await desk.done(taken, f"{len(times)}.1")
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert gaps == pytest.approx([desk.timing.post_spacing] * 2, abs=0.01)


async def _next_exactly(desk):
    for _ in range(100):
        if taken := await desk.claim():
            return taken
        desk.clock.forward(max(await desk.store.transaction(claiming.due_in, "slack"), 0.001))
    raise AssertionError


async def test_a_workspace_never_gets_more_posts_than_its_limit_and_wastes_none(desk):
    rate = Rate(spacing=0.5, burst=3)
    desk.timing = Timing(posts=rate)
    for number in range(12):
        await desk.asked(f"act{number}", asset_id=f"a{number}", channel_id=f"C{number}")
    start = desk.clock.now()
    times = []
    for number in range(12):
        taken = await _next_exactly(desk)
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


async def test_a_channel_that_took_a_message_is_no_longer_marked(any_desk):
    job = await any_desk.asked()
    place = {"team_id": job.team_id, "channel_id": job.channel_id}
    await any_desk.store.transaction(records.park_channel, **place, reason="is_archived")
    await any_desk.done(await any_desk.claimed())
    assert await any_desk.store.transaction(records.parked_reason, **place) is None


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
