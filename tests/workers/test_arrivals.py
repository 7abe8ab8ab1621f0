"""An event goes from its door to who sends what follows; the table holds what gets lost on the way."""

from __future__ import annotations

import asyncio
import json

import pytest
import structlog

from bot.mux import wire
from bot.rules.effects import Action
from bot.rules.jobs import State
from bot.rules.request import CaptionRequest
from bot.services import inbox as inbox_service
from bot.services import outbox
from bot.store import inbox
from bot.store.inbox import Filed
from bot.workers.inbox import BATCH


@pytest.fixture(autouse=True)
def quiet():
    with structlog.testing.capture_logs() as logs:
        yield logs


async def shown(bot):
    """Return a job that runs at Mux and whose card is out."""
    job = await bot.asked()
    await bot.run(bot.submit)
    await bot.run(bot.delivery)
    bot.clock.forward(5)
    return job


async def arrive(bot, *, name: str = "e1", status: str = "completed") -> Filed:
    """Deliver an event as the door does."""
    data = {**bot.mux.jobs["m1"], "status": status}
    raw = json.dumps({"type": f"robots.job.generate_premium_captions.{status}", "id": name, "data": data})
    filed = await bot.store.transaction(
        inbox_service.file, account="default", event=wire.read_event(raw.encode()), raw=raw.encode()
    )
    assert filed is not None
    bot.arrivals.add(filed)
    return filed


def sender(bot):
    return bot.delivering("slack", inbox=bot.inbox)


def results(bot, channel: str = "C1") -> list[str]:
    said = bot.slack.said(channel)
    return [each["ts"] for each in said if each["metadata"]["event_payload"]["kind"] == "result"]


async def test_whoever_is_free_applies_an_event_and_says_what_follows_in_one_step(bot):
    job = await shown(bot)
    await arrive(bot)
    assert await sender(bot).step() == 1
    assert (await bot.job(job)).state is State.COMPLETED
    assert len(results(bot)) == 1


async def test_the_end_and_the_intent_to_say_it_become_durable_together(bot):
    job = await shown(bot)
    filed = await arrive(bot)
    taken = await bot.inbox.apply_and_claim(filed, owner="me")
    assert taken is not None
    result = await bot.effect(f"{job.id}:result")
    assert (taken.effect.key, taken.action) == (result.key, Action.SEND)
    assert result.maybe_sent_at == taken.at == bot.clock.now()


async def test_nobody_is_woken_for_the_message_that_was_claimed_with_its_event(bot):
    await shown(bot)
    filed = await arrive(bot)
    await bot.store.bells.wait("inbox", 0.001)
    await bot.store.bells.wait("slack", 0.001)
    assert await bot.inbox.apply_and_claim(filed, owner="me") is not None
    assert not await bot.store.bells.wait("slack", 0.001)
    assert await bot.store.bells.wait("edit", 0.001)


async def test_somebody_is_woken_when_more_than_the_claimed_message_is_due(bot):
    await shown(bot)
    await bot.asked(channel_id="C7", request=CaptionRequest(asset_id="asset7"))
    filed = await arrive(bot)
    await bot.store.bells.wait("slack", 0.001)
    assert await bot.inbox.apply_and_claim(filed, owner="me") is not None
    assert await bot.store.bells.wait("slack", 0.001)


async def test_a_process_that_dies_before_the_post_looks_for_it_and_says_it_once(bot, crash):
    job = await shown(bot)
    await arrive(bot)
    bot.crash_at = "delivery.claimed"
    with pytest.raises(crash):
        await sender(bot).step()
    assert (await bot.effect(f"{job.id}:result")).maybe_sent_at is not None
    bot.clock.forward(bot.timing.lease + 1)
    await bot.run(bot.delivery, seconds=300)
    assert bot.slack.made("conversations.replies") > 0
    assert len(results(bot)) == 1


async def test_a_process_that_dies_after_the_post_finds_it_and_says_nothing_more(bot, crash):
    await shown(bot)
    await arrive(bot)
    bot.crash_at = "delivery.posted"
    with pytest.raises(crash):
        await sender(bot).step()
    assert len(results(bot)) == 1
    bot.clock.forward(bot.timing.lease + 1)
    await bot.run(bot.delivery, seconds=300)
    assert len(results(bot)) == 1


async def test_who_lost_the_lease_of_a_claim_that_came_with_an_event_writes_nothing(bot):
    job = await shown(bot)
    taken = await bot.inbox.apply_and_claim(await arrive(bot), owner="me")
    bot.clock.forward(bot.timing.lease + 1)
    await bot.run(bot.delivery)
    assert not await bot.store.transaction(
        outbox.done, taken, ext_id="9.9", ext_channel="C1", timing=bot.timing
    )
    assert (await bot.effect(f"{job.id}:result")).ext_id != "9.9"


