"""A small Mux and a small Slack that do as a test tells them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

Odd = Callable[[httpx.Request, Callable[[], httpx.Response]], Awaitable[httpx.Response]]


@dataclass
class FakeMux:
    """Keeps jobs. `odd` holds, by `POST`, `GET`, `LIST`, `CANCEL`, what happens to the next requests."""

    clock: Any
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    odd: dict[str, list[Odd]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    lists: bool = True

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.strip("/").split("/")
        kind = "LIST" if parts[-1] == "jobs" else "CANCEL" if parts[-1] == "cancel" else request.method
        self.requests.append((kind, parts[-1]))
        odd = self.odd.get(kind)
        if odd:
            return await odd.pop(0)(request, lambda: self._answer(kind, parts, request))
        return self._answer(kind, parts, request)

    def posts(self) -> int:
        return sum(kind == "POST" for kind, _ in self.requests)

    def add(self, mux_id: str, status: str = "pending", **more: Any) -> dict[str, Any]:
        self.jobs[mux_id] = {
            "id": mux_id,
            "workflow": "generate-premium-captions",
            "status": status,
            "units_consumed": 0,
            "created_at": int(self.clock.now()),
            "updated_at": int(self.clock.now()),
            "parameters": {"asset_id": "asset1"},
            **more,
        }
        return self.jobs[mux_id]

    def _answer(self, kind: str, parts: list[str], request: httpx.Request) -> httpx.Response:
        if kind == "POST":
            sent = json.loads(request.content)
            made = self.add(f"m{len(self.jobs) + 1}", **sent)
            return httpx.Response(202, json={"data": made})
        if kind == "LIST":
            status = request.url.params.get("status")
            rows = [job for job in self.jobs.values() if self.lists and status in (None, job["status"])]
            return httpx.Response(200, json={"data": rows, "total_row_count": len(rows)})
        name = parts[-2] if kind == "CANCEL" else parts[-1]
        if name not in self.jobs:
            return httpx.Response(404, json={"error": {"type": "not_found", "message": "No such job."}})
        if kind == "CANCEL":
            self.jobs[name]["status"] = "cancelled"
        return httpx.Response(200, json={"data": self.jobs[name]})


def status(code: int, **headers: str) -> Odd:
    async def answer(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
        error = {"error": {"type": f"t{code}", "message": f"Answer {code}."}}
        return httpx.Response(code, json=error, headers=headers)

    return answer


async def lost_before(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.ReadTimeout("lost")


async def lost_after(_request: httpx.Request, do: Callable[[], httpx.Response]) -> httpx.Response:
    do()
    raise httpx.ReadTimeout("lost")


async def unreachable(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


class Odds:
    """What can happen to a request to Mux instead of an answer."""

    status = staticmethod(status)
    lost_before = staticmethod(lost_before)
    lost_after = staticmethod(lost_after)
    unreachable = staticmethod(unreachable)


@dataclass
class FakeSlack:
    """A workspace on loopback. `faults` holds, by method, what happens instead of the next calls."""

    clock: Any
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    parents_gone: bool = False
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.path.rsplit("/", 1)[1]
        raw = await request.read()
        body = json.loads(raw) if raw else dict(request.query)
        self.calls.append((method, body))
        fault = self.faults[method].pop(0) if self.faults.get(method) else None
        if isinstance(fault, str):
            return web.json_response({"ok": False, "error": fault, "needed": "x"})
        if isinstance(fault, int):
            return web.Response(status=429, headers={"Retry-After": str(fault)})
        answer = getattr(self, "_" + method.replace(".", "_"))(body) if fault != ("drop", "before") else {}
        if fault is not None:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, **answer} if "error" not in answer else {"ok": False, **answer})

    def said(self, channel: str) -> list[dict[str, Any]]:
        return self.messages.get(channel, [])

    def made(self, method: str) -> int:
        return sum(name == method for name, _ in self.calls)

    def _chat_postMessage(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        channel = body["channel"].replace("U", "D", 1) if body["channel"].startswith("U") else body["channel"]
        ts = f"{self.clock.now() + next(self.numbers) / 1e6:.6f}"
        message = {"ts": ts, **{name: body[name] for name in ("text", "blocks", "metadata") if name in body}}
        if "thread_ts" in body and not self.parents_gone:
            message["thread_ts"] = body["thread_ts"]
        self.messages.setdefault(channel, []).append(message)
        return {"channel": channel, "ts": ts, "message": message}

    def _find(self, body: dict[str, Any]) -> dict[str, Any] | None:
        return next((each for each in self.said(body["channel"]) if each["ts"] == body["ts"]), None)

    def _chat_update(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        if message is None:
            return {"error": "message_not_found"}
        message.update({name: body[name] for name in ("text", "blocks", "metadata") if name in body})
        return {"ts": body["ts"], "channel": body["channel"]}

    def _chat_delete(self, body: dict[str, Any]) -> dict[str, Any]:
        message = self._find(body)
        if message is None:
            return {"error": "message_not_found"}
        self.messages[body["channel"]].remove(message)
        return {}

    def _conversations_history(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [each for each in self.said(body["channel"]) if "thread_ts" not in each]}

    def _conversations_replies(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.parents_gone:
            return {"error": "thread_not_found"}
        parent = [each for each in self.said(body["channel"]) if each["ts"] == body["ts"]]
        replies = [each for each in self.said(body["channel"]) if each.get("thread_ts") == body["ts"]]
        return {"messages": parent + replies}

    def _conversations_open(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": body["users"].replace("U", "D", 1)}}
