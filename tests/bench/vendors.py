"""A Slack and a Mux that answer at once and correctly, and remember when each marker was first posted."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.bench.traffic import HOST, job
from tests.bench.wire import ServerProtocol

_MARKER: Final = re.compile(rb"mark[0-9]{9}")
_IDENTITY: Final = {"ok": True, "team_id": "T0", "team": "bench", "user_id": "U0BOT", "bot_id": "B0BOT"}
_ACCOUNT: Final = {
    "organization_name": "bench",
    "environment_id": "env1",
    "environment_name": "Production",
    "permissions": ["robots:*"],
}


class Vendors:
    """Both vendors on one port. With `mux_waits` Mux asks every caller to come back in ten minutes."""

    def __init__(self) -> None:
        self.port = 0
        self.mux_waits = False
        self.calls: Counter[str] = Counter()
        self.posted_at: dict[str, float] = {}
        self.repeated = 0
        self._ts = itertools.count(1)

    @property
    def slack_url(self) -> str:
        """The base of the Web API."""
        return f"http://{HOST}:{self.port}/api/"

    @property
    def mux_url(self) -> str:
        """The base of Mux's API."""
        return f"http://{HOST}:{self.port}"

    def reset(self) -> None:
        """Forget what was called and posted."""
        self.calls.clear()
        self.posted_at.clear()
        self.repeated = 0
        self.mux_waits = False

    def answer(self, method: str, path: str, content_type: bytes, body: bytes) -> tuple[int, bytes, str]:
        """Answer one request."""
        at = time.perf_counter()
        place = urlsplit(path).path
        if place.startswith("/api/"):
            name = place.removeprefix("/api/")
            self.calls[name] += 1
            return 200, json.dumps(self._slack(name, content_type, body, at)).encode(), ""
        if place.startswith("/respond"):
            self.calls["response_url"] += 1
            return 200, b"ok", ""
        self.calls[_named(method, place)] += 1
        if self.mux_waits:
            refusal = {"error": {"type": "too_many_requests", "messages": ["later"]}}
            return 429, json.dumps(refusal).encode(), "Retry-After: 600\r\n"
        return self._mux(method, place, body)

    def _slack(self, name: str, content_type: bytes, body: bytes, at: float) -> dict[str, Any]:
        if name == "auth.test":
            return _IDENTITY
        fields = json.loads(body) if b"json" in content_type else dict(parse_qsl(body.decode()))
        if name == "users.info":
            return {"ok": True, "user": {"id": fields.get("user"), "name": "ada", "is_restricted": False}}
        if name != "chat.postMessage":
            return {"ok": True, "channel": fields.get("channel"), "ts": fields.get("ts")}
        for marker in set(_MARKER.findall(body)):
            if self.posted_at.setdefault(marker.decode(), at) != at:
                self.repeated += 1
        ts = f"1700000000.{next(self._ts):06d}"
        message = {"ts": ts, "type": "message", "user": "U0BOT", "text": fields.get("text", "")}
        if fields.get("thread_ts"):
            message["thread_ts"] = fields["thread_ts"]
        return {"ok": True, "channel": fields.get("channel"), "ts": ts, "message": message}

    def _mux(self, method: str, place: str, body: bytes) -> tuple[int, bytes, str]:
        name = place.rsplit("/", 1)[-1]
        if name == "whoami":
            return 200, json.dumps({"data": _ACCOUNT}).encode(), ""
        if name == "assets":
            return 200, b'{"data": [], "next_cursor": null}', ""
        if place.startswith("/video/v1/assets/"):
            return 200, json.dumps({"data": _asset(name)}).encode(), ""
        if method == "POST":
            sent = json.loads(body)
            made = job(f"new{next(self._ts)}", "pending", time.time())
            made |= {"passthrough": sent.get("passthrough", ""), "parameters": sent.get("parameters", {})}
            return 202, json.dumps({"data": made}).encode(), ""
        if name == "jobs":
            return 200, b'{"data": [], "total_row_count": 0}', ""
        return (
            200,
            json.dumps({"data": job(name.removeprefix("rjob_"), "processing", time.time())}).encode(),
            "",
        )


def _named(method: str, place: str) -> str:
    """Return how a call is counted: with the kind of thing, without its id."""
    *_, parent, name = place.split("/")
    if name in {"assets", "jobs", "whoami"} or method == "POST":
        return f"{method} {name}"
    return f"{method} {'asset' if parent == 'assets' else 'job'}"


@asynccontextmanager
async def serving() -> AsyncIterator[Vendors]:
    """Serve both vendors on loopback, on the event loop of the caller."""
    vendors = Vendors()
    server = await asyncio.get_running_loop().create_server(
        lambda: ServerProtocol(vendors.answer), HOST, 0, backlog=1024
    )
    vendors.port = server.sockets[0].getsockname()[1]
    yield vendors
    server.close()


def _asset(asset_id: str) -> dict[str, Any]:
    """Return an asset that is ready to be captioned.

    https://www.mux.com/docs/api-reference/video/assets
    """
    return {
        "id": asset_id,
        "status": "ready",
        "duration": 600.5,
        "created_at": "1700000000",
        "playback_ids": [{"id": f"play{asset_id}", "policy": "public"}],
        "tracks": [
            {"id": "v1", "type": "video", "duration": 600.5},
            {"id": "a1", "type": "audio", "status": "ready", "duration": 600.5},
            *_captions(asset_id),
        ],
        "meta": {"title": "A film"},
    }


def _captions(asset_id: str) -> list[dict[str, Any]]:
    """Return the track that a finished job has attached."""
    _, has_ended, marker = asset_id.partition("asset_")
    if not has_ended:
        return []
    track = {"id": f"track_{marker}", "type": "text", "text_type": "subtitles", "text_source": "uploaded"}
    return [{**track, "status": "ready", "language_code": "en", "name": "English"}]
