"""What is to be captioned is looked at before anything is sent that could cost money."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.errors import FileRefused, NotReached, OutcomeUnknown
from bot.mux.client import MuxClient, connect
from bot.rules import preflight, saving
from bot.rules.jobs import Job, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.pacing import Timing
from bot.rules.policy import Act, Asker
from bot.rules.request import CaptionRequest, Replace
from bot.rules.saving import SavedTrack
from bot.rules.video import TextTrack, Video
from bot.services import captions, claiming, steering
from bot.services.captions import Ask
from bot.services.steering import Wish
from bot.store import effects, files, jobs
from bot.store.database import Database
from bot.workers.prepare import Prepare
from bot.workers.saving import Saving, Unread
from bot.workers.submit import Submit

DAY = 86_400.0
ASKER = Asker(team_id="T1", user_id="U1", channel_id="C1")


@dataclass
class Library:
    """A Mux with assets and playback ids. `odd` holds what happens to the next reads instead."""

    assets: dict[str, dict[str, Any]] = field(default_factory=dict)
    playbacks: dict[str, tuple[str, str]] = field(default_factory=dict)
    odd: list[Any] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    created: list[dict[str, Any]] = field(default_factory=list)

    def add(self, asset_id: str, **changes: Any) -> None:
        asset = {
            "id": asset_id,
            "status": "ready",
            "duration": 90.0,
            "meta": {"title": "Keynote"},
            "playback_ids": [{"id": f"play-{asset_id}", "policy": "public"}],
            "tracks": [{"type": "video"}, {"type": "audio"}],
            **changes,
        }
        self.assets[asset_id] = asset
        for playback in asset["playback_ids"]:
            self.playbacks[playback["id"]] = ("asset", asset_id)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        *_, kind, name = request.url.path.split("/")
        if request.method == "POST":
            sent = json.loads(request.content)
            self.created.append(sent["parameters"])
            made = {"id": f"m{len(self.created)}", "status": "pending", "units_consumed": 0, **sent}
            return httpx.Response(202, json={"data": made})
        self.reads.append(f"{kind}/{name}")
        odd = self.odd.pop(0) if self.odd else None
        if isinstance(odd, Exception):
            raise odd
        if odd is not None:
            return httpx.Response(odd, json={"error": {"type": "odd", "message": "No."}})
        found = self._asset(name) if kind == "assets" else self._playback(name)
        if found is None:
            return httpx.Response(404, json={"error": {"type": "not_found", "messages": ["No such thing."]}})
        return httpx.Response(200, json={"data": found})

    def _asset(self, name: str) -> dict[str, Any] | None:
        return self.assets.get(name)

    def _playback(self, name: str) -> dict[str, Any] | None:
        if name not in self.playbacks:
            return None
        kind, thing = self.playbacks[name]
        return {"id": name, "policy": "public", "object": {"type": kind, "id": thing}}


@dataclass
class Texts:
    """Where the text of tracks is read; `odd` holds what is raised, or handed out, instead."""

    can_sign: bool = False
    odd: list[Any] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)

    async def read(self, video: Any, track_id: str, *, cap_bytes: int) -> bytes:
        assert video.asset_id
        assert cap_bytes
        self.reads.append(track_id)
        odd = self.odd.pop(0) if self.odd else None
        if isinstance(odd, Exception):
            raise odd
        return b"WEBVTT of " + track_id.encode() if odd is None else odd


def always(value: Any) -> Any:
    """Return what gives the same for every workspace."""

    async def answer(_name: str) -> Any:
        return value

    return answer


@dataclass
class World:
    store: Database
    clock: Any
    mux: Library
    client: MuxClient
    submit: Submit
    texts: Texts

    async def asked(self, asset_id: str = "asset1", *, key: str = "act1", **changes: Any) -> Job:
        pointer = changes.pop("pointer", None)
        user_id = changes.pop("user_id", "U1")
        ask = Ask(
            request=CaptionRequest(asset_id=asset_id, **changes),
            pointer=pointer,
            request_key=key,
            team_id="T1",
            channel_id="C1",
            user_id=user_id,
            mux_account="default",
        )
        return (await self.store.transaction(captions.request, ask)).job

    async def linked(self, playback_id: str, *, key: str = "act1", **changes: Any) -> Job:
        pointer = Pointer(kind=PointerKind.PLAYBACK, id=playback_id, written=playback_id)
        return await self.asked(playback_id, key=key, pointer=pointer, **changes)

    async def job(self, job: Job) -> Job:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found.job

    async def wanted(self, job: Job, name: str) -> int:
        """Return which version of one of the job's effects is wanted."""
        found = await self.store.transaction(effects.by_key, f"{job.id}:{name}")
        return 0 if found is None else found.want

    async def run(self, *, seconds: float = 0.0) -> None:
        end = self.clock.now() + seconds
        while True:
            while await self.submit.step():
                pass
            due_in = await self.submit.due_in()
            if due_in is None or self.clock.now() + due_in > end:
                self.clock.at = end
                return
            self.clock.forward(max(due_in, 0.001))


