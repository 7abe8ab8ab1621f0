"""What cannot be said where it belongs reaches the requester all the same."""

from __future__ import annotations

import pytest

from bot.services import health
from bot.store import effects, records
from tests.workers.delivered import all_quiet, posted

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_a_channel_that_is_closed_sends_everything_to_the_requester(bot, code):
    bot.slack.faults["chat.postMessage"] = [code]
    job = await bot.asked()
    await bot.end(job)
    await all_quiet(bot)
    assert bot.slack.said("C1") == []
    card, result = bot.slack.said("D1")
    assert result["thread_ts"] == card["ts"]
    assert "C1" in card["text"]
    reason = await bot.store.transaction(records.parked_reason, team_id="T1", channel_id="C1")
    assert reason == code


async def test_a_direct_message_whose_answer_is_lost_is_found_too(bot):
    bot.slack.faults["chat.postMessage"] = ["not_in_channel", ("drop", "after")]
    await bot.asked()
    await all_quiet(bot)
    assert len(bot.slack.said("D1")) == 1


async def test_a_channel_that_is_archived_later_sends_the_result_to_the_requester(bot):
    job = await posted(bot)
    bot.slack.faults["chat.update"] = ["is_archived"]
    bot.slack.faults["chat.postMessage"] = ["is_archived"]
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("D1")) == 1
    assert (await bot.store.transaction(health.backlog)).effects_dead == 0


@pytest.mark.parametrize("known_before", [True, False])
async def test_a_deleted_card_is_not_edited_and_its_result_reaches_the_requester(bot, known_before):
    job = await posted(bot)
    bot.slack.said("C1").clear()
    bot.slack.parents_gone = True
    if known_before:
        await bot.store.transaction(effects.want_more, f"{job.id}:card")
        await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    assert bot.slack.said("C1") == []
    assert len(bot.slack.said("D1")) == 1
    assert bot.slack.made("chat.update") == 1
    assert bot.slack.made("chat.delete") == (0 if known_before else bot.slack.made("chat.delete"))


async def test_a_reply_that_strays_is_removed_and_said_to_the_requester(bot):
    job = await posted(bot)
    bot.slack.parents_gone = True
    await bot.end(job)
    await all_quiet(bot)
    assert [message["metadata"]["event_payload"]["kind"] for message in bot.slack.said("C1")] == ["card"]
    assert len(bot.slack.said("D1")) == 1
    assert bot.slack.made("chat.postMessage") == 3


@pytest.mark.parametrize("how", ["crash", "drop"])
async def test_a_reply_that_strays_unseen_is_found_at_the_top_and_removed(bot, crash, how):
    job = await posted(bot)
    bot.slack.parents_gone = True
    await bot.end(job)
    if how == "crash":
        bot.crash_at = "delivery.posted"
        with pytest.raises(crash):
            await bot.run(bot.delivery, seconds=60)
    else:
        bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    await all_quiet(bot)
    assert [message["metadata"]["event_payload"]["kind"] for message in bot.slack.said("C1")] == ["card"]
    assert len(bot.slack.said("D1")) == 1


async def test_a_stray_reply_that_is_gone_already_or_cannot_be_removed_ends_there(bot):
    for number, code in enumerate(["message_not_found", "cant_delete_message"]):
        bot.slack.parents_gone = False
        job = await bot.asked(channel_id=f"C{number + 5}")
        await bot.run(bot.delivery, seconds=5)
        bot.slack.parents_gone = True
        bot.slack.faults["chat.delete"] = [code]
        await bot.end(job)
        await all_quiet(bot)
    assert (await bot.store.transaction(health.backlog)).effects_dead == 1


async def test_a_watcher_from_another_channel_is_told_directly(bot):
    job = await posted(bot)
    await bot.asked(user_id="U2", channel_id="C2")
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("D2")) == 1
    assert bot.slack.said("C2") == []
