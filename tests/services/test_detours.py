"""What cannot be said where it belongs reaches the requester, once, with the reason."""

from __future__ import annotations

import pytest

from bot.rules.effects import NEVER, Action, Kind
from bot.rules.jobs import Report, Signal
from bot.services import detours, outbox, progress
from bot.store import effects, records
from bot.ui.notices import PARENT_DELETED


async def ended(desk, job) -> None:
    row_id = (await desk.job(job)).row_id
    await desk.store.transaction(progress.apply, row_id, Report(signal=Signal.COMPLETED, mux_id="m1"))


async def result_in_hand(desk):
    """Return a job whose card is posted and whose result is claimed."""
    job = await desk.asked()
    await desk.done(await desk.claimed())
    await ended(desk, job)
    for _ in range(3):
        desk.clock.forward(2)
        taken = await desk.claimed()
        if taken.effect.kind is Kind.RESULT:
            return job, taken
        await desk.done(taken)
    raise AssertionError


async def test_a_card_whose_channel_is_closed_goes_to_the_requester_and_the_channel_is_marked(any_desk):
    job = await any_desk.asked()
    assert await any_desk.store.transaction(detours.closed, await any_desk.claimed(), code="not_in_channel")
    reason = await any_desk.store.transaction(records.parked_reason, team_id="T1", channel_id="C1")
    assert reason == "not_in_channel"
    taken = await any_desk.claimed()
    assert (taken.effect.target, taken.effect.detour, taken.action) == ("U1", "not_in_channel", Action.SEND)
    await any_desk.done(taken, "2.2", "D1")
    await ended(any_desk, job)
    result = await any_desk.effect(f"{job.id}:result")
    assert (result.target, result.detour) == ("U1", "not_in_channel")


async def test_a_result_that_waits_for_such_a_card_follows_it(desk):
    job = await desk.asked()
    taken = await desk.claimed()
    await ended(desk, job)
    await desk.store.transaction(detours.closed, taken, code="is_archived")
    result = await desk.effect(f"{job.id}:result")
    assert (result.target, result.due_at) == ("U1", NEVER)
    await desk.done(await desk.claimed(), "2.2", "D1")
    desk.clock.forward(2)
    taken = await desk.claimed()
    if taken.effect.kind is Kind.CARD:
        await desk.done(taken, "2.2", "D1")
        taken = await desk.claimed()
    assert (taken.effect.kind, taken.anchor) == (Kind.RESULT, ("D1", "2.2"))


async def test_a_result_whose_channel_was_closed_after_the_card_goes_to_the_requester(desk):
    _, taken = await result_in_hand(desk)
    assert taken.anchor == ("C1", "1.1")
    await desk.store.transaction(detours.closed, taken, code="is_archived")
    again = await desk.claimed()
    assert (again.effect.target, again.anchor, again.action) == ("U1", None, Action.SEND)


async def test_somebody_who_cannot_be_written_to_either_ends_in_the_operators_hands(desk):
    job = await desk.asked()
    await desk.store.transaction(detours.closed, await desk.claimed(), code="not_in_channel")
    await ended(desk, job)
    await desk.store.transaction(detours.closed, await desk.claimed(), code="messages_tab_disabled")
    assert (await desk.effect(f"{job.id}:card")).buried
    desk.clock.forward(2)
    taken = await desk.claimed()
    assert taken.effect.kind is Kind.RESULT
    await desk.store.transaction(detours.closed, taken, code="messages_tab_disabled")
    assert (await desk.effect(f"{job.id}:result")).buried
    desk.clock.forward(1_000)
    assert await desk.claim() is None


async def test_a_reply_that_strayed_is_taken_back_and_said_to_the_requester(desk):
    job, taken = await result_in_hand(desk)
    assert await desk.store.transaction(detours.strayed, taken, channel="C1", ts="9.9")
    undo = await desk.effect(f"{job.id}:undo:9.9")
    assert (undo.target, undo.kind) == ("C1:9.9", Kind.UNDO)
    desk.clock.forward(5)
    kinds = set()
    for _ in range(2):
        taken = await desk.claimed()
        kinds.add((taken.effect.kind, taken.effect.target, taken.effect.detour))
        if taken.effect.kind is Kind.UNDO:
            await desk.store.transaction(outbox.settled, taken)
        else:
            await desk.done(taken, "3.3", "D1")
    assert kinds == {(Kind.UNDO, "C1:9.9", None), (Kind.RESULT, "U1", PARENT_DELETED)}
    desk.clock.forward(1_000)
    assert await desk.claim_anything("slack") is None


async def test_a_deleted_card_is_edited_no_more_and_the_result_goes_to_the_requester(desk):
    job = await desk.asked()
    await desk.done(await desk.claimed())
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.store.transaction(detours.orphaned, await desk.claimed(), code="message_not_found")
    await ended(desk, job)
    taken = await desk.claimed()
    assert (taken.effect.kind, taken.effect.target, taken.effect.detour, taken.anchor) == (
        Kind.RESULT,
        "U1",
        PARENT_DELETED,
        None,
    )
    await desk.done(taken, "3.3", "D1")
    desk.clock.forward(1_000)
    assert await desk.claim() is None


async def test_a_result_that_is_already_asked_for_leaves_a_deleted_card_too(desk):
    job = await desk.asked()
    await desk.done(await desk.claimed())
    await ended(desk, job)
    taken = await desk.claimed()
    if taken.effect.kind is Kind.RESULT:
        await desk.not_done(taken)
        taken = await desk.claimed()
    assert (taken.effect.kind, taken.action) == (Kind.CARD, Action.UPDATE)
    await desk.store.transaction(detours.orphaned, taken, code="message_not_found")
    assert (await desk.effect(f"{job.id}:result")).target == "U1"


@pytest.mark.parametrize("detour", ["closed", "strayed", "orphaned"])
async def test_whoever_lost_the_lease_diverts_nothing(desk, detour):
    job, late = await result_in_hand(desk)
    desk.clock.forward(desk.timing.lease + 1)
    await desk.claimed()
    before = await desk.effect(f"{job.id}:result")
    details = {
        "closed": {"code": "is_archived"},
        "strayed": {"channel": "C1", "ts": "9.9"},
        "orphaned": {"code": "message_not_found"},
    }[detour]
    assert not await desk.store.transaction(getattr(detours, detour), late, **details)
    assert await desk.effect(f"{job.id}:result") == before
