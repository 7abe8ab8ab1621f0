"""Nobody pays twice, whatever becomes of the connection or of the process."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.jobs import Job, Report, Signal, State
from bot.services import progress, recovery
from bot.store import jobs


async def test_a_request_becomes_one_job_at_mux(bot):
    job = await bot.asked()
    await bot.run(bot.submit, seconds=600)
    stored = await bot.job(job)
    assert (stored.state, stored.mux_id, bot.mux.posts()) == (State.PENDING, "m1", 1)


async def test_an_answer_lost_after_the_effect_is_found_and_nothing_is_sent_again(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after]
    await bot.submit.step()
    assert (await bot.job(job)).state is State.UNCONFIRMED
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).mux_id, bot.mux.posts()) == ("m1", 1)
    assert not (await bot.effect(f"{job.id}:create")).suspect


async def test_a_request_lost_before_the_effect_is_sent_once_more_under_the_same_stamp_and_not_early(
    bot, odd
):
    job = await bot.asked()
    start = bot.clock.now()
    bot.mux.odd["POST"] = [odd.lost_before]
    await bot.run(bot.submit, seconds=59)
    assert bot.mux.posts() == 1
    await bot.run(bot.submit, seconds=600)
    assert bot.mux.posts() == 2
    (made,) = bot.mux.jobs.values()
    assert made["passthrough"].endswith(job.id)
    assert made["created_at"] >= start + 60
    assert (await bot.job(job)).mux_id == made["id"]


async def test_a_list_that_lags_does_not_make_a_second_job(bot, odd):
    await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after]
    bot.mux.lists = False
    await bot.run(bot.submit, seconds=50)
    bot.mux.lists = True
    await bot.run(bot.submit, seconds=600)
    assert bot.mux.posts() == 1


async def test_while_mux_cannot_be_asked_nothing_is_decided(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after]
    bot.mux.odd["LIST"] = [odd.status(503), odd.unreachable, odd.status(429), odd.status(403)] * 3
    await bot.run(bot.submit, seconds=3_600)
    assert ((await bot.job(job)).mux_id, bot.mux.posts()) == ("m1", 1)


async def test_a_429_is_waited_out_and_is_no_failure(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.status(429, **{"Retry-After": "17"})]
    await bot.submit.step()
    assert await bot.submit.step() == 0
    assert await bot.submit.due_in() == 17
    assert (await bot.job(job)).state is State.SUBMITTING
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).state, bot.mux.posts()) == (State.PENDING, 2)


async def test_mux_being_away_for_an_hour_costs_time_only(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.unreachable] * 12
    await bot.run(bot.submit, seconds=7_200)
    assert ((await bot.job(job)).state, bot.mux.posts()) == (State.PENDING, 13)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
async def test_a_definite_no_is_said_in_the_thread_and_not_repeated(bot, odd, status):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.status(status)]
    await bot.run(bot.submit, seconds=600)
    stored = await bot.job(job)
    assert (stored.state, stored.failure.status, bot.mux.posts()) == (State.REFUSED, status, 1)
    assert stored.failure.message == f"Answer {status}."
    assert await bot.effect(f"{job.id}:result") is not None


async def test_a_409_caused_by_our_own_lost_create_adopts_it(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after, odd.status(409)]
    bot.mux.lists = False
    await bot.run(bot.submit, seconds=62)
    assert bot.mux.posts() == 2
    assert (await bot.effect(f"{job.id}:create")).error == "conflict"
    bot.mux.lists = True
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).mux_id, bot.mux.posts()) == ("m1", 2)


async def test_a_409_caused_by_somebody_elses_job_joins_it(bot, odd):
    job = await bot.asked()
    bot.mux.add("theirs", "processing")
    bot.mux.add("other-work", "processing", parameters={"asset_id": "asset1", "language_code": "de"})
    bot.mux.odd["POST"] = [odd.status(409)]
    await bot.run(bot.submit, seconds=600)
    stored = await bot.job(job)
    assert (stored.state, stored.mux_id, bot.mux.posts()) == (State.PROCESSING, "theirs", 1)


async def test_a_409_whose_cause_is_gone_is_told_after_a_while_and_never_sent_again(bot, odd):
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.status(409)]
    bot.mux.odd["LIST"] = [odd.status(503)] * 2
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).state, bot.mux.posts()) == (State.REFUSED, 1)


async def test_a_conflict_that_cannot_be_looked_into_stays_a_conflict(bot, odd):
    await bot.asked()
    bot.mux.odd["POST"] = [odd.status(409)]
    bot.mux.odd["LIST"] = [odd.status(200), *[odd.status(503)] * 40]
    await bot.run(bot.submit, seconds=3_600)
    assert bot.mux.posts() == 1


async def test_a_process_that_dies_after_the_claim_leaves_nothing_half_done(bot, crash):
    job = await bot.asked()
    bot.crash_at = "submit.claimed"
    with pytest.raises(crash):
        await bot.submit.step()
    await bot.store.transaction(recovery.take_over)
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).state, bot.mux.posts()) == (State.PENDING, 1)


@pytest.mark.parametrize("takes_over", [True, False])
async def test_a_process_that_dies_after_the_create_leaves_one_job(bot, crash, takes_over):
    job = await bot.asked()
    bot.crash_at = "submit.created"
    with pytest.raises(crash):
        await bot.submit.step()
    if takes_over:
        await bot.store.transaction(recovery.take_over)
    await bot.run(bot.submit, seconds=600)
    assert ((await bot.job(job)).mux_id, bot.mux.posts()) == ("m1", 1)


async def test_an_intent_that_grew_old_is_not_sent(bot):
    await bot.asked()

    class Slow:
        """A clock on which every look at it costs six seconds."""

        at = 0.0

        def now(self) -> float:
            return bot.clock.now()

        def monotonic(self) -> float:
            self.at += 6
            return self.at

        async def sleep(self, seconds: float) -> None:
            await bot.clock.sleep(seconds)

    patient, bot.clock = bot.clock, Slow()
    worker = bot.submit
    bot.clock = patient
    assert await worker.step() == 1
    assert bot.mux.posts() == 0
    await bot.run(bot.submit, seconds=60)
    assert bot.mux.posts() == 1


async def copied(bot, odd) -> tuple[Job, dict[str, Any]]:
    """Lose the answer to a create, and have a later job under the same stamp; return ours, and it at Mux."""
    job = await bot.asked()
    bot.mux.odd["POST"] = [odd.lost_after]
    await bot.submit.step()
    first = bot.mux.jobs["m1"]
    bot.mux.add("copy", **{name: first[name] for name in ("passthrough", "parameters")})
    bot.mux.jobs["copy"]["created_at"] += 1
    return job, first


async def test_a_second_job_under_our_stamp_is_stopped_by_the_audit(bot, odd):
    job, first = await copied(bot, odd)
    bot.mux.odd["CANCEL"] = [odd.status(503)]
    await bot.run(bot.submit, seconds=1_000)
    assert (first["status"], bot.mux.jobs["copy"]["status"]) == ("pending", "cancelled")
    assert (await bot.job(job)).mux_id == "m1"


async def test_the_copy_that_people_heard_of_is_the_one_that_is_kept(bot, odd):
    job, first = await copied(bot, odd)
    row_id = await bot.store.transaction(lambda tx: jobs.by_public_id(tx, job.id).row_id)
    await bot.store.transaction(progress.apply, row_id, Report(signal=Signal.PENDING, mux_id="copy"))
    await bot.run(bot.submit, seconds=1_000)
    assert (first["status"], bot.mux.jobs["copy"]["status"]) == ("cancelled", "pending")


async def test_two_contradicting_ends_are_decided_by_asking_mux(bot, odd):
    job = await bot.asked()
    await bot.run(bot.submit)
    bot.mux.jobs["m1"]["status"] = "completed"
    await bot.end(job, Signal.ERRORED)
    await bot.end(job, Signal.COMPLETED)
    bot.mux.odd["GET"] = [odd.lost_before, odd.status(503), odd.status(401)]
    await bot.run(bot.submit, seconds=600)
    assert (await bot.job(job)).state is State.COMPLETED


async def test_an_end_that_mux_no_longer_knows_stays_as_it_is(bot):
    job = await bot.asked()
    await bot.run(bot.submit)
    await bot.end(job, Signal.ERRORED)
    await bot.end(job, Signal.COMPLETED)
    bot.mux.jobs.clear()
    await bot.run(bot.submit, seconds=600)
    assert (await bot.job(job)).state is State.ERRORED
    assert await bot.waiting("mux") is None
