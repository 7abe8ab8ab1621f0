"""Only caption files are kept, and what cannot be had is told and can be tried again."""

from __future__ import annotations

import pytest

from bot.errors import FileRefused, MuxRefused, OutcomeUnknown
from bot.rules.archive import FilesState
from bot.rules.jobs import Outcome, Report, Signal, State
from bot.rules.policy import Asker
from bot.rules.sharing import Wish
from bot.services import archiving, progress, sharing
from tests.workers.archive.world import SRT

BAD = [
    (b"<html><body>Sign in</body></html>", "markup"),
    (b"", "empty"),
    (b"\x1f\x8b\x08" + b"\x00\x01" * 400, "binary"),
    (b'{"error": "x"}', "json"),
    (b"WEBVTT\n\n00:00.000 --> 00:01.000\nx\n", "webvtt"),
    (b"<!channel> come here", "no_cues"),
]


@pytest.mark.parametrize(("content", "code"), BAD, ids=[code for _, code in BAD])
async def test_what_is_no_caption_file_is_told_and_never_kept(world, content, code):
    job = await world.finished()
    await world.say()
    world.mux.behind["srt"] = content
    await world.run(10)
    left = await world.left(job)
    assert (left.files, left.reason) == (FilesState.FAILED, code)
    assert left.kinds == ()
    assert world.slack.messages == []
    assert (await world.effect(job, "result")).want > 1
    assert (await world.stored(job)).job.state is State.COMPLETED


async def test_word_timings_that_are_no_json_are_told(world):
    job = await world.finished(words_url="words")
    world.mux.behind["words"] = b"<html>"
    await world.run(10)
    assert (await world.left(job)).reason == "json"


async def test_an_ended_link_is_replaced_by_the_one_that_mux_gives_now(world):
    job = await world.finished()
    world.mux.behind |= {"srt": FileRefused("expired", host="h"), "fresh": SRT}
    world.mux.job_now = Report(
        signal=Signal.COMPLETED, mux_id="m0", outcome=Outcome(track_id="tr1", srt_url="fresh")
    )
    await world.run(10)
    assert (await world.left(job)).files is FilesState.KEPT


@pytest.mark.parametrize(
    ("refused", "now"),
    [
        ("expired", MuxRefused(status=404, code="not_found", messages=())),
        ("expired", Report(signal=Signal.COMPLETED, mux_id="m0", outcome=Outcome(srt_url="srt"))),
        ("too_large", None),
        ("web_page", None),
    ],
)
async def test_files_that_cannot_be_had_are_told_and_can_be_tried_again(world, refused, now):
    job = await world.finished()
    await world.say()
    world.mux.behind["srt"] = FileRefused(refused, host="h")
    world.mux.job_now = now
    await world.run(10)
    assert (await world.left(job)).reason == refused
    world.mux.behind["srt"] = SRT
    asker = Asker(team_id="T1", user_id="U1", channel_id="C1")
    asked = await world.store.transaction(sharing.ask, asker, name=job.id, account="default")
    assert asked.wish is Wish.FETCHING
    await world.run(10)
    assert (await world.left(job)).files is FilesState.KEPT
    assert len(world.slack.messages) == 1


async def test_a_job_without_a_link_says_so(world):
    job = await world.finished(srt_url=None)
    await world.run(10)
    assert (await world.left(job)).reason == "no_link"


async def test_a_store_that_does_not_answer_is_asked_again_and_given_up_in_the_end(world):
    job = await world.finished()
    world.mux.behind["srt"] = OutcomeUnknown("reset")
    await world.run(20)
    assert (await world.left(job)).files is FilesState.WAITING
    await world.run(4 * 3600)
    assert (await world.left(job)).reason == "unreached"
    assert len(world.mux.fetched) == archiving.GIVE_UP_AFTER


async def test_a_job_that_did_not_complete_after_all_keeps_no_files(world):
    job = await world.finished()
    stored = await world.stored(job)
    await world.store.transaction(
        progress.settle, stored.row_id, Report(signal=Signal.ERRORED, mux_id=stored.job.mux_id)
    )
    await world.run(10)
    assert await world.left(job) is None
    assert world.mux.fetched == []


async def test_a_job_that_nobody_kept_files_of_has_none(world):
    job = await world.finished()
    asker = Asker(team_id="T1", user_id="U1", channel_id="C1")
    asked = await world.store.transaction(sharing.ask, asker, name=job.id, account="default")
    assert asked.wish is Wish.NONE
