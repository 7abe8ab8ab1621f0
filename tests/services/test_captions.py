"""A request makes one job, or joins the one that does the same work."""

from __future__ import annotations

import asyncio

from bot.rules.jobs import Report, Signal
from bot.services import captions, progress


async def end(desk, job, signal: Signal = Signal.COMPLETED) -> None:
    stored = await desk.job(job)
    await desk.store.transaction(progress.apply, stored.row_id, Report(signal=signal, mux_id="m-" + job.id))


async def test_the_same_act_twice_makes_one_job(any_desk, query):
    first = await any_desk.asked("act1")
    before = await query("SELECT * FROM effect ORDER BY id")
    again = await any_desk.asked("act1")
    assert first.id == again.id
    assert await query("SELECT * FROM effect ORDER BY id") == before


async def test_a_job_wants_a_create_at_mux_and_a_card_in_its_channel(any_desk):
    job = await any_desk.asked()
    assert (await any_desk.effect(f"{job.id}:create")).kind == "mux.create"
    assert (await any_desk.effect(f"{job.id}:card")).target == "C1"
    stored = await any_desk.job(job)
    assert stored.passthrough.startswith("captionbot:")
    assert len(stored.passthrough) < 255


async def test_the_same_work_from_another_person_joins_and_adds_a_watcher(any_desk, ask):
    first = await any_desk.asked("act1")
    joined = await any_desk.store.transaction(captions.request, ask("act2", user_id="U2"))
    assert (joined.joined, joined.job.id, joined.job.watchers) == (True, first.id, ("U2",))


async def test_the_same_person_asking_again_is_no_watcher(any_desk, ask):
    first = await any_desk.asked("act1")
    joined = await any_desk.store.transaction(captions.request, ask("act2"))
    assert (joined.joined, joined.job.id, joined.job.watchers) == (True, first.id, ())


async def test_other_settings_and_other_workspaces_are_other_work(any_desk):
    ids = {
        (await any_desk.asked("act1")).id,
        (await any_desk.asked("act2", asset_id="asset2")).id,
        (await any_desk.asked("act3", team_id="T2")).id,
        (await any_desk.asked("act4", mux_account="other")).id,
    }
    assert len(ids) == 4


async def test_finished_work_can_be_asked_for_again(any_desk):
    first = await any_desk.asked("act1")
    await end(any_desk, first)
    assert (await any_desk.asked("act2")).id != first.id


async def test_an_act_that_joined_is_not_new_work_when_it_comes_again_after_the_end(any_desk, ask, query):
    first = await any_desk.asked("act1")
    await any_desk.asked("act2", user_id="U2")
    await end(any_desk, first)
    again = await any_desk.store.transaction(captions.request, ask("act2", user_id="U2"))
    assert (again.joined, again.job.id) == (True, first.id)
    assert await query("SELECT count(*) FROM job") == [(1,)]


async def test_requests_that_race_make_one_job(any_desk, query):
    asked = await asyncio.gather(*(any_desk.asked(f"act{n}", user_id=f"U{n}") for n in range(12)))
    assert len({job.id for job in asked}) == 1
    assert await query("SELECT count(*) FROM job") == [(1,)]
    assert await query("SELECT count(*) FROM watcher") == [(11,)]


async def test_deliveries_of_one_act_that_race_make_one_job(any_desk, query):
    asked = await asyncio.gather(*(any_desk.asked("act1") for _ in range(12)))
    assert len({job.id for job in asked}) == 1
    assert await query("SELECT count(*) FROM job") == [(1,)]


async def test_whoever_joins_while_the_job_ends_is_told_or_gets_a_job_of_their_own(any_desk, query):
    for round_ in range(8):
        job = await any_desk.asked(f"first{round_}", asset_id=f"a{round_}")
        joined, _ = await asyncio.gather(
            any_desk.asked(f"second{round_}", asset_id=f"a{round_}", user_id="U2", channel_id="C2"),
            end(any_desk, job),
        )
        notices = await query("SELECT 1 FROM effect WHERE key = :key", key=f"{job.id}:notice:U2")
        assert bool(notices) is (joined.id == job.id)
