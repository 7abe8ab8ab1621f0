"""What becomes of a job once its video was looked at, on both engines, also when somebody was faster."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.jobs import Failure, Job, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.video import Video
from bot.services import captions, preparing
from bot.services.claiming import Claim

FIT = Video(asset_id="asset1", title="Keynote", duration_seconds=90.0, status="ready", policy="public")


async def begun(desk: Any, ask: Any, name: str = "act1", **changes: Any) -> tuple[Job, Claim]:
    """Make a job and take the look at its video into our hands."""
    job = (await desk.store.transaction(captions.request, ask(name, **changes))).job
    taken = await desk.claim_anything()
    assert taken.stored.job.id == job.id
    return job, taken


def link(playback_id: str) -> Pointer:
    return Pointer(kind=PointerKind.PLAYBACK, id=playback_id, written=playback_id)


async def test_a_fit_video_lets_the_create_go(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    assert await any_desk.store.transaction(preparing.seen, taken, FIT, jitter=0.5)

    following = await any_desk.claimed("mux")
    assert (following.effect.key, following.stored.job.title) == (f"{job.id}:create", "Keynote")


async def test_an_unfit_video_ends_the_job_and_leaves_nothing_to_send(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    live = Video(asset_id="asset1", is_live=True)
    assert await any_desk.store.transaction(preparing.seen, taken, live, jitter=0.5)

    ended = (await any_desk.job(job)).job
    assert (ended.state, ended.failure.code, ended.video) == (State.REFUSED, "preflight_live", live)
    assert await any_desk.claim("mux") is None


async def test_a_link_to_work_under_way_joins_it(any_desk, ask) -> None:
    leader, first = await begun(any_desk, ask, "act1")
    await any_desk.store.transaction(preparing.seen, first, FIT, jitter=0.5)
    follower, taken = await begun_behind(any_desk, ask)

    assert await any_desk.store.transaction(preparing.seen, taken, FIT, jitter=0.5)

    ended = (await any_desk.job(follower)).job
    assert (ended.state, ended.failure.code, ended.failure.message) == (
        State.REFUSED,
        "preflight_joined",
        leader.id,
    )
    assert (await any_desk.job(leader)).job.watchers == ("U2",)


async def begun_behind(desk: Any, ask: Any) -> tuple[Job, Claim]:
    """Make a job by link while another one is under way, and take the look at its video."""
    made = await desk.store.transaction(
        captions.request, ask("act2", asset_id="play1", pointer=link("play1"), user_id="U2")
    )
    while (taken := await desk.claim_anything()).stored.job.id != made.job.id:
        assert taken is not None
    return made.job, taken


@pytest.mark.parametrize("write", ["seen", "unseen", "unanswered", "refused"])
async def test_whoever_lost_the_lease_writes_nothing(desk, ask, write) -> None:
    job, slow = await begun(desk, ask)
    desk.clock.forward(desk.timing.lease + 1)
    assert (await desk.claim_anything()).effect.id == slow.effect.id
    before = (await desk.job(job)).job

    again: dict[str, Any] = {"error": "503", "retry_in": None, "jitter": 0.5}
    writes = {
        "seen": (preparing.seen, (FIT,), {"jitter": 0.5}),
        "unseen": (preparing.unseen, ("asset1",), {"error": "404"}),
        "unanswered": (preparing.unanswered, (), again),
        "refused": (preparing.refused, (Failure(code="preflight_live", message=""),), {}),
    }
    function, values, named = writes[write]
    assert not await desk.store.transaction(function, slow, *values, **named)
    assert (await desk.job(job)).job == before


async def test_what_mux_did_not_show_is_sent_after_three_tries(desk, ask) -> None:
    job, taken = await begun(desk, ask)
    for _ in range(2):
        await desk.store.transaction(preparing.unanswered, taken, error="503", retry_in=None, jitter=0.5)
        desk.clock.forward(60)
        taken = await desk.claim_anything()
        assert taken.effect.key == f"{job.id}:prepare"
    await desk.store.transaction(preparing.unanswered, taken, error="503", retry_in=None, jitter=0.5)
    assert (await desk.claimed("mux")).effect.key == f"{job.id}:create"
