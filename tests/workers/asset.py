"""A Mux with one asset whose tracks were replaced, and the worker that puts them back."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.errors import FileRefused
from bot.mux.client import MuxClient
from bot.rules.effects import Kind
from bot.rules.pacing import Timing
from bot.rules.policy import Asker
from bot.rules.restoring import Outcome as Wish
from bot.services import recovery, restoring
from bot.store import effects, jobs
from bot.store.database import Database
from bot.workers.submit import Submit
from tests.workers.working import Crash, always

ASKER = Asker(team_id="T1", user_id="U1", channel_id="C1")
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n{}\n"


@dataclass
class Asset:
    """A Mux with one asset; a new track is ready at the second look at it, or `errored` if that is told.

    `odd` holds, by method, what happens to the next requests instead, and `after` what happens after them.
    """

    texts: dict[str, str]
    tracks: dict[str, dict[str, Any]] = field(default_factory=dict)
    odd: dict[str, list[Any]] = field(default_factory=dict)
    after: dict[str, list[Any]] = field(default_factory=dict)
    unreadable: int = 0
    sent: list[tuple[str, str]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)

    can_sign = False

    def add(self, track_id: str, text: str, **details: Any) -> None:
        self.tracks[track_id] = {"id": track_id, "type": "text", "status": "ready", "text": text, **details}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append((request.method, request.url.path.rpartition("/")[2]))
        odd = self.odd.get(request.method)
        answer = odd.pop(0) if odd else None
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            answer = self._answer(request)
        later = self.after.get(request.method)
        if later:
            raise later.pop(0)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        if request.method == "DELETE":
            gone = self.tracks.pop(name, None)
            return httpx.Response(404 if gone is None else 204)
        if request.method == "POST":
            return self._make(json.loads(request.content))
        shown = [
            {key: value for key, value in track.items() if key != "text"} for track in self.tracks.values()
        ]
        for track in self.tracks.values():
            if track["status"] == "preparing":
                track["status"] = "errored" if track["text"] is None else "ready"
        playback = [{"id": "play1", "policy": "public"}]
        asset = {"id": "asset1", "status": "ready", "playback_ids": playback, "tracks": shown}
        return httpx.Response(200, json={"data": asset})

    def _make(self, body: dict[str, Any]) -> httpx.Response:
        if any(track["name"] == body["name"] for track in self.tracks.values()):
            error = {"type": "invalid_parameters", "messages": ["A text track of that name exists already"]}
            return httpx.Response(400, json={"error": error})
        readable = self.unreadable == 0
        self.unreadable -= 0 if readable else 1
        track_id = f"new-{next(self.numbers)}"
        text = self.texts[body.pop("url").rpartition("/")[2]] if readable else None
        self.add(track_id, text, **{**body, "status": "preparing"})
        return httpx.Response(201, json={"data": {"id": track_id, **body, "status": "preparing"}})

    async def read(self, video: Any, track_id: str, *, cap_bytes: int) -> bytes:
        del video, cap_bytes
        if track_id not in self.tracks:
            raise FileRefused("not_there", host="stream")
        return self.tracks[track_id]["text"].encode()

    def shown(self) -> list[tuple[Any, ...]]:
        return sorted(
            (
                track["name"],
                track.get("language_code"),
                bool(track.get("closed_captions")),
                track.get("passthrough", ""),
                track["text"],
            )
            for track in self.tracks.values()
        )


@dataclass
class World:
    store: Database
    clock: Any
    mux: Asset
    client: MuxClient
    row_id: int = 0
    boundaries: list[str] = field(default_factory=list)
    dies_at: int | None = None

    def reached(self, boundary: str) -> None:
        self.boundaries.append(boundary)
        if self.dies_at is not None and len(self.boundaries) > self.dies_at:
            self.dies_at = None
            raise Crash

    async def wish(self, *, public_url: str = "https://bot.example.com") -> Wish:
        job = (await self.store.transaction(jobs.get, self.row_id)).job
        wished = await self.store.transaction(restoring.wish, job.id, ASKER, public_url=public_url)
        return wished.outcome

    async def run(self, *, seconds: float = 1_800, public_url: str = "https://bot.example.com") -> None:
        submit = Submit(
            self.store,
            always(self.client),
            self.clock,
            timing=Timing(),
            jitter=lambda: 1.0,
            reached=self.reached,
            texts=self.mux,
            public_url=public_url,
        )
        end = self.clock.now() + seconds
        while True:
            try:
                if await submit.step():
                    continue
            except Crash:
                await self.store.transaction(recovery.take_over)
                continue
            due_in = await submit.due_in()
            if due_in is None or self.clock.now() + due_in > end:
                return
            self.clock.forward(max(due_in, 0.01))

    async def restore(self) -> Any:
        return (await self.store.transaction(jobs.get, self.row_id)).job.restore

    async def told(self) -> int:
        found = await self.store.transaction(effects.of_job, self.row_id)
        return sum(effect.kind is Kind.RESTORED for effect in found)
