"""What a job may delete is kept before it is sent, or somebody decides."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.errors import FileRefused, NotReached, OutcomeUnknown
from bot.rules import preflight, saving
from bot.rules.jobs import Job, State
from bot.rules.policy import Act
from bot.rules.request import Replace
from bot.rules.saving import SavedTrack
from bot.rules.video import TextTrack, Video
from bot.services import steering
from bot.services.steering import Wish
from bot.store import files, jobs
from bot.workers.saving import Saving, Unread
from tests.workers.prepare.world import ASKER, ENGLISH, Texts, World

UPLOADED = {"type": "text", "id": "t2", "name": "Deutsch", "language_code": "de", "text_source": "uploaded"}
GENERATED = {**ENGLISH, "text_source": "generated_vod", "passthrough": "theirs", "closed_captions": True}


async def saved(world: World, job: Job) -> dict[str, bytes]:
    """Return the texts that were kept for a job, by the kind of their files."""

    def read(tx: Any) -> dict[str, bytes]:
        stored = jobs.by_public_id(tx, job.id)
        assert stored is not None
        return {each.kind: files.content(tx, each.id) or b"" for each in files.listed(tx, stored.row_id)}

    return await world.store.transaction(read)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"language_code": "en-GB", "replace": Replace.ALL}, {"t1"}),
        ({"language_code": "fr", "track_name": "deutsch", "replace": Replace.ALL}, {"t2"}),
        ({"replace": Replace.ALL}, {"t1", "t2"}),
        ({"replace": Replace.GENERATED}, {"t1"}),
        ({"language_code": "fr", "replace": Replace.ALL}, set()),
        ({"language_code": "fr"}, set()),
    ],
)
async def test_what_a_job_may_delete_is_kept_before_it_is_sent(world, asked, kept) -> None:
    world.mux.add("asset1", tracks=[{"type": "audio"}, GENERATED, UPLOADED])
    job = await world.asked(**asked)
    await world.run()
    assert len(world.mux.created) == 1
    assert await saved(world, job) == {f"before:{name}": b"WEBVTT of " + name.encode() for name in kept}
    tracks = {track.id: track for track in (await world.job(job)).saved}
    assert set(tracks) == kept
    if "t1" in kept:
        assert tracks["t1"] == SavedTrack(
            id="t1",
            name="English",
            language_code="en",
            closed_captions=True,
            passthrough="theirs",
            source="generated_vod",
        )


@pytest.mark.parametrize(
    "odd", [OutcomeUnknown("broke off"), NotReached("no way"), FileRefused("not_there", host="h"), b"<html>"]
)
async def test_a_text_that_is_late_is_waited_for_before_anything_is_sent(world, odd) -> None:
    world.mux.add("asset1", tracks=[{"type": "audio"}, GENERATED])
    world.texts.odd = [odd] * 3
    job = await world.asked(language_code="en", replace=Replace.ALL)
    await world.submit.step()
    assert world.mux.created == []
    await world.run(seconds=120)
    assert len(world.mux.created) == 1
    assert await saved(world, job) == {"before:t1": b"WEBVTT of t1"}


async def test_a_text_that_never_comes_lets_the_person_decide(world) -> None:
    world.mux.add("asset1", tracks=[{"type": "audio"}, GENERATED])
    world.texts.odd = [OutcomeUnknown("broke off")] * 7
    job = await world.asked(language_code="en", replace=Replace.ALL)
    await world.run(seconds=600)
    ended = await world.job(job)
    assert (ended.state, ended.failure.code) == (State.REFUSED, preflight.UNSAVED)
    assert world.mux.created == []
    assert len(world.texts.reads) == saving.TRIES

    wish = Wish(asker=ASKER, name=job.id, key="button", mux_account="default", on_a_button=True)
    again = await world.store.transaction(steering.retry, wish, Act.UNSAVED)
    await world.run(seconds=60)
    going = await world.job(again.other)
    assert (going.unsaved_by, len(world.mux.created)) == ("U1", 1)
    assert [track.problem for track in going.saved] == [saving.UNREAD]


@pytest.mark.parametrize(
    ("policy", "can_sign", "track", "problem"),
    [
        ("signed", False, {}, saving.SIGNED),
        ("signed", True, {}, ""),
        ("public", False, {"status": "errored"}, saving.NO_TEXT),
    ],
)
async def test_what_cannot_be_saved_is_known_and_the_job_is_sent(
    world, policy, can_sign, track, problem
) -> None:
    playback = [{"id": "play1", "policy": policy}]
    world.mux.add("asset1", tracks=[{"type": "audio"}, {**GENERATED, **track}], playback_ids=playback)
    world.texts.can_sign = can_sign
    job = await world.asked(language_code="en", replace=Replace.ALL)
    await world.run()
    assert len(world.mux.created) == 1
    assert [each.problem for each in (await world.job(job)).saved] == [problem]
    assert bool(world.texts.reads) is not bool(problem)


async def test_beside_the_button_that_replaces_it_is_known_what_can_be_saved(world) -> None:
    playback = [{"id": "play1", "policy": "signed"}]
    world.mux.add("asset1", tracks=[{"type": "audio"}, GENERATED], playback_ids=playback)
    job = await world.asked(language_code="en")
    await world.run()
    ended = await world.job(job)
    assert ended.failure.code == preflight.CONFLICT
    assert [track.problem for track in ended.saved] == [saving.SIGNED]
    assert world.texts.reads == []


@pytest.mark.parametrize("status", [403, 500])
async def test_a_job_that_deletes_is_not_sent_without_a_look_at_the_asset(world, status) -> None:
    world.mux.odd = [status] * 5
    job = await world.asked(language_code="en", replace=Replace.ALL)
    await world.run(seconds=60)
    assert (await world.job(job)).failure.code == preflight.UNSAVED
    assert world.mux.created == []


async def test_reading_what_may_be_deleted_ends_before_the_claim_does(world) -> None:
    video = Video(
        asset_id="asset1", playback_id="p", policy="public", status="ready", tracks=(TextTrack(id="t1"),)
    )
    job = (await world.job(await world.asked(replace=Replace.ALL))).changed(pointer=None)

    class Slow(Texts):
        async def read(self, video: Any, track_id: str, *, cap_bytes: int) -> bytes:
            await asyncio.sleep(3600)
            return await super().read(video, track_id, cap_bytes=cap_bytes)

    rescued = await Saving(Slow(), total_seconds=0.001).take(job, video)
    assert (rescued.files, rescued.error) == ((), "it took longer than 0.001 s")
    anyway = await Saving(Slow(), total_seconds=0.001).take(job.changed(unsaved_by="U1"), video)
    assert (anyway.error, [track.problem for track in anyway.tracks]) == ("", [saving.UNREAD])


async def test_without_a_way_to_read_texts_a_job_that_deletes_asks_first() -> None:
    with pytest.raises(FileRefused):
        await Unread().read(Video(asset_id="a"), "t1", cap_bytes=1)
