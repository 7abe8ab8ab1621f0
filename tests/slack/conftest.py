"""A Slack on loopback that answers as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.slack.client import connect, open_session

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OddSlack:
    """Plays the answers in `answers`, the last one for ever, and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[web.Request] = []
        self.bodies: list[dict[str, Any]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        raw = await request.read()
        self.bodies.append(json.loads(raw) if raw else dict(request.query))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)

    def says(self, *payloads: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        """Answer with these payloads in turn, `ok` unless they say otherwise."""
        self.answers = [plain(200, json.dumps({"ok": True, **each}), headers=headers) for each in payloads]

    def refuses(self, code: str, **more: Any) -> None:
        self.says({"ok": False, "error": code, **more})


def plain(
    status: int,
    body: str | bytes = "",
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Return an answer with exactly this body."""
    raw = body.encode() if isinstance(body, str) else body

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(
            status=status, body=raw, headers={"Content-Type": content_type, **(headers or {})}
        )

    return answer


async def drop(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def drop_inside(request: web.Request) -> web.StreamResponse:
    """Close the connection in the middle of the body."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"ok": true, ')
    assert request.transport is not None
    request.transport.close()
    return response


async def stall(_: web.Request) -> web.StreamResponse:
    """Say nothing until the client has gone."""
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
def answer():
    """Return the builders of odd answers."""

    class Answers:
        plain = staticmethod(plain)
        drop = staticmethod(drop)
        drop_inside = staticmethod(drop_inside)
        stall = staticmethod(stall)

    return Answers


@pytest.fixture
async def slack():
    odd = OddSlack()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", odd.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.01, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    odd.url = f"http://{host}:{port}"
    yield odd
    await runner.cleanup()


@pytest.fixture
async def client(slack):
    async with open_session(total_seconds=1) as session:
        yield connect(f"{slack.url}/api/", session)
