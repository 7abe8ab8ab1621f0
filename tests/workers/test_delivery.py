"""Nothing is said twice and nothing is lost, whatever Slack answers, or does not."""

from __future__ import annotations

import pytest

from bot.rules.effects import Action
from bot.services import recovery
from bot.workers.stamp import EVENT_TYPE
from tests.workers.delivered import all_quiet, posted

pytestmark = pytest.mark.usefixtures("quiet")


async def test_a_job_is_one_card_and_one_result_in_its_thread(bot):
    job = await posted(bot)
    await bot.end(job)
    await all_quiet(bot)
    card, result = bot.slack.said("C1")
    assert result["thread_ts"] == card["ts"]
    assert card["metadata"] == {
        "event_type": EVENT_TYPE,
        "event_payload": {"job": job.id, "kind": "card", "v": 2},
    }
    assert result["metadata"]["event_payload"]["kind"] == "result"
    assert (bot.slack.made("chat.postMessage"), bot.slack.made("chat.update")) == (2, 1)
    assert bot.slack.made("conversations.history") == 0


async def test_a_429_is_obeyed_and_is_no_failure(bot):
    bot.slack.faults["chat.postMessage"] = [30]
    await bot.asked()
    await bot.delivery.step()
    assert await bot.delivery.due_in() == 30
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1


async def test_a_post_whose_answer_is_lost_is_found_and_not_repeated(bot):
    bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    job = await bot.asked()
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1
    assert bot.slack.made("chat.postMessage") == 1
    assert (await bot.effect(f"{job.id}:card")).ext_id == bot.slack.said("C1")[0]["ts"]


async def test_a_post_that_was_lost_on_the_way_is_repeated_once_and_not_early(bot):
    bot.slack.faults["chat.postMessage"] = [("drop", "before")]
    await bot.asked()
    await bot.run(bot.delivery, seconds=59)
    assert bot.slack.made("chat.postMessage") == 1
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1
    assert bot.slack.made("chat.postMessage") == 2


async def test_a_result_whose_answer_is_lost_is_found_in_its_thread(bot):
    job = await posted(bot)
    bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2
    assert bot.slack.made("conversations.replies") >= 1


@pytest.mark.parametrize("boundary", ["delivery.claimed", "delivery.posted", "delivery.finished"])
async def test_a_process_that_dies_anywhere_in_a_post_leaves_one_message(bot, crash, boundary):
    job = await bot.asked()
    bot.crash_at = boundary
    with pytest.raises(crash):
        await bot.delivery.step()
    await bot.store.transaction(recovery.take_over)
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2


@pytest.mark.parametrize("boundary", ["delivery.updated", "delivery.looked"])
async def test_a_process_that_dies_in_an_edit_or_a_look_leaves_the_last_state(bot, crash, boundary):
    bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    job = await bot.asked()
    await bot.delivery.step()
    bot.crash_at = boundary
    await bot.end(job)
    with pytest.raises(crash):
        await bot.run(bot.delivery, seconds=600)
    await all_quiet(bot)
    card, _ = bot.slack.said("C1")
    assert card["metadata"]["event_payload"]["v"] == (await bot.effect(f"{job.id}:card")).want


async def test_slack_being_away_for_an_hour_costs_time_only(bot):
    bot.slack.faults["chat.postMessage"] = ["internal_error"] * 2
    bot.slack.faults["conversations.history"] = ["fatal_error", 60, "service_unavailable", ("drop", "before")]
    job = await bot.asked()
    await bot.end(job)
    await bot.run(bot.delivery, seconds=7_200)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2


async def test_an_intent_that_grew_old_is_not_sent(bot):
    job = await bot.asked()
    worker = bot.delivering("slack")
    monotonic = iter([0.0, 6.0])

    class Slow:
        """A clock by which six seconds pass between the claim and the post."""

        def now(self) -> float:
            return bot.clock.now()

        def monotonic(self) -> float:
            return next(monotonic)

        async def sleep(self, seconds: float) -> None:
            await bot.clock.sleep(seconds)

    worker._clock = Slow()
    assert await worker.step() == 1
    assert bot.slack.made("chat.postMessage") == 0
    assert (await bot.effect(f"{job.id}:card")).action is Action.SEND
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1
