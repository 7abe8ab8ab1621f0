"""A workspace with a file, a Mux that takes it, and the worker that brings it there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

from bot.errors import MuxRefused
from bot.mux.uploads import MuxUpload
from bot.rules.files import SlackFile
from bot.rules.jobs import Job
from bot.rules.links import Pointer, PointerKind
from bot.rules.pacing import Timing
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.video import Video
from bot.services import captions, steering
from bot.services.captions import Ask
from bot.store import effects, jobs, uploads
from bot.store.database import Database
from bot.workers.submit import Submit
from bot.workers.uploading import Uploading
from tests.workers.working import Crash, always, token_of

PIECES = (b"a" * 1000, b"b" * 1000, b"c" * 500)
DAY = 86_400.0


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
