"""A file goes from Slack to Mux once, whatever breaks off on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bot.errors import MuxRefused, NotReached, OutcomeUnknown, SlackRefused, Throttled
from bot.mux.uploads import MuxUpload
from bot.rules.files import SlackFile
from bot.rules.jobs import Job, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.pacing import Timing
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.video import Video
from bot.services import captions, steering, uploading
from bot.services.captions import Ask
from bot.store import effects, jobs, uploads
from bot.store.database import Database
from bot.workers.submit import Submit
from bot.workers.uploading import Uploading

PIECES = (b"a" * 1000, b"b" * 1000, b"c" * 500)
DAY = 86_400.0


class Crash(BaseException):
    """The process dies here."""


def file(**changes: Any) -> SlackFile:
    values: dict[str, Any] = {"id": "F1", "name": "cut.mp4", "media_type": "video/mp4", "size": 2500}
    return SlackFile(**values | {"url": "https://files.slack.com/cut.mp4"} | changes)


@dataclass
class FakeSlack:
    """Has one file. What is in `odd` happens instead of the next call of that name."""

    clock: Any
    file: SlackFile = field(default_factory=file)
    pieces: tuple[bytes, ...] = PIECES
    odd: dict[str, list[Exception]] = field(default_factory=dict)
    seconds_per_piece: float = 0.0
    between: Any = None

    async def file_info(self, token: str, file_id: str) -> SlackFile:
        assert (token, file_id) == ("xoxb-T1", "F1")
        self._trip("file_info")
        return self.file

    async def download(self, token: str, url: str) -> AsyncIterator[bytes]:
        assert (token, url) == ("xoxb-T1", self.file.url)
        for piece in self.pieces:
            if piece == PIECES[-1]:
                self._trip("download")
            self.clock.forward(self.seconds_per_piece)
            if self.between is not None:
                await self.between()
            yield piece

    def _trip(self, name: str) -> None:
        if self.odd.get(name):
            raise self.odd[name].pop(0)


@dataclass
class FakeMux:
    """Has uploads and the assets that came of them. `odd` as at Slack; `upload_after` breaks afterwards."""

    opened: dict[str, str] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    assets: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    odd: dict[str, list[Exception]] = field(default_factory=dict)
    slow: bool = False
    gone: set[str] = field(default_factory=set)

    async def create_upload(self, title: str, passthrough: str) -> MuxUpload:
        self._trip("create_upload")
        assert passthrough.startswith("captionbot:")
        name = f"up{len(self.opened) + 1}"
        self.opened[name] = ""
        self.titles.append(title)
        return MuxUpload(id=name, status="waiting", url=f"https://storage.test/{name}")

    async def upload_status(self, upload_id: str) -> MuxUpload:
        self._trip("upload_status")
        asset = "" if self.slow else self.opened[upload_id]
        status = self.status.get(upload_id, "asset_created" if asset else "waiting")
        return MuxUpload(id=upload_id, status=status, asset_id=asset, said="The file is broken.")

    async def upload(self, url: str, pieces: AsyncIterator[bytes], *, length: int, media_type: str) -> None:
        content = b"".join([piece async for piece in pieces])
        assert (len(content), media_type) == (length, "video/mp4")
        self._trip("upload")
        self.received.append(content)
        name = url.rsplit("/", 1)[1]
        if not self.opened[name]:
            self.opened[name] = f"asset-{name}"
            self.assets.append(self.opened[name])
        self._trip("upload_after")

    async def asset(self, asset_id: str) -> Video:
        if asset_id in self.gone:
            raise MuxRefused(status=404, code="not_found", messages=())
        self._trip("asset")
        return Video(asset_id=asset_id, title="cut.mp4", status="ready", playback_id="p", policy="public")

    def _trip(self, name: str) -> None:
        if self.odd.get(name):
            raise self.odd[name].pop(0)


def always(value: Any) -> Any:
    """Return what gives the same for every workspace."""

    async def answer(_name: str) -> Any:
        return value

    return answer


async def token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


@dataclass
class World:
    store: Database
    clock: Any
    slack: FakeSlack
    mux: FakeMux
    crash_at: str = ""

    def _reached(self, boundary: str) -> None:
        if boundary == self.crash_at:
            self.crash_at = ""
            raise Crash

    @property
    def worker(self) -> Uploading:
        return Uploading(
            self.store,
            cast("Any", self.slack),
            always(self.mux),
            self.clock,
            token_of=token_of,
            timing=Timing(),
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    async def asked(self, *, key: str = "act1", **changes: Any) -> Job:
        ask = Ask(
            request=CaptionRequest(asset_id="F1", **changes),
            pointer=Pointer(kind=PointerKind.FILE, id="F1", written="cut.mp4"),
            request_key=key,
            team_id="T1",
            channel_id="C1",
            user_id="U1",
            mux_account="default",
        )
        return (await self.store.transaction(captions.request, ask)).job

    async def job(self, job: Job) -> Job:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found.job

    async def run(self, *, seconds: float = 0.0, prepare: bool = False) -> None:
        """Step until nothing is due within `seconds`; with `prepare` look at the video too."""
        mux = cast("Any", self.mux)
        submit = Submit(self.store, always(mux), self.clock, timing=Timing(), jitter=lambda: 0.5)
        end = self.clock.now() + seconds
        while True:
            while await self.worker.step():
                pass
            if prepare and await submit.step():
                continue
            due_in = await self.worker.due_in()
            if due_in is None or self.clock.now() + due_in > end:
                return
            self.clock.forward(max(due_in, 0.001))

    async def stop(self, job: Job) -> None:
        asker = Asker(team_id="T1", user_id="U1", channel_id="C1")
        wish = steering.Wish(asker=asker, name=job.id, mux_account="default", key="k", poll_in_seconds=1.0)
        await self.store.transaction(steering.cancel, wish)

    async def waits(self, job: Job, name: str) -> bool:
        found = await self.store.transaction(effects.by_key, f"{job.id}:{name}")
        assert found is not None
        return found.due_at >= 1e15

    async def known(self) -> uploads.Upload | None:
        where = {"account": "default", "team_id": "T1", "file_id": "F1"}
        return await self.store.transaction(uploads.get, **where)


@pytest.fixture
def world(sqlite_store: Database, clock: Any) -> World:
    return World(sqlite_store, clock, FakeSlack(clock), FakeMux())


async def test_a_file_becomes_an_asset_and_only_then_is_its_job_looked_at(world) -> None:
    job = await world.asked()
    assert (job.title, await world.waits(job, "prepare")) == ("cut.mp4", True)
    await world.run()
    assert (world.mux.received, world.mux.titles) == ([b"".join(PIECES)], ["cut.mp4"])
    assert not await world.waits(job, "prepare")
    known = await world.known()
    assert known is not None
    assert (known.asset_id, known.url) == ("asset-up1", "")


async def test_the_job_learns_its_asset_and_goes_on_as_any_other(world) -> None:
    job = await world.asked()
    world.mux.odd["asset"] = [NotReached("no")]
    await world.run(prepare=True, seconds=0)
    world.clock.forward(10)
    await world.run(prepare=False)
    submit = Submit(world.store, always(world.mux), world.clock, timing=Timing(), jitter=lambda: 0.5)
    await submit.step()
    seen = await world.job(job)
    assert (seen.request.asset_id, seen.pointer, seen.state) == ("asset-up1", None, State.REQUESTED)
    assert not await world.waits(job, "create")


@pytest.mark.parametrize("boundary", ["upload.claimed", "upload.opened", "upload.sent", "upload.finished"])
async def test_a_bot_that_dies_anywhere_makes_one_asset(world, boundary) -> None:
    job = await world.asked()
    world.crash_at = boundary
    with pytest.raises(Crash):
        await world.worker.step()
    world.clock.forward(Timing().lease + 1)
    await world.run(seconds=60)
    assert world.mux.assets == ["asset-up2" if boundary == "upload.opened" else "asset-up1"]
    assert not await world.waits(job, "prepare")


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("create_upload", Throttled("slowly", retry_in=5.0)),
        ("create_upload", OutcomeUnknown("lost")),
        ("upload_status", NotReached("no")),
        ("upload", NotReached("no")),
        ("upload_after", OutcomeUnknown("lost")),
        ("upload_after", MuxRefused(status=410, code="gone", messages=())),
    ],
)
async def test_trouble_at_mux_is_gone_through_again_without_a_second_asset(world, where, error) -> None:
    job = await world.asked()
    world.mux.odd[where] = [error]
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1
    assert not await world.waits(job, "prepare")


@pytest.mark.parametrize("pieces", [PIECES[:2], (*PIECES, b"x")])
async def test_a_file_of_another_length_than_announced_is_no_whole_file(world, pieces) -> None:
    await world.asked()
    world.slack.pieces = pieces
    await world.worker.step()
    assert (world.mux.assets, (await world.known()).sent_at) == ([], None)
    world.slack.pieces = PIECES
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1


async def test_a_download_that_breaks_off_is_done_again(world) -> None:
    await world.asked()
    world.slack.odd["download"] = [OutcomeUnknown("broken off")]
    await world.run(seconds=60)
    assert len(world.mux.assets) == 1


async def test_a_long_transfer_keeps_its_claim(world) -> None:
    await world.asked()
    world.slack.seconds_per_piece = 20.0
    other: list[int] = []

    async def between() -> None:
        other.append(await world.worker.step())

    world.slack.between = between
    await world.worker.step()
    assert other == [0, 0, 0]
    assert len(world.mux.received) == 1


async def test_a_transfer_whose_claim_was_lost_writes_nothing(world) -> None:
    job = await world.asked()

    async def between() -> None:
        # Nothing came for longer than the claim lasts, so another loop has begun as well.
        world.slack.between = None
        world.clock.forward(Timing().lease + 1)
        await world.worker.step()

    world.slack.between = between
    await world.worker.step()
    assert (world.mux.assets, len(world.mux.received)) == (["asset-up1"], 1)
    assert not await world.waits(job, "prepare")


async def test_a_job_that_is_stopped_meanwhile_is_not_sent_on(world) -> None:
    job = await world.asked()
    world.slack.seconds_per_piece = 20.0

    async def between() -> None:
        world.slack.between = None
        await world.stop(job)

    world.slack.between = between
    await world.worker.step()
    await world.run(seconds=60)
    assert ((await world.job(job)).state, world.mux.assets) == (State.CANCELLED, [])


async def test_a_job_that_was_stopped_before_is_not_begun(world) -> None:
    job = await world.asked()
    await world.stop(job)
    await world.run(seconds=60)
    assert (world.mux.opened, (await world.job(job)).state) == ({}, State.CANCELLED)


async def test_mux_may_take_its_time_to_begin_the_asset(world) -> None:
    job = await world.asked()
    world.mux.slow = True
    await world.run(seconds=300)
    assert (await world.waits(job, "prepare"), len(world.mux.received)) == (True, 1)
    world.mux.slow = False
    await world.run(seconds=120)
    assert (await world.waits(job, "prepare"), len(world.mux.received)) == (False, 1)


async def test_what_mux_never_begins_is_sent_to_a_new_place(world) -> None:
    await world.asked()
    world.mux.status["up1"] = "waiting"
    await world.run(seconds=uploading.SETTLE_SECONDS + 200)
    assert list(world.mux.opened) == ["up1", "up2"]


async def test_two_jobs_about_one_file_send_it_once(world) -> None:
    first = await world.asked()
    second = await world.asked(key="act2", language_code="es")
    await world.run(seconds=60)
    assert (first.id != second.id, len(world.mux.received)) == (True, 1)
    assert not await world.waits(second, "prepare")


async def test_a_file_whose_asset_was_deleted_at_mux_is_sent_again(world) -> None:
    await world.asked()
    await world.run()
    world.mux.gone.add("asset-up1")
    await world.asked(key="act2", language_code="es")
    await world.run(seconds=60)
    assert world.mux.assets == ["asset-up1", "asset-up2"]


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
