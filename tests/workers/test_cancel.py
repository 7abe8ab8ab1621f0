"""A job that somebody stops is stopped at Mux, once it is there, and its end is what Mux says it is."""

from __future__ import annotations

import httpx
import pytest

from bot.rules.jobs import Signal, State
from bot.rules.policy import Asker
from bot.rules.steering import Outcome
from bot.services import steering
from bot.services.steering import Wish


def wish(job, key="one"):
    asker = Asker(team_id="T1", user_id="U1", channel_id="C1")
    return Wish(asker=asker, name=job.id, key=key, mux_account="default")


async def stop(bot, job, key="one"):
    return (await bot.store.transaction(steering.cancel, wish(job, key))).outcome


@pytest.fixture
async def running(bot):
    """Return a job that Mux has and is not done with."""
    job = await bot.asked()
    await bot.run(bot.submit)
    return job


async def test_mux_is_asked_once_and_its_account_of_the_end_counts(bot, running):
    bot.mux.jobs["m1"]["units_consumed"] = 12
    assert await stop(bot, running) is Outcome.ASKED

    await bot.run(bot.submit, seconds=600)

    ended = await bot.job(running)
    assert (ended.state, ended.units_consumed, ended.stopped_by) == (State.CANCELLED, 12, "U1")
    assert bot.mux.requests.count(("CANCEL", "cancel")) == 1


async def test_a_job_that_was_over_already_is_told_as_it_ended(bot, running, odd):
    bot.mux.jobs["m1"]["status"] = "completed"
    bot.mux.odd["CANCEL"] = [odd.status(409)]
    await stop(bot, running)

    await bot.run(bot.submit, seconds=600)

    assert (await bot.job(running)).state is State.COMPLETED


async def test_a_job_that_mux_no_longer_knows_is_told_as_unknown(bot, running):
    bot.mux.jobs.clear()
    await stop(bot, running)

    await bot.run(bot.submit, seconds=600)

    assert (await bot.job(running)).state is State.ABANDONED


async def test_a_job_that_mux_will_not_stop_goes_on_and_says_so(bot, running, odd):
    bot.mux.odd["CANCEL"] = [odd.status(403)]
    await stop(bot, running)

    await bot.run(bot.submit, seconds=600)

    job = await bot.job(running)
    assert (job.state, job.stopped_by) == (State.PENDING, None)
    assert await stop(bot, running, "two") is Outcome.ASKED
    await bot.run(bot.submit, seconds=600)
    assert (await bot.job(running)).state is State.CANCELLED


async def test_a_stop_is_repeated_until_mux_has_answered_it(bot, running, odd):
    bot.mux.odd["CANCEL"] = [odd.lost_before, odd.lost_after, odd.status(429), odd.unreachable]
    bot.mux.odd["GET"] = [odd.lost_before]
    await stop(bot, running)

    await bot.run(bot.submit, seconds=3_600)

    assert (await bot.job(running)).state is State.CANCELLED


async def test_a_stop_survives_the_death_of_the_process(bot, running, crash):
    await stop(bot, running)
    bot.crash_at = "cancel.stopped"
    with pytest.raises(crash):
        await bot.run(bot.submit)

    await bot.run(bot.submit, seconds=600)

    assert (await bot.job(running)).state is State.CANCELLED


async def test_a_job_stopped_on_its_way_is_stopped_when_it_has_arrived(bot):
    job = await bot.asked()

    async def meanwhile(_request: httpx.Request, do):
        assert await stop(bot, job) is Outcome.WAITING
        return do()

    bot.mux.odd["POST"] = [meanwhile]
    await bot.run(bot.submit, seconds=600)

    assert (await bot.job(job)).state is State.CANCELLED
    assert (bot.mux.posts(), bot.mux.jobs["m1"]["status"]) == (1, "cancelled")


async def test_a_job_stopped_while_its_create_was_in_doubt_is_not_sent_again(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_before]
    await bot.submit.step()
    assert await stop(bot, job) is Outcome.WAITING

    await bot.run(bot.submit, seconds=600)

    ended = await bot.job(job)
    assert (ended.state, ended.mux_id, bot.mux.posts()) == (State.CANCELLED, None, 1)
    assert bot.mux.jobs == {}


async def test_a_job_stopped_while_its_create_was_in_doubt_is_stopped_if_it_is_found(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after]
    await bot.submit.step()
    await stop(bot, job)

    await bot.run(bot.submit, seconds=600)

    assert ((await bot.job(job)).state, bot.mux.jobs["m1"]["status"]) == (State.CANCELLED, "cancelled")


async def test_a_stop_for_a_job_that_ended_meanwhile_asks_nobody(bot, running):
    await stop(bot, running)
    await bot.end(running, Signal.COMPLETED)

    await bot.run(bot.submit, seconds=600)

    assert (await bot.job(running)).state is State.COMPLETED
    assert ("CANCEL", "cancel") not in bot.mux.requests
