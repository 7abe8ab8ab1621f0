"""A Mux with assets and playback ids, the texts of their tracks, and the worker that looks at them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.mux.client import MuxClient
from bot.rules.jobs import Job
from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.services import captions
from bot.services.captions import Ask
from bot.store import effects, jobs
from bot.store.database import Database
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


ENGLISH = {"type": "text", "id": "t1", "name": "English", "language_code": "en", "status": "ready"}
