"""Nothing is said twice and nothing is lost, whatever Slack answers, or does not."""

from __future__ import annotations

import pytest

from bot.rules.effects import Action
from bot.services import health, recovery
from bot.store import effects, lanes, records
from bot.workers.stamp import EVENT_TYPE

pytestmark = pytest.mark.usefixtures("quiet")


async def posted(bot):
    """Return a job whose card is in its channel."""
    job = await bot.asked()
    await bot.run(bot.delivery)
    assert len(bot.slack.said("C1")) == 1
    return job


async def all_quiet(bot) -> None:
    """Let an hour pass; nothing may be left to do."""
    await bot.run(bot.delivery, seconds=3_600)
    assert await bot.waiting("slack") is None


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


async def doubted(bot, job) -> None:
    """Have the job's card audited, as after an answer that was lost."""
    card = await bot.effect(f"{job.id}:card")
    await bot.store.transaction(effects.doubt, card.id, due_at=bot.clock.now(), error="e")
    await bot.store.transaction(lambda tx: lanes.wake(tx, card.lane, "slack", tx.now))


def copy_of(card, *, seconds: float):
    return {**card, "ts": f"{float(card['ts']) + seconds:.6f}"}


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


async def test_a_watcher_from_another_channel_is_told_directly(bot):
    job = await posted(bot)
    await bot.asked(user_id="U2", channel_id="C2")
    await bot.end(job)
    await all_quiet(bot)
    assert len(bot.slack.said("D2")) == 1
    assert bot.slack.said("C2") == []


async def test_an_intent_that_grew_old_is_not_sent(bot):
    job = await bot.asked()
    worker = bot.delivery
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