@pytest.fixture
async def world(sqlite_store: Database, clock: Any) -> AsyncIterator[World]:
    mux = Library()
    async with connect("https://mux.test", "id", "secret", transport=httpx.MockTransport(mux)) as http:
        client = MuxClient(http, total_seconds=2.0, now=clock.now)
        texts = Texts()
        submit = Submit(sqlite_store, always(client), clock, timing=Timing(), jitter=lambda: 0.5, texts=texts)
        yield World(sqlite_store, clock, mux, client, submit, texts)


async def test_a_fit_video_is_known_by_title_and_length_before_its_job_is_sent(world) -> None:
    world.mux.add("asset1")
    job = await world.asked()

    await world.submit.step()
    seen = await world.job(job)
    assert (seen.state, seen.title, seen.duration_seconds) == (State.REQUESTED, "Keynote", 90.0)
    assert (seen.video.status, world.mux.created) == ("ready", [])

    await world.run()
    assert (await world.job(job)).state is State.PENDING
    assert world.mux.reads == ["assets/asset1"]
    assert len(world.mux.created) == 1


ENGLISH = {"type": "text", "id": "t1", "name": "English", "language_code": "en", "status": "ready"}
CAPTIONED = [{"type": "audio"}, ENGLISH]


@pytest.mark.parametrize(
    ("asset", "asked", "code"),
    [
        pytest.param({"is_live": True}, {}, "preflight_live", id="live"),
        pytest.param({"status": "errored"}, {}, "preflight_errored", id="errored"),
        pytest.param({"tracks": [{"type": "video"}]}, {}, "preflight_no_audio", id="silent"),
        pytest.param({"playback_ids": []}, {}, "preflight_no_playback", id="no-playback-id"),
        pytest.param(
            {"playback_ids": [{"id": "d", "policy": "drm"}]}, {}, "preflight_no_playback", id="drm-only"
        ),
        pytest.param({"tracks": CAPTIONED}, {"language_code": "en-GB"}, "preflight_conflict", id="track"),
        pytest.param({"tracks": CAPTIONED}, {"track_name": "english"}, "preflight_conflict", id="name"),
    ],
)
async def test_what_cannot_succeed_is_refused_before_anything_is_sent(world, asset, asked, code) -> None:
    world.mux.add("asset1", **asset)
    job = await world.asked(**asked)

    await world.run(seconds=3_600)

    ended = await world.job(job)
    assert (ended.state, ended.failure.code, ended.failure.status) == (State.REFUSED, code, None)
    assert world.mux.created == []
    assert await world.wanted(job, "result") == 1
    assert await world.store.transaction(claiming.due_in, "mux") is None


