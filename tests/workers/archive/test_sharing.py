"""Files are shared once, whatever breaks, and where they cannot be they are offered as links."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, Throttled
from bot.rules.archive import FilesState
from bot.rules.jobs import State
from bot.rules.policy import Asker
from bot.rules.sharing import Wish
from bot.services import sharing
from bot.store import archive, effects, files
from tests.workers.archive.world import SRT
from tests.workers.working import Crash


async def test_files_are_kept_measured_and_shared_under_the_card_in_one_message(world):
    job = await world.finished(words_url="words")
    await world.say()
    await world.run(10)
    stored = await world.stored(job)
    kept = {each.kind: each for each in await world.store.transaction(files.listed, stored.row_id)}
    assert set(kept) == {"srt", "vtt", "txt", "words", "report", "timeline"}
    assert await world.store.transaction(files.content, kept["srt"].id) == SRT
    left = await world.left(job)
    assert (left.files, left.report.cues) == (FilesState.KEPT, 2)
    card = await world.effect(job, "card")
    (message,) = world.slack.messages
    assert (message["channel"], message["thread_ts"]) == ("C1", card.ext_id)
    assert len(message["files"]) == 6
    assert next(each["alt"] for each in world.slack.places.values() if each["name"].endswith(".png"))
    shared = await world.effect(job, "files")
    assert (shared.ext_id, shared.have) == (message["ts"], 1)


async def test_files_wait_until_the_result_is_said(world):
    job = await world.finished()
    await world.run(30)
    assert world.slack.messages == []
    await world.say()
    await world.run(10)
    assert len(world.slack.messages) == 1
    assert (await world.stored(job)).job.state is State.COMPLETED


BOUNDARIES = (
    "archive.claimed",
    "archive.begun",
    "archive.fetched",
    "archive.made",
    "share.uploaded",
    "share.intended",
    "share.completed",
    "share.looked",
)


@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_a_process_that_dies_anywhere_shares_every_file_once(world, boundary):
    await world.finished()
    await world.say()
    world.crash_at = boundary
    with pytest.raises(Crash):
        await world.run(10)
    world.clock.forward(world.timing.lease + 1)
    await world.run(300)
    assert len(world.slack.messages) == 1
    assert len(set(world.slack.messages[0]["files"])) == len(world.slack.messages[0]["files"]) == 5


ODD = [
    ("place", NotReached("no")),
    ("place", OutcomeUnknown("reset")),
    ("put", OutcomeUnknown("reset")),
    ("complete", Throttled("429", retry_in=7.0)),
    ("complete", OutcomeUnknown("lost before")),
    ("after:complete", OutcomeUnknown("lost after")),
    ("info", OutcomeUnknown("reset")),
]


@pytest.mark.parametrize(("call", "error"), ODD, ids=[f"{call}-{error}" for call, error in ODD])
async def test_whatever_becomes_of_a_request_every_file_is_shared_once(world, call, error):
    job = await world.finished()
    await world.say()
    world.slack.odd = {call: [error]}
    await world.run(400)
    assert len(world.slack.messages) == 1
    shared = await world.effect(job, "files")
    assert (shared.have, shared.suspect) == (1, False)


async def test_a_share_that_slack_never_shows_is_sent_anew_and_in_the_end_offered_as_links(world):
    job = await world.finished()
    await world.say()
    world.slack.shows = False
    await world.run(600)
    left = await world.left(job)
    assert left.offer.code == "not_shared"
    assert [label for label, _ in left.offer.links][:2] == ["SRT", "WebVTT"]
    assert len(set(world.slack.deleted)) == 5 * sharing.MOST_ROUNDS
    assert (await world.effect(job, "result")).want > 1


async def test_a_late_copy_is_deleted_by_the_audit(world):
    job = await world.finished()
    await world.say()
    world.slack.odd = {"after:complete": [OutcomeUnknown("lost")]}
    late: list[dict[str, Any]] = []
    shows, world.slack.shows = world.slack.shows, False
    await world.run(5)
    world.slack.shows = shows
    first = await world.store.transaction(archive.shares, f"{job.id}:files")
    await world.run(70)
    late.append(
        {"ts": "9.9", "files": list(first[0].slack_ids), "channel": "C1", "thread_ts": None, "text": ""}
    )
    world.slack.messages += late
    await world.run(200)
    assert len(world.slack.messages) == 1
    assert world.slack.messages[0]["ts"] != "9.9"


@pytest.mark.parametrize(
    "code", ["file_uploads_disabled", "not_in_channel", "missing_scope", "storage_limit_reached"]
)
async def test_where_slack_takes_no_files_our_own_links_are_offered(world, code):
    job = await world.finished()
    await world.say()
    world.slack.odd = {"place" if "scope" in code else "complete": [SlackRefused(code, method="x")]}
    await world.run(30)
    left = await world.left(job)
    assert (left.offer.code, len(left.offer.links)) == (code, 5)
    assert all(url.startswith("https://bot.example/files/") for _, url in left.offer.links)
    assert (await world.effect(job, "result")).want > 1
    assert (await world.stored(job)).job.state is State.COMPLETED


async def test_without_a_public_address_no_links_are_made(world):
    job = await world.finished()
    await world.say()
    world.public_url = ""
    world.slack.odd = {"complete": [SlackRefused("file_uploads_disabled", method="x")]}
    await world.run(30)
    assert (await world.left(job)).offer.links == ()


async def test_a_thread_that_takes_no_replies_sends_the_files_to_the_requester(world):
    await world.finished()
    await world.say()
    world.slack.odd = {"complete": [SlackRefused("thread_not_found", method="x")]}
    await world.run(60)
    (message,) = world.slack.messages
    assert (message["channel"], message["thread_ts"]) == ("D1", None)


async def test_a_revoked_token_keeps_the_files_until_there_is_another(world):
    job = await world.finished()
    await world.say()
    world.slack.odd = {"place": [SlackRefused("token_revoked", method="x")]}
    await world.run(30)
    assert world.slack.messages == []
    assert (await world.left(job)).offer is None
    await world.run(400)
    assert len(world.slack.messages) == 1


async def test_where_files_may_not_be_read_slacks_yes_is_believed(world):
    job = await world.finished()
    await world.say()
    world.slack.odd = {"info": [SlackRefused("missing_scope", method="x")] * 9}
    await world.run(30)
    assert len(world.slack.messages) == 1
    assert (await world.effect(job, "files")).have == 1


async def test_without_a_yes_and_without_the_right_to_look_the_first_files_are_deleted_and_sent_anew(world):
    job = await world.finished()
    await world.say()
    world.slack.odd = {
        "after:complete": [OutcomeUnknown("lost")],
        "info": [SlackRefused("missing_scope", method="x")] * 99,
    }
    await world.run(300)
    assert len(world.slack.messages) == 1
    assert len(world.slack.deleted) == 5
    assert (await world.effect(job, "files")).have == 1


async def test_the_files_button_shares_again_once_for_a_double_click_and_years_later(world):
    job = await world.finished()
    await world.say()
    await world.run(60)
    here = Asker(team_id="T1", user_id="U9", channel_id="C1")

    async def press(asker: Asker = here) -> Wish:
        asked = await world.store.transaction(sharing.ask, asker, name=job.id, account="default")
        return asked.wish

    world.clock.forward(3 * 365 * 86_400.0)
    assert [await press(), await press()] == [Wish.SHARED, Wish.REPEATED]
    await world.run(10)
    assert await press() is Wish.REPEATED
    assert len(world.slack.messages) == 2
    world.clock.forward(sharing.PAUSE_SECONDS + 1)
    assert await press() is Wish.SHARED
    elsewhere = Asker(team_id="T1", user_id="U1", channel_id="D1")
    assert await press(elsewhere) is Wish.SHARED
    await world.run(60)
    assert [each["channel"] for each in world.slack.messages] == ["C1", "C1", "C1", "D1"]
    assert await press(Asker(team_id="T1", user_id="U9", channel_id="C2")) is Wish.UNKNOWN


async def test_files_without_any_place_are_offered_as_links(world):
    job = await world.finished()
    await world.say()
    result = await world.effect(job, "result")
    await world.store.transaction(
        lambda tx: effects.retarget(tx, result.id, lane="x", target="C1", detour="x", due_at=4e9)
    )
    await world.store.transaction(effects.bury, result.id, error="x")
    await world.run(10)
    assert (await world.left(job)).offer.code == "undeliverable"
