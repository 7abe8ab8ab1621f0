"""What becomes of a file's job is decided by whoever holds the claim, on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.rules.effects import NEVER, Kind
from bot.rules.jobs import Failure, Job, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.pacing import Timing
from bot.services import captions, steering, uploading
from bot.services.claiming import Claim

UP = {"upload_id": "up1", "url": "https://storage.test/up1"}


async def begun(desk: Any, ask: Any, name: str = "act1") -> tuple[Job, Claim]:
    """Make a job about a file and take its transfer into our hands."""
    pointer = Pointer(kind=PointerKind.FILE, id="F1", written="cut.mp4")
    wish = ask(name, asset_id="F1", pointer=pointer)
    job = (await desk.store.transaction(captions.request, wish)).job
    taken = await desk.claim_anything("file")
    assert taken is not None
    assert (taken.stored.job.id, taken.effect.kind) == (job.id, Kind.UPLOAD)
    return job, taken


async def test_a_file_that_has_arrived_lets_its_job_be_looked_at(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    assert await any_desk.claim_anything() is None
    opened = await any_desk.store.transaction(uploading.opened, taken, **UP)
    again = await any_desk.store.transaction(uploading.opened, taken, upload_id="up2", url="x")
    assert (opened, opened.url) == (again, UP["url"])
    assert await any_desk.store.transaction(uploading.sent, taken)
    assert await any_desk.store.transaction(uploading.renewed, taken, timing=Timing())
    assert await any_desk.store.transaction(uploading.arrived, taken, "asset9")
    known = await any_desk.store.transaction(uploading.known, taken)
    assert (known.asset_id, known.url) == ("asset9", "")
    looked = await any_desk.claim_anything()
    assert looked.effect.key == f"{job.id}:prepare"


async def test_a_refused_file_leaves_nothing_to_do(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    failure = Failure(code="preflight_files_scope", message="")
    assert await any_desk.store.transaction(uploading.refused, taken, failure)
    assert (await any_desk.job(job)).job.state is State.REFUSED
    assert await any_desk.claim_anything() is None
    assert await any_desk.claim_anything("file") is None


async def test_whoever_lost_the_claim_changes_nothing(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    lost = replace(taken, owner="somebody else")
    run = any_desk.store.transaction
    assert await run(uploading.opened, lost, **UP) is None
    assert not await run(uploading.sent, lost)
    assert not await run(uploading.renewed, lost, timing=Timing())
    assert not await run(uploading.waiting, lost, jitter=0.5)
    assert not await run(uploading.arrived, lost, "asset9")
    assert not await run(uploading.refused, lost, Failure(code="x", message=""))
    assert not await run(uploading.unanswered, lost, error="x", retry_in=None, jitter=0.5)
    await run(uploading.opened, taken, **UP)
    await run(uploading.forgotten, lost)
    assert await run(uploading.known, taken) is not None
    assert (await any_desk.job(job)).job.state is State.REQUESTED


async def test_a_job_that_is_stopped_takes_its_transfer_along(any_desk, ask) -> None:
    job, taken = await begun(any_desk, ask)
    who = steering.Asker(team_id="T1", user_id="U1", channel_id="C1")
    wish = steering.Wish(asker=who, name=job.id, key="k", mux_account="default")
    await any_desk.store.transaction(steering.cancel, wish)
    assert not await any_desk.store.transaction(uploading.renewed, taken, timing=Timing())
    assert await any_desk.store.transaction(uploading.arrived, taken, "asset9")
    assert (await any_desk.job(job)).job.state is State.CANCELLED
    assert await any_desk.claim_anything() is None


async def test_the_same_file_asked_for_twice_the_same_way_is_one_job(any_desk, ask) -> None:
    job, _ = await begun(any_desk, ask)
    pointer = Pointer(kind=PointerKind.FILE, id="F1", written="cut.mp4")
    wish = ask("act2", asset_id="F1", pointer=pointer, user_id="U2")
    asked = await any_desk.store.transaction(captions.request, wish)
    assert (asked.joined, asked.job.id) == (True, job.id)


@pytest.mark.parametrize("name", ["prepare", "create"])
async def test_nothing_is_looked_at_or_sent_before_the_file_is_there(any_desk, ask, name) -> None:
    job, _ = await begun(any_desk, ask)
    assert (await any_desk.effect(f"{job.id}:{name}")).due_at >= NEVER