@pytest.mark.parametrize(
    "asked",
    [
        {"language_code": "de"},
        {},
        {"language_code": "en", "replace": Replace.ALL},
        {"language_code": "en", "replace": Replace.GENERATED},
        {"language_code": "en", "upload_to_mux": False},
    ],
)
async def test_a_track_that_is_not_in_the_way_stops_nothing(world, asked) -> None:
    world.mux.add("asset1", tracks=CAPTIONED)
    await world.asked(**asked)
    await world.run()
    assert len(world.mux.created) == 1


async def test_a_video_that_is_being_prepared_is_waited_for_and_looked_at_ever_more_rarely(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()

    await world.run(seconds=600)
    waiting = await world.job(job)
    assert (waiting.state, waiting.video.status) == (State.REQUESTED, "preparing")
    assert await world.wanted(job, "card") == 2
    assert 12 <= len(world.mux.reads) <= 18
    assert world.mux.created == []

    world.mux.assets["asset1"]["status"] = "ready"
    await world.run(seconds=80)
    assert (await world.job(job)).state is State.PENDING


async def test_a_wait_survives_a_restart(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run(seconds=30)

    again = Submit(world.store, always(world.client), world.clock, timing=Timing(), jitter=lambda: 0.5)
    world.mux.assets["asset1"]["status"] = "ready"
    world.clock.forward(80)
    while await again.step():
        pass
    assert (await world.job(job)).state is State.PENDING


async def test_nobody_waits_longer_than_a_day(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run(seconds=30)
    world.clock.forward(DAY)
    await world.run()
    ended = await world.job(job)
    assert (ended.state, ended.failure.code) == (State.REFUSED, "preflight_not_ready")


async def test_a_wait_goes_on_while_mux_does_not_answer(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run()
    world.mux.odd = [503] * 20
    await world.run(seconds=120)
    assert (await world.job(job)).state is State.REQUESTED


@pytest.mark.parametrize(
    ("odd", "reads"),
    [
        pytest.param([401], 1, id="401"),
        pytest.param([403], 1, id="403"),
        pytest.param([404, 404], 2, id="404-of-both-kinds"),
        pytest.param([404, 403], 2, id="404-then-403"),
        pytest.param([500, 500, 500], 3, id="500"),
        pytest.param([httpx.ReadTimeout("slow")] * 3, 3, id="time-out"),
        pytest.param([httpx.ConnectError("down")] * 3, 3, id="not-reached"),
        pytest.param([429, 429, 429], 3, id="429"),
    ],
)
async def test_a_job_whose_video_mux_does_not_show_is_sent_all_the_same(world, odd, reads) -> None:
    """Mux's own answer to the job decides, as it did before there was a look."""
    world.mux.odd = list(odd)
    job = await world.asked()
    await world.run(seconds=120)
    assert (await world.job(job)).state is State.PENDING
    assert len(world.mux.reads) == reads
    assert len(world.mux.created) == 1


async def test_a_playback_id_leads_to_its_asset(world) -> None:
    world.mux.add("asset1")
    job = await world.linked("play-asset1")
    assert job.pointer is not None

    await world.run()

    known = await world.job(job)
    assert (known.pointer, known.request.asset_id, known.state) == (None, "asset1", State.PENDING)
    assert [sent["asset_id"] for sent in world.mux.created] == ["asset1"]


async def test_a_bare_playback_id_is_understood_although_it_looks_like_an_asset_id(world) -> None:
    world.mux.add("asset1")
    job = await world.asked("play-asset1")
    await world.run()
    assert (await world.job(job)).request.asset_id == "asset1"
    assert world.mux.reads == ["assets/play-asset1", "playback-ids/play-asset1", "assets/asset1"]


@pytest.mark.parametrize("by", ["linked", "asked"])
async def test_a_live_stream_is_refused(world, by) -> None:
    world.mux.playbacks["stream1"] = ("live_stream", "s1")
    job = await getattr(world, by)("stream1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_live_stream"


async def test_a_playback_id_of_another_environment_is_refused(world) -> None:
    job = await world.linked("play-elsewhere")
    await world.run()
    failure = (await world.job(job)).failure
    assert (failure.code, failure.status) == ("preflight_other_environment", 404)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_playback_id_that_mux_may_not_show_is_refused(world, status) -> None:
    world.mux.odd = [status]
    job = await world.linked("play-asset1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_unanswered"


async def test_a_playback_id_of_something_unknown_is_refused(world) -> None:
    world.mux.playbacks["odd1"] = ("drawing", "d1")
    job = await world.linked("odd1")
    await world.run()
    assert (await world.job(job)).failure.code == "preflight_unanswered"


async def test_a_playback_id_is_asked_about_for_a_day(world) -> None:
    """Without the asset nothing can be sent, so patience is all there is."""
    world.mux.add("asset1")
    world.mux.odd = [503] * 5
    job = await world.linked("play-asset1")
    await world.run(seconds=3_600)
    assert (await world.job(job)).state is State.PENDING

    world.mux.odd = [503] * 5
    late = await world.linked("play-late", key="act2")
    await world.run()
    world.clock.forward(DAY)
    await world.run()
    assert (await world.job(late)).failure.code == "preflight_unanswered"


async def test_an_asset_behind_a_playback_id_that_mux_does_not_show_is_sent_all_the_same(world) -> None:
    world.mux.playbacks["play-hidden"] = ("asset", "hidden")
    await world.linked("play-hidden")
    await world.run()
    assert [sent["asset_id"] for sent in world.mux.created] == ["hidden"]


async def test_a_link_to_a_video_that_is_being_captioned_already_joins_that(world) -> None:
    world.mux.add("asset1", status="preparing")
    first = await world.asked(key="act1", user_id="U1")
    second = await world.linked("play-asset1", key="act2", user_id="U2")

    await world.run(seconds=10)

    joined = await world.job(second)
    assert (joined.state, joined.failure.code, joined.failure.message) == (
        State.REFUSED, "preflight_joined", first.id,
    )  # fmt: skip
    assert (await world.job(first)).watchers == ("U2",)


async def test_two_links_of_one_person_to_one_hidden_video_make_one_job(world) -> None:
    world.mux.playbacks |= {"play-1": ("asset", "hidden"), "play-2": ("asset", "hidden")}
    await world.linked("play-1", key="act1")
    second = await world.linked("play-2", key="act2")
    await world.run()
    assert len(world.mux.created) == 1
    assert (await world.job(second)).failure.code == "preflight_joined"


async def test_a_job_that_was_stopped_while_its_video_was_looked_at_is_not_sent(world) -> None:
    world.mux.add("asset1", status="preparing")
    job = await world.asked()
    await world.run()
    wish = steering.Wish(
        asker=steering.Asker(team_id="T1", channel_id="C1", user_id="U1"),
        name=job.id,
        key="x",
        mux_account="default",
    )
    await world.store.transaction(steering.cancel, wish)
    world.mux.assets["asset1"]["status"] = "ready"
    await world.run(seconds=600)
    assert (await world.job(job)).state is State.CANCELLED
    assert world.mux.created == []


async def test_a_look_whose_lease_was_lost_changes_nothing(world) -> None:
    """The next holder of the lane looks again."""
    world.mux.add("asset1")
    job = await world.asked()
    taken = await world.store.transaction(claiming.claim, "mux", owner="slow", timing=Timing())
    world.clock.forward(60)
    await world.run()
    assert len(world.mux.created) == 1

    slow = Prepare(world.store, always(world.client), jitter=lambda: 0.5, reached=lambda _boundary: None)
    await slow.perform(taken)
    await world.run()
    assert (await world.job(job)).state is State.PENDING
    assert len(world.mux.created) == 1


async def test_a_look_at_a_job_that_has_moved_on_is_closed(world) -> None:
    job = await world.asked()
    stored = await world.store.transaction(jobs.by_public_id, job.id)
    await world.store.transaction(jobs.advance, stored.row_id, State.PENDING)
    await world.submit.step()
    assert world.mux.reads == []


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
