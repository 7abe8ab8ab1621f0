"""A workspace that takes files, a Mux that has them, and the worker between the two."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from bot.mux.fetching import Fetched
from bot.rules.archive import Archive as Left
from bot.rules.jobs import Job, Outcome, Report, Signal
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.rules.video import TextTrack
from bot.services import captions, claiming, outbox, progress
from bot.slack.files import Place
from bot.store import archive, effects, jobs
from bot.store.database import Database
from bot.workers.archive import Archive
from tests.workers.working import Crash, always, token_of, work

SRT = (
    b"1\n00:00:00,500 --> 00:00:02,000\n[speaker_0] Hello there.\n\n2\n00:00:03,000 --> 00:00:05,000\nBye.\n"
)
WORDS = json.dumps({"words": []}).encode()


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
            mux_of=always(behind),
            files=behind,
            token_of=token_of,
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
        """Let the worker work, as `working.work` says."""
        await work(self.worker, self.clock, seconds=seconds)

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
