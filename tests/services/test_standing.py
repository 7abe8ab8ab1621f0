"""People learn how jobs stand, and nothing about jobs that are not theirs to know."""

from __future__ import annotations

import pytest

from bot.rules.effects import Kind
from bot.rules.jobs import Failure, Report, Signal
from bot.rules.policy import Asker
from bot.rules.steering import Scope
from bot.services import captions, detours, outbox, standing, submission


def who(user_id: str = "U1", channel_id: str = "C1", team_id: str = "T1") -> Asker:
    return Asker(team_id=team_id, user_id=user_id, channel_id=channel_id)


async def of(desk, name, asker=None):
    return await desk.store.transaction(standing.of, asker or who(), name=name, account="default")


async def test_unfinished_jobs_come_first_and_else_the_newest_finished_one(any_desk):
    assert await any_desk.store.transaction(standing.here, who()) == ()
    one = await any_desk.asked("one")
    taken = await any_desk.claimed("mux")
    two = await any_desk.asked("two", asset_id="asset2")
    found = await any_desk.store.transaction(standing.here, who())
    assert [each.job.id for each in found] == [two.id, one.id]

    failure = Failure(code="x", message="", status=400)
    await any_desk.store.transaction(submission.refused, taken, failure)
    await any_desk.store.transaction(submission.refused, await any_desk.claimed("mux"), failure)
    (found,) = await any_desk.store.transaction(standing.here, who())
    assert found.job.id == two.id


async def test_a_job_is_found_by_our_id_by_muxs_and_by_its_asset(any_desk):
    job = await any_desk.asked()
    report = Report(signal=Signal.PENDING, mux_id="rjob_1")
    await any_desk.store.transaction(
        submission.accepted, await any_desk.claimed("mux"), report, timing=any_desk.timing
    )

    for name in (job.id, job.id.upper(), "rjob_1", "asset1"):
        (found,) = await of(any_desk, name)
        assert found.job.id == job.id
    assert await of(any_desk, "asset2") == ()


@pytest.mark.parametrize(
    ("asker", "sees", "steers"),
    [
        (who(), True, True),
        (who("U9"), True, False),
        (who("U9", "C2"), False, False),
        (who("U1", "C2"), True, True),
        (who("U1", "C1", "T2"), False, False),
    ],
)
async def test_what_a_person_may_not_see_does_not_exist(any_desk, asker, sees, steers):
    job = await any_desk.asked()

    for name in (job.id, "asset1"):
        found = await of(any_desk, name, asker)
        assert [(each.job.id, each.may_steer) for each in found] == ([(job.id, steers)] if sees else [])


async def test_what_does_not_go_as_it_should_is_said_and_what_goes_well_is_not(desk):
    job = await desk.asked()
    (found,) = await of(desk, job.id)
    assert found.effects == ()

    await desk.not_done(await desk.claimed("mux"), retry_in=9.0)
    card = await desk.claimed()
    await desk.store.transaction(detours.closed, card, code="not_in_channel")
    await desk.store.transaction(outbox.buried, await desk.claimed(), error="user_disabled")

    (found,) = await of(desk, job.id)
    told = {effect.kind: (effect.error, effect.detour, effect.buried) for effect in found.effects}
    assert told[Kind.CREATE] == ("429", None, False)
    assert told[Kind.CARD] == ("user_disabled", "not_in_channel", True)


async def test_a_list_is_paged_and_its_scope_is_kept(any_desk, ask):
    for number in range(13):
        await any_desk.asked(f"a{number}", asset_id=f"asset{number}")
    await any_desk.asked("b", asset_id="other", user_id="U2")
    await any_desk.asked("c", asset_id="far", user_id="U2", channel_id="C2")
    await any_desk.store.transaction(
        captions.request, ask("join", asset_id="far", user_id="U1", channel_id="C1")
    )

    async def page(scope, before=None, asker=None):
        return await any_desk.store.transaction(standing.page, asker or who(), scope=scope, before=before)

    mine = await page(Scope.MINE)
    assert [job.request.asset_id for job in mine.jobs][:2] == ["far", "asset12"]
    assert (len(mine.jobs), mine.is_first, mine.before is None) == (10, True, False)
    rest = await page(Scope.MINE, mine.before)
    assert [job.request.asset_id for job in rest.jobs] == ["asset3", "asset2", "asset1", "asset0"]
    assert (rest.is_first, rest.before) == (False, None)
    channel = await page(Scope.CHANNEL)
    assert [job.request.asset_id for job in channel.jobs][:2] == ["other", "asset12"]
    every = await page(Scope.ALL)
    assert [job.request.asset_id for job in every.jobs][:3] == ["far", "other", "asset12"]
    stranger = await page(Scope.ALL, None, who("U9", "C9"))
    assert (stranger.jobs, stranger.before) == ((), None)
