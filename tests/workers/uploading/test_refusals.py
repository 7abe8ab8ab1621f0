"""A file that cannot be captioned ends its job with the reason, and costs nothing."""

from __future__ import annotations

import pytest

from bot.errors import MuxRefused, OutcomeUnknown, SlackRefused
from bot.rules.jobs import State
from tests.workers.uploading.world import DAY, file


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SlackRefused("missing_scope", method="files.info", needed="files:read"), "preflight_files_scope"),
        (SlackRefused("file_not_found", method="files.info"), "preflight_file_gone"),
        (SlackRefused("token_revoked", method="files.info"), "preflight_file_unread"),
    ],
)
async def test_a_no_of_slack_ends_the_job_with_its_reason(world, error, code) -> None:
    job = await world.asked()
    world.slack.odd["file_info"] = [error]
    await world.run()
    told = await world.job(job)
    assert told.failure is not None
    assert (told.state, told.failure.code, world.mux.opened) == (State.REFUSED, code, {})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": ""}, "preflight_file_gone"),
        ({"media_type": "text/plain"}, "preflight_file_kind"),
        ({"size": 0}, "preflight_file_size"),
        ({"size": 2 * 1024**3 + 1}, "preflight_file_size"),
    ],
)
async def test_an_unfit_file_is_refused_before_anything_reaches_mux(world, changes, code) -> None:
    job = await world.asked()
    world.slack.file = file(**changes)
    await world.run()
    told = await world.job(job)
    assert told.failure is not None
    assert (told.failure.code, world.mux.opened) == (code, {})


@pytest.mark.parametrize("status", ["errored", "cancelled", "timed_out"])
async def test_an_upload_that_failed_at_mux_is_told_and_begun_anew_by_the_next_job(world, status) -> None:
    job = await world.asked()
    world.mux.status["up1"] = status
    await world.run()
    told = await world.job(job)
    assert told.failure is not None
    assert (told.failure.code, told.failure.message) == ("preflight_upload_failed", "The file is broken.")
    await world.asked(key="act2")
    await world.run(seconds=60)
    assert world.mux.assets == ["asset-up2"]


async def test_a_token_that_may_not_add_videos_is_told(world) -> None:
    job = await world.asked()
    world.mux.odd["create_upload"] = [MuxRefused(status=403, code="insufficient_scope", messages=("No.",))]
    await world.run()
    told = await world.job(job)
    assert told.failure is not None
    assert (told.failure.code, told.failure.message) == ("preflight_upload_refused", "No.")


@pytest.mark.parametrize(("status", "opened"), [(404, 2), (403, 1)])
async def test_an_upload_that_mux_forgot_is_begun_anew_and_another_no_is_told(world, status, opened) -> None:
    job = await world.asked()
    world.mux.odd["upload_status"] = [MuxRefused(status=status, code="x", messages=())]
    await world.run(seconds=60)
    assert len(world.mux.opened) == opened
    assert ((await world.job(job)).state is State.REFUSED) is (opened == 1)


async def test_an_asset_that_mux_will_not_show_is_told(world) -> None:
    await world.asked()
    await world.run()
    job = await world.asked(key="act2", language_code="es")
    world.mux.odd["asset"] = [MuxRefused(status=401, code="unauthorized", messages=())]
    await world.run()
    assert (await world.job(job)).state is State.REFUSED


async def test_after_a_day_without_success_the_job_ends(world) -> None:
    job = await world.asked()
    world.slack.odd["file_info"] = [OutcomeUnknown("500") for _ in range(2000)]
    await world.run(seconds=DAY + 400)
    told = await world.job(job)
    assert told.failure is not None
    assert (told.state, told.failure.code) == (State.REFUSED, "preflight_file_unread")
