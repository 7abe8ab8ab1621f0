"""A job that was asked for on a message is told in that message's thread, or to the requester."""

from __future__ import annotations

import pytest

from bot.store import effects, records
from tests.workers.delivered import all_quiet

PARENT = "1790000000.000100"


pytestmark = pytest.mark.usefixtures("quiet")


def kinds(messages) -> list[str]:
    return [message["metadata"]["event_payload"]["kind"] for message in messages]


async def test_card_and_result_are_replies_in_the_thread(bot):
    job = await bot.asked(thread_ts=PARENT)
    await bot.run(bot.delivery)
    await bot.end(job)
    await all_quiet(bot)
    card, result = bot.slack.said("C1")
    assert kinds([card, result]) == ["card", "result"]
    assert (card["thread_ts"], result["thread_ts"]) == (PARENT, PARENT)
    assert card["metadata"]["event_payload"]["v"] == 2
    assert bot.slack.made("chat.update") == 1


async def test_a_card_whose_thread_is_gone_is_taken_back_and_all_goes_to_the_requester(bot):
    job = await bot.asked(thread_ts=PARENT)
    bot.slack.parents_gone = True
    await bot.run(bot.delivery, seconds=5)
    bot.slack.parents_gone = False
    await bot.end(job)
    await all_quiet(bot)
    assert bot.slack.said("C1") == []
    card, result = bot.slack.said("D1")
    assert kinds([card, result]) == ["card", "result"]
    assert result["thread_ts"] == card["ts"]


async def test_a_card_in_a_thread_whose_answer_is_lost_is_found_there(bot):
    bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    await bot.asked(thread_ts=PARENT)
    await all_quiet(bot)
    assert kinds(bot.slack.said("C1")) == ["card"]
    assert bot.slack.made("chat.postMessage") == 1
    assert bot.slack.made("conversations.replies") >= 1


@pytest.mark.parametrize("code", ["cannot_reply_to_message", "thread_not_found", "message_not_found"])
async def test_a_thread_that_takes_no_replies_does_not_mark_its_channel(bot, code):
    job = await bot.asked(thread_ts=PARENT)
    bot.slack.faults["chat.postMessage"] = [code]
    await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    assert bot.slack.said("C1") == []
    assert kinds(bot.slack.said("D1")) == ["card", "result"]
    reason = await bot.store.transaction(records.parked_reason, team_id="T1", channel_id="C1")
    assert reason is None


async def test_a_channel_that_is_closed_sends_the_whole_job_to_the_requester(bot):
    job = await bot.asked(thread_ts=PARENT)
    bot.slack.faults["chat.postMessage"] = ["not_in_channel"]
    await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    card, result = bot.slack.said("D1")
    assert result["thread_ts"] == card["ts"]


async def test_a_result_whose_thread_went_away_meanwhile_goes_to_the_requester(bot):
    job = await bot.asked(thread_ts=PARENT)
    await bot.run(bot.delivery, seconds=5)
    bot.slack.parents_gone = True
    await bot.end(job)
    await all_quiet(bot)
    assert kinds(bot.slack.said("C1")) == ["card"]
    assert kinds(bot.slack.said("D1")) == ["result"]


async def test_a_card_that_people_deleted_leaves_the_thread_where_the_result_belongs(bot):
    job = await bot.asked(thread_ts=PARENT)
    await bot.run(bot.delivery, seconds=5)
    bot.slack.said("C1").clear()
    await bot.store.transaction(effects.want_more, f"{job.id}:card")
    await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    (result,) = bot.slack.said("C1")
    assert (kinds([result]), result["thread_ts"]) == (["result"], PARENT)
    assert bot.slack.said("D1") == []


async def test_a_card_that_was_given_up_leaves_the_result_its_thread(bot):
    job = await bot.asked(thread_ts=PARENT)
    bot.slack.faults["chat.postMessage"] = ["some_new_error"]
    await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    (result,) = bot.slack.said("C1")
    assert (kinds([result]), result["thread_ts"]) == (["result"], PARENT)
