"""Files are kept and shared once, whatever breaks; a track is waited for; a job stays as it ended."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.errors import FileRefused, MuxRefused, NotReached, OutcomeUnknown, SlackRefused, Throttled
from bot.mux.fetching import Fetched
from bot.rules.archive import Archive as Left
from bot.rules.archive import FilesState, TrackState
from bot.rules.effects import Kind
from bot.rules.jobs import Job, Outcome, Report, Signal, State
from bot.rules.pacing import Timing
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.sharing import Wish
from bot.rules.video import TextTrack, TrackNews
from bot.services import archiving, captions, claiming, outbox, progress, sharing
from bot.services.archiving import Kept
from bot.slack.files import Place
from bot.store import archive, effects, files, jobs
from bot.store.database import Database
from bot.workers.archive import Archive

SRT = (
    b"1\n00:00:00,500 --> 00:00:02,000\n[speaker_0] Hello there.\n\n2\n00:00:03,000 --> 00:00:05,000\nBye.\n"
)
WORDS = json.dumps({"words": []}).encode()


class Crash(BaseException):
    """The process dies here."""


@dataclass
class FakeSlack:
    """A workspace that takes files. `odd` holds what happens instead of, or (`after:`) behind, next calls."""

    clock: Any
    odd: dict[str, list[Exception]] = field(default_factory=dict)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    shows: bool = True
    between: Any = None

    async def open_dm(self, _token: str, user: str) -> str:
        return user.replace("U", "D", 1)

    async def place(self, token: str, name: str, length: int, *, alt: str = "") -> Place:
        assert token == "xoxb-T1"
        self._trip("place")
        file_id = f"F{next(self.numbers)}"
        self.places[file_id] = {"name": name, "length": length, "alt": alt}
        return Place(file_id=file_id, url=f"https://files.slack.com/{file_id}")

    async def put(self, place: Place, content: bytes) -> None:
        self._trip("put")
        assert len(content) == self.places[place.file_id]["length"]
        self.uploaded[place.file_id] = content
        if self.between is not None:
            await self.between()

    async def complete(
        self, _token: str, titles: Any, channel: str, *, thread_ts: str | None = None, comment: str = ""
    ) -> None:
        self._trip("complete")
        message = {
            "ts": f"{self.clock.now():.6f}",
            "files": [file_id for file_id, _ in titles],
            "channel": channel,
            "thread_ts": thread_ts,
            "text": comment,
        }
        if self.shows:
            self.messages.append(message)
        self._trip("after:complete")

    async def shared_as(self, _token: str, file_id: str, channel: str) -> str | None:
        self._trip("info")
        return next(
            (each["ts"] for each in self.messages if file_id in each["files"] and each["channel"] == channel),
            None,
        )

    async def delete(self, _token: str, file_id: str) -> None:
        self.deleted.append(file_id)
        self.messages = [each for each in self.messages if file_id not in each["files"]]

    def _trip(self, name: str) -> None:
        if self.odd.get(name):
            raise self.odd[name].pop(0)


@dataclass
class FakeMux:
    """Has files behind links, one track, and the job as it is now."""

    behind: dict[str, bytes | Exception] = field(default_factory=lambda: {"srt": SRT, "words": WORDS})
    track_now: TextTrack | Exception | None = None
    job_now: Report | Exception | None = None
    fetched: list[str] = field(default_factory=list)

    async def fetch(self, url: str, *, cap_bytes: int) -> Fetched:
        assert cap_bytes > 0
        self.fetched.append(url)
        found = self.behind[url]
        if isinstance(found, Exception):
            raise found
        return Fetched(content=found, content_type="text/plain")

    async def track(self, asset_id: str, track_id: str) -> TextTrack | None:
        assert (asset_id, track_id) == ("asset1", "tr1")
        if isinstance(self.track_now, Exception):
            raise self.track_now
        return self.track_now

    async def get(self, _mux_id: str) -> Report:
        if isinstance(self.job_now, Exception):
            raise self.job_now
        assert self.job_now is not None
        return self.job_now


@dataclass
class World:
    """A bot's store with finished jobs, and the worker that deals with what they left."""

    store: Database
    clock: Any
    slack: FakeSlack
    mux: FakeMux
    timing: Timing = field(default_factory=Timing)
    public_url: str = "https://bot.example"
    crash_at: str = ""
    names: Any = field(default_factory=itertools.count)

    @property
    def worker(self) -> Archive:
        fake: Any = self.slack
        behind: Any = self.mux
        return Archive(
            self.store,
            self.clock,
            slack=fake,
            uploads=fake,
            mux_of=_always(behind),
            files=behind,
            token_of=_token_of,
            timing=self.timing,
            public_url=self.public_url,
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    async def finished(self, **changes: Any) -> Job:
        """Return a job that Mux has completed."""
        number = next(self.names)
        ask = captions.Ask(
            request=CaptionRequest(asset_id="asset1", language_code="en"),
            request_key=f"act{number}",
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
        )
        job = (await self.store.transaction(captions.request, ask)).job
        outcome = Outcome(**{"language_code": "en", "track_id": "tr1", "srt_url": "srt", **changes})
        report = Report(signal=Signal.COMPLETED, mux_id=f"m{number}", outcome=outcome)
        stored = await self.store.transaction(jobs.by_public_id, job.id)
        await self.store.transaction(progress.apply, stored.row_id, report)
        return job

    async def say(self) -> None:
        """Say cards and results, as Slack would take them."""
        while True:
            taken = await self.store.transaction(
                claiming.claim, "slack", owner=f"o{next(self.names)}", timing=self.timing
            )
            if taken is None:
                ready = await self.store.transaction(claiming.due_in, "slack")
                if ready is None or ready > 5:
                    return
                self.clock.forward(max(ready, 0.001))
                continue
            ext_id = taken.effect.ext_id or f"{self.clock.now():.6f}"
            await self.store.transaction(
                outbox.done, taken, ext_id=ext_id, ext_channel="C1", timing=self.timing
            )

    async def run(self, seconds: float = 0.0) -> None:
        """Step until nothing is due, then move the clock to what is due next, for at most `seconds`."""
        end = self.clock.now() + seconds
        worker = self.worker
        while True:
            while await worker.step():
                pass
            due_in = await worker.due_in()
            if due_in is None or self.clock.now() + due_in > end:
                return
            self.clock.forward(max(due_in, 0.001))

    async def left(self, job: Job) -> Left | None:
        stored = await self.stored(job)
        return await self.store.transaction(archive.get, stored.row_id, with_report=True)

    async def stored(self, job: Job) -> jobs.StoredJob:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found

    async def effect(self, job: Job, name: str) -> Any:
        return await self.store.transaction(effects.by_key, f"{job.id}:{name}")

    def _reached(self, boundary: str) -> None:
        if boundary == self.crash_at:
            self.crash_at = ""
            raise Crash


def _always(value: Any) -> Callable[[str], Awaitable[Any]]:
    async def answer(_name: str) -> Any:
        return value

    return answer


async def _token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


@pytest.fixture
def world(sqlite_store: Database, clock: Any) -> World:
    return World(sqlite_store, clock, FakeSlack(clock), FakeMux())


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


@pytest.mark.parametrize(
    ("track", "state", "said"),
    [
        (TextTrack(id="tr1", status="ready"), TrackState.READY, ""),
        (TextTrack(id="tr1", status="errored", said="bad file"), TrackState.ERRORED, "bad file"),
        (None, TrackState.GONE, ""),
        (MuxRefused(status=404, code="not_found", messages=()), TrackState.GONE, ""),
    ],
)
async def test_what_became_of_the_track_is_found_out_by_asking(world, track, state, said):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(0)
    assert (await world.left(job)).track is TrackState.PREPARING
    world.mux.track_now = track
    await world.run(120)
    left = await world.left(job)
    assert (left.track, left.track_said) == (state, said)


async def test_a_webhook_makes_a_track_be_looked_at_now(world):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(100)
    world.mux.track_now = TextTrack(id="tr1", status="ready")
    assert not await world.worker.step()
    news = TrackNews(what="ready", asset_id="asset1", track=TextTrack(id="tr1"))
    assert await world.store.transaction(archiving.heard, account="default", news=news) == 1
    await world.run(0)
    assert (await world.left(job)).track is TrackState.READY
    assert await world.store.transaction(archiving.heard, account="default", news=news) == 0


async def test_a_track_that_mux_never_finishes_is_not_waited_for_for_ever(world):
    job = await world.finished()
    world.mux.track_now = TextTrack(id="tr1", status="preparing")
    await world.run(2 * 86_400)
    assert (await world.left(job)).track is TrackState.UNKNOWN


async def test_a_job_without_a_track_waits_for_none(world):
    job = await world.finished(track_id=None)
    await world.run(10)
    assert (await world.left(job)).track is TrackState.NONE
    assert await world.effect(job, "track") is None


async def test_an_unreachable_mux_is_asked_about_the_track_later(world):
    job = await world.finished()
    world.mux.track_now = NotReached("down")
    await world.run(20)
    assert (await world.left(job)).track is TrackState.PREPARING


TIMING = Timing()
A_SHARE = archive.Share(id=1, slack_ids=("F1",), intended_at=0.0)
WRITERS: list[Callable[[Any, Any], Any]] = [
    lambda tx, taken: archiving.begin(tx, taken) is not None,
    lambda tx, taken: archiving.kept(tx, taken, Kept(files=(), report=cast("Any", None))),
    lambda tx, taken: archiving.failed(tx, taken, reason="x"),
    lambda tx, taken: archiving.unanswered(tx, taken, error="x", retry_in=None, jitter=0.0),
    lambda tx, taken: archiving.told(tx, taken, TextTrack(id="t", status="ready"), jitter=0.0),
    lambda tx, taken: archiving.told(tx, taken, TextTrack(id="t", status="preparing"), jitter=0.0),
    lambda tx, taken: sharing.renewed(tx, taken, timing=TIMING),
    lambda tx, taken: sharing.intended(tx, taken, ("F1",)) is not None,
    lambda tx, taken: sharing.answered(tx, taken, 1),
    lambda tx, taken: sharing.not_done(tx, taken, 1, error="x", retry_in=None, jitter=0.0),
    sharing.sent_anew,
    sharing.nothing_sent,
    lambda tx, taken: sharing.shown(tx, taken, 1, channel="C1", ts="1.1", timing=TIMING),
    lambda tx, taken: sharing.not_shown(tx, taken, A_SHARE, timing=TIMING, jitter=0.0),
    lambda tx, taken: sharing.offered(tx, taken, code="x", public_url=""),
    lambda tx, taken: sharing.to_person(tx, taken, code="x"),
]


@pytest.mark.parametrize("write", WRITERS, ids=range(len(WRITERS)))
async def test_whoever_lost_the_claim_writes_nothing(world, write):
    job = await world.finished()
    taken = await world.store.transaction(claiming.claim, "archive", owner="slow", timing=world.timing)
    world.clock.forward(world.timing.lease + 1)
    other = await world.store.transaction(claiming.claim, "archive", owner="quick", timing=world.timing)
    assert other.effect.id == taken.effect.id
    before = await world.effect(job, "fetch")
    assert not await world.store.transaction(write, taken)
    assert await world.effect(job, "fetch") == before
    assert await world.left(job) is None


async def test_a_share_that_somebody_else_took_over_is_left_to_them(world):
    await world.finished()
    await world.say()

    async def take_over() -> None:
        world.slack.between = None
        world.clock.forward(world.timing.lease + 1)
        while True:
            taken = await world.store.transaction(
                claiming.claim, "archive", owner=f"other{next(world.names)}", timing=world.timing
            )
            if taken.effect.kind is Kind.SHARE:
                return

    world.slack.between = take_over
    while await world.worker.step():
        pass
    assert world.slack.messages == []
    assert len(world.slack.uploaded) == 1


async def test_a_job_that_did_not_complete_after_all_keeps_no_files(world):
    job = await world.finished()
    stored = await world.stored(job)
    await world.store.transaction(
        progress.settle, stored.row_id, Report(signal=Signal.ERRORED, mux_id=stored.job.mux_id)
    )
    await world.run(10)
    assert await world.left(job) is None
    assert world.mux.fetched == []


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


async def test_a_job_that_nobody_kept_files_of_has_none(world):
    job = await world.finished()
    asker = Asker(team_id="T1", user_id="U1", channel_id="C1")
    asked = await world.store.transaction(sharing.ask, asker, name=job.id, account="default")
    assert asked.wish is Wish.NONE