async def test_an_event_that_another_process_has_applied_meanwhile_says_nothing_twice(bot):
    await shown(bot)
    filed = await arrive(bot)
    assert await bot.store.transaction(inbox_service.apply, filed)
    await bot.run(bot.delivery)
    bot.arrivals.add(filed)
    assert await sender(bot).step() == 1
    await bot.run(bot.delivery, seconds=60)
    assert len(results(bot)) == 1


async def test_what_was_lost_with_a_process_is_found_in_the_table(bot):
    job = await shown(bot)
    await arrive(bot)
    assert bot.arrivals.next() is not None
    await bot.run(bot.inbox)
    assert (await bot.job(job)).state is State.COMPLETED


async def test_the_table_is_looked_at_however_many_events_arrive(bot):
    job = await shown(bot)
    worker = bot.inbox
    await worker.step()
    await arrive(bot)
    assert bot.arrivals.next() is not None
    for number in range(3):
        bot.arrivals.add(Filed(source="mux:default", event_id=f"x{number}", type="t", payload="{}"))
        await worker.step()
    assert (await bot.job(job)).state is State.PENDING
    bot.clock.forward(bot.timing.idle)
    bot.arrivals.add(Filed(source="mux:default", event_id="x9", type="t", payload="{}"))
    await worker.step()
    assert (await bot.job(job)).state is State.COMPLETED


async def test_an_event_that_arrived_and_is_read_from_the_table_too_is_dealt_with_once(bot):
    await shown(bot)
    await arrive(bot)
    assert await bot.inbox.step() == 1


async def test_many_events_are_taken_in_portions_and_the_rest_is_rung_for(bot):
    await shown(bot)
    for number in range(BATCH + 1):
        bot.arrivals.add(Filed(source="mux:default", event_id=f"x{number}", type="t", payload="{}"))
    assert await bot.store.bells.wait("inbox", 0.001)
    assert await bot.inbox.step() == BATCH
    assert await bot.store.bells.wait("inbox", 0.001)
    assert await bot.inbox.step() == 1


def nobody(name: str) -> Filed:
    return Filed(source="mux:default", event_id=name, type="t", payload="{}")


async def test_a_burst_is_left_to_the_inbox_which_applies_it_together(bot):
    for number in range(9):
        bot.arrivals.add(nobody(f"x{number}"))
    free = asyncio.create_task(bot.store.bells.wait("slack", 0.001))
    assert bot.arrivals.next() is None
    assert not await free
    assert await bot.store.bells.wait("inbox", 0.001)
    assert await bot.inbox.step() == 9


async def test_a_burst_is_answered_before_it_is_applied(bot):
    arriving = [nobody(f"x{number}") for number in range(30)]

    async def door() -> None:
        with bot.arrivals.arriving():
            for event in arriving:
                bot.arrivals.add(event)
                await asyncio.sleep(0)
            await asyncio.sleep(0.02)
            bot.arrivals.add(nobody("last"))

    coming = asyncio.create_task(door())
    for _ in arriving:
        await asyncio.sleep(0)
    assert await bot.inbox.step() == 31
    await coming


async def test_a_door_that_is_never_quiet_does_not_keep_events_from_being_applied(bot):
    for number in range(20):
        bot.arrivals.add(nobody(f"x{number}"))
    with bot.arrivals.arriving():
        async with asyncio.timeout(2):
            assert await bot.inbox.step() == 20


async def test_more_events_than_are_held_here_are_left_to_the_table(bot):
    for number in range(2_000):
        bot.arrivals.add(Filed(source="mux:default", event_id=f"x{number}", type="t", payload="{}"))
    assert len(bot.arrivals.take(5_000)) == 1_000


async def test_a_poisoned_event_stops_nobody_who_sends_and_is_tried_again(bot, quiet):
    await shown(bot)
    poison = Filed(source="mux:default", event_id="poison", type="t", payload="not json")
    await bot.store.transaction(inbox.file, poison)
    bot.arrivals.add(poison)
    assert await sender(bot).step() == 1
    assert [entry["event"] for entry in quiet] == ["inbox.failed"]
    assert 0 < await bot.inbox.due_in() < 2


async def test_an_event_goes_to_who_is_free_to_send_and_else_to_the_inbox(bot):
    free = asyncio.create_task(bot.store.bells.wait("slack", 5))
    await asyncio.sleep(0)
    event = Filed(source="mux:default", event_id="x", type="t", payload="{}")
    bot.arrivals.add(event)
    assert await free
    assert not await bot.store.bells.wait("inbox", 0.001)
    bot.arrivals.add(event)
    assert await bot.store.bells.wait("inbox", 0.001)
    assert not await bot.store.bells.wait("slack", 0.001)
