"""What Mux says arrives, by webhook or by asking; one bad event holds nobody up."""

from __future__ import annotations

import json

import pytest

from bot.mux import wire
from bot.rules.jobs import State
from bot.services import inbox as inbox_service
from bot.services.inbox import GIVE_UP_AFTER
from bot.store import inbox
from bot.store.inbox import Filed

pytestmark = pytest.mark.usefixtures("quiet")


async def running(bot):
    job = await bot.asked()
    await bot.run(bot.submit)
    return job


def body(bot, status: str, *, name: str = "e1") -> bytes:
    data = {**bot.mux.jobs["m1"], "status": status}
    kind = f"robots.job.generate_premium_captions.{status}"
    return json.dumps({"type": kind, "id": name, "data": data}).encode()


async def file(bot, raw: bytes) -> bool:
    filed = await bot.store.transaction(
        inbox_service.file, account="default", event=wire.read_event(raw), raw=raw
    )
    return filed is not None


async def test_a_job_is_brought_to_its_end_without_any_webhook(bot):
    job = await running(bot)
    bot.mux.jobs["m1"]["status"] = "processing"
    await bot.run(bot.poll(), seconds=35)
    assert (await bot.job(job)).state is State.PROCESSING
    bot.mux.jobs["m1"]["status"] = "completed"
    await bot.run(bot.poll(), seconds=900)
    assert (await bot.job(job)).state is State.COMPLETED
    assert await bot.poll().due_in() is None


async def test_polls_grow_apart_and_are_more_frequent_without_webhooks(bot):
    await running(bot)
    await bot.run(bot.poll(), seconds=3_600)
    with_webhooks = len(bot.mux.requests)
    await bot.run(bot.poll(webhooks=False), seconds=3_600)
    assert with_webhooks < 15 < len(bot.mux.requests) - with_webhooks < 90


async def test_a_poll_that_fails_is_repeated_later(bot, odd):
    job = await running(bot)
    bot.mux.jobs["m1"]["status"] = "completed"
    bot.mux.odd["GET"] = [odd.status(503), odd.unreachable, odd.status(429), odd.status(403)]
    await bot.run(bot.poll(), seconds=3_600)
    assert (await bot.job(job)).state is State.COMPLETED


async def test_a_job_that_mux_has_forgotten_is_abandoned_and_said(bot):
    job = await running(bot)
    bot.mux.jobs.clear()
    await bot.run(bot.poll(), seconds=60)
    assert (await bot.job(job)).state is State.ABANDONED
    assert await bot.effect(f"{job.id}:result") is not None


async def test_a_job_whose_create_is_not_settled_is_not_asked_about(bot):
    await bot.asked()
    bot.clock.forward(31)
    assert await bot.poll().step() == 1
    assert bot.mux.requests == []


async def test_an_event_is_applied_once_however_often_it_comes(bot):
    job = await running(bot)
    raw = body(bot, "completed")
    assert [await file(bot, raw) for _ in range(3)] == [True, False, False]
    assert await bot.inbox.step() == 1
    assert await bot.inbox.step() == 0
    assert (await bot.job(job)).state is State.COMPLETED
    assert (await bot.effect(f"{job.id}:result")).want == 1


async def test_an_event_about_nobody_we_know_is_put_aside(bot, query_on):
    await running(bot)
    bot.mux.jobs["m1"] |= {"id": "stranger", "passthrough": "somebody else's"}
    await file(bot, body(bot, "completed"))
    other = json.dumps({"type": "video.asset.ready", "id": "e2", "data": {}}).encode()
    await file(bot, other)
    await bot.run(bot.inbox)
    assert await query_on(bot.store)("SELECT DISTINCT state FROM inbox") == [(2,)]


async def test_a_process_that_dies_between_events_loses_none(bot, crash):
    job = await running(bot)
    await file(bot, body(bot, "completed"))
    bot.crash_at = "inbox.read"
    with pytest.raises(crash):
        await bot.inbox.step()
    await bot.run(bot.inbox)
    assert (await bot.job(job)).state is State.COMPLETED


async def test_a_poisoned_event_holds_nobody_up_and_is_set_aside_at_last(bot, query_on, quiet):
    job = await running(bot)
    poison = Filed(source="mux:default", event_id="poison", type="t", payload="not json")
    await bot.store.transaction(inbox.file, poison)
    await file(bot, body(bot, "completed"))
    await bot.inbox.step()
    assert (await bot.job(job)).state is State.COMPLETED
    assert 0 < await bot.inbox.due_in() < 2
    await bot.run(bot.inbox, seconds=24 * 3_600)
    rows = await query_on(bot.store)("SELECT state, error FROM inbox WHERE event_id = 'poison'")
    assert rows == [(3, "Malformed")]
    assert sum(entry["event"] == "inbox.failed" for entry in quiet) == GIVE_UP_AFTER
    assert await bot.inbox.due_in() is None


async def test_an_event_that_somebody_else_has_applied_is_not_put_back(bot):
    await running(bot)
    raw = body(bot, "completed")
    await file(bot, raw)
    (filed,) = await bot.store.transaction(inbox_service.waiting, 10)
    assert await bot.store.transaction(inbox_service.apply, filed)
    assert not await bot.store.transaction(inbox_service.apply, filed)
    await bot.store.transaction(inbox_service.failed, filed, error="e", jitter=0.5)
    assert await bot.inbox.due_in() is None
