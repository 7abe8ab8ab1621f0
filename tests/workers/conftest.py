"""A bot without doors: its store, its workers, and small vendors that do as a test tells them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.mux.client import MuxClient
from bot.mux.client import connect as connect_mux
from bot.rules.jobs import Job, Report, Signal
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.services import captions, claiming, progress
from bot.slack.client import connect as connect_slack
from bot.slack.client import open_session
from bot.store import effects, jobs
from bot.store.database import Database
from bot.workers.delivery import Delivery
from bot.workers.inbox import Inbox
from bot.workers.poll import Poll
from bot.workers.submit import Submit

Odd = Callable[[httpx.Request, Callable[[], httpx.Response]], Awaitable[httpx.Response]]


class Crash(BaseException):
    """The process dies here."""


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


def _status(code: int, **headers: str) -> Odd:
    async def answer(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
        error = {"error": {"type": f"t{code}", "message": f"Answer {code}."}}
        return httpx.Response(code, json=error, headers=headers)

    return answer


async def _lost_before(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.ReadTimeout("lost")


async def _lost_after(_request: httpx.Request, do: Callable[[], httpx.Response]) -> httpx.Response:
    do()
    raise httpx.ReadTimeout("lost")


async def _unreachable(_request: httpx.Request, _do: Callable[[], httpx.Response]) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.fixture
def odd() -> Any:
    """Return what can happen to a request to Mux instead of an answer."""

    class Odds:
        status = staticmethod(_status)
        lost_before = staticmethod(_lost_before)
        lost_after = staticmethod(_lost_after)
        unreachable = staticmethod(_unreachable)

    return Odds


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


def always(value: Any) -> Any:
    """Return what gives the same for every workspace."""

    async def answer(_name: str) -> Any:
        return value

    return answer


async def token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


@dataclass
class Bot:
    """The store and the workers. `crash_at` names the step boundary at which the process dies."""

    store: Database
    clock: Any
    mux: FakeMux
    slack: FakeSlack
    mux_client: MuxClient
    slack_client: Any
    prepared: Any
    reposts: frozenset[str] = frozenset({"results"})
    timing: Timing = field(default_factory=Timing)
    crash_at: str = ""
    names: Any = field(default_factory=itertools.count)

    def _reached(self, boundary: str) -> None:
        if boundary == self.crash_at:
            self.crash_at = ""
            raise Crash

    @property
    def submit(self) -> Submit:
        return Submit(
            self.store,
            always(self.mux_client),
            self.clock,
            timing=self.timing,
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.store,
            self.slack_client,
            self.clock,
            token_of=token_of,
            timing=self.timing,
            reposts=self.reposts,
            jitter=lambda: 0.5,
            reached=self._reached,
        )

    def poll(self, *, webhooks: bool = True) -> Poll:
        return Poll(
            self.store, always(self.mux_client), webhooks=webhooks, jitter=lambda: 0.5, reached=self._reached
        )

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.store, jitter=lambda: 0.5, reached=self._reached)

    async def asked(self, **changes: Any) -> Job:
        values: dict[str, Any] = {
            "request": CaptionRequest(asset_id="asset1"),
            "request_key": f"act{next(self.names)}",
            "team_id": "T1",
            "channel_id": "C1",
            "user_id": "U1",
            "mux_account": "default",
            **changes,
        }
        job = (await self.store.transaction(captions.request, captions.Ask(**values))).job
        await self.store.transaction(self.prepared, job.id)
        return job

    async def job(self, job: Job) -> Job:
        found = await self.store.transaction(jobs.by_public_id, job.id)
        assert found is not None
        return found.job

    async def effect(self, key: str) -> Any:
        return await self.store.transaction(effects.by_key, key)

    async def end(self, job: Job, signal: Signal = Signal.COMPLETED) -> None:
        stored = await self.store.transaction(jobs.by_public_id, job.id)
        assert stored is not None
        report = Report(signal=signal, mux_id=stored.job.mux_id or f"m-{job.id}")
        await self.store.transaction(progress.apply, stored.row_id, report)

    async def run(self, worker: Any, *, seconds: float = 0.0) -> None:
        """Step until nothing is due, then move the clock to what is due next, for at most `seconds`."""
        end = self.clock.now() + seconds
        while True:
            while await worker.step():
                pass
            due_in = await worker.due_in()
            if due_in is None or self.clock.now() + due_in > end:
                return
            self.clock.forward(max(due_in, 0.001))

    async def waiting(self, vendor: str) -> float | None:
        return await self.store.transaction(claiming.due_in, vendor)


@pytest.fixture
async def slack(clock: Any) -> AsyncIterator[FakeSlack]:
    fake = FakeSlack(clock)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    fake.url = f"http://{host}:{port}/api/"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def bot(sqlite_store: Database, clock: Any, slack: FakeSlack, prepared: Any) -> AsyncIterator[Bot]:
    mux = FakeMux(clock)
    transport = httpx.MockTransport(mux)
    async with (
        connect_mux("https://mux.test", "id", "secret", transport=transport) as http,
        open_session(total_seconds=2.0) as session,
    ):
        yield Bot(
            store=sqlite_store,
            clock=clock,
            mux=mux,
            slack=slack,
            mux_client=MuxClient(http, total_seconds=2.0, now=clock.now),
            slack_client=connect_slack(slack.url, session),
            prepared=prepared,
        )


@pytest.fixture
def crash() -> type[Crash]:
    """Return what a dying process raises."""
    return Crash


@pytest.fixture
def breathe() -> Callable[[], Awaitable[None]]:
    """Return a function that lets other tasks go on."""

    async def wait() -> None:
        await asyncio.sleep(0.005)

    return wait
