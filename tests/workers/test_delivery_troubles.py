"""What Slack refuses, and what is in doubt, is put right or left to the operator."""

from __future__ import annotations

import pytest

from bot.services import health
from bot.store import effects
from tests.workers.delivered import all_quiet, copy_of, doubted, posted

pytestmark = pytest.mark.usefixtures("quiet")


async def test_copies_are_deleted_and_what_others_say_is_left_alone(bot):
    job = await posted(bot)
    (card,) = bot.slack.said("C1")
    foreign = {"ts": f"{float(card['ts']) + 2:.6f}", "text": "hello"}
    bot.slack.said("C1").extend([copy_of(card, seconds=1), foreign])
    await doubted(bot, job)
    await all_quiet(bot)
    assert bot.slack.said("C1") == [card, foreign]
    assert not (await bot.effect(f"{job.id}:card")).suspect


async def test_stale_text_that_overtook_the_newest_is_replaced_by_the_audit(bot):
    job = await posted(bot)
    (card,) = bot.slack.said("C1")
    stale = card["metadata"]
    await bot.store.transaction(effects.want_more, f"{job.id}:card")
    await bot.run(bot.delivery, seconds=5)
    card["metadata"] = stale
    await doubted(bot, job)
    await all_quiet(bot)
    assert card["metadata"]["event_payload"]["v"] == 2
    assert not (await bot.effect(f"{job.id}:card")).suspect


async def test_a_copy_that_slack_does_not_delete_harms_nothing_else(bot):
    job = await posted(bot)
    (card,) = bot.slack.said("C1")
    bot.slack.said("C1").append(copy_of(card, seconds=1))
    bot.slack.faults["chat.delete"] = ["cant_delete_message"]
    await doubted(bot, job)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2
    await bot.end(job)
    await all_quiet(bot)
    assert card["metadata"]["event_payload"]["v"] == 2


async def test_without_the_right_to_read_a_result_is_said_again_and_a_card_is_held(bot):
    job = await posted(bot)
    bot.slack.faults["chat.postMessage"] = [("drop", "before")]
    bot.slack.faults["conversations.replies"] = ["missing_scope"] * 9
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2

    bot.slack.faults["chat.postMessage"] = [("drop", "before")]
    bot.slack.faults["conversations.history"] = ["missing_scope"] * 9
    held = await bot.asked()
    await all_quiet(bot)
    assert (await bot.effect(f"{held.id}:card")).buried
    await bot.end(held)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 3


async def test_a_revoked_token_parks_the_message_and_it_is_said_once_it_works_again(bot, quiet):
    bot.slack.faults["chat.postMessage"] = ["token_revoked", "account_inactive"]
    job = await bot.asked()
    await bot.end(job)
    await bot.run(bot.delivery, seconds=299)
    assert bot.slack.made("chat.postMessage") == 1
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 2
    assert [entry["event"] for entry in quiet].count("slack.token_refused") == 2


async def test_a_token_that_is_revoked_while_a_message_is_looked_for_decides_nothing(bot):
    bot.slack.faults["chat.postMessage"] = [("drop", "after")]
    bot.slack.faults["conversations.history"] = ["token_revoked", "invalid_auth"]
    await bot.asked()
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1


async def test_a_token_that_is_revoked_while_copies_are_deleted_keeps_the_audit(bot):
    job = await posted(bot)
    bot.slack.said("C1").append(copy_of(bot.slack.said("C1")[0], seconds=1))
    bot.slack.faults["chat.delete"] = ["token_revoked"]
    await doubted(bot, job)
    await all_quiet(bot)
    assert len(bot.slack.said("C1")) == 1


async def test_blocks_that_slack_refuses_are_said_in_plain_words(bot):
    bot.slack.faults["chat.postMessage"] = ["invalid_blocks"]
    bot.slack.faults["chat.update"] = ["invalid_blocks_format"]
    job = await bot.asked()
    await bot.run(bot.delivery)
    assert "blocks" not in bot.slack.said("C1")[0]
    await bot.end(job)
    await all_quiet(bot)
    card, result = bot.slack.said("C1")
    assert card["metadata"]["event_payload"]["v"] == 2
    assert "blocks" in result


async def test_what_slack_refuses_in_every_form_is_left_to_the_operator(bot):
    bot.slack.faults["chat.postMessage"] = ["invalid_blocks", "msg_too_long"]
    job = await bot.asked()
    await bot.end(job)
    await all_quiet(bot)
    assert (await bot.effect(f"{job.id}:card")).buried
    assert len(bot.slack.said("C1")) == 1


@pytest.mark.parametrize(
    ("code", "dead"), [("edit_window_closed", 0), ("cant_update_message", 0), ("some_new_code", 1)]
)
async def test_a_card_that_can_be_edited_no_more_keeps_its_thread(bot, code, dead):
    job = await posted(bot)
    bot.slack.faults["chat.update"] = [code]
    await bot.store.transaction(effects.want_more, f"{job.id}:card")
    await bot.run(bot.delivery, seconds=5)
    await bot.end(job)
    await all_quiet(bot)
    card, result = bot.slack.said("C1")
    assert result["thread_ts"] == card["ts"]
    assert bot.slack.made("chat.update") == 1
    assert (await bot.store.transaction(health.backlog)).effects_dead == dead
