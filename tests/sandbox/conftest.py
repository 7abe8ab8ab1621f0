from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.faulty import HangupProtocol
from bot.sandbox.journal import Journal
from bot.sandbox.media import load_clips
from bot.sandbox.mux import Mux, control_routes, routes


@asynccontextmanager
async def _served(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, http=HangupProtocol, log_config=None, lifespan="auto")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for this
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def served() -> Callable[..., AbstractAsyncContextManager[str]]:
    """Serve an app on a port of 127.0.0.1, a free one unless it is named; the context gives its URL."""
    return _served


@dataclass(kw_only=True)
class MuxSite:
    """A local Mux and a client that holds its credentials; time only passes by `pass_time`."""

    mux: Mux
    client: httpx.AsyncClient
    faults: Faults

    async def create(self, asset_id: str, *, passthrough: str = "captionbot:1", **parameters: Any):
        body = {"parameters": {"asset_id": asset_id, **parameters}, "passthrough": passthrough}
        return await self.client.post("/robots/v0/jobs/generate-premium-captions", json=body)

    async def start(self, asset_id: str, **parameters: Any) -> str:
        answer = await self.create(asset_id, **parameters)
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["id"]

    async def job(self, job_id: str) -> dict[str, Any]:
        answer = await self.client.get(f"/robots/v0/jobs/generate-premium-captions/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def finished(self, asset_id: str, **parameters: Any) -> dict[str, Any]:
        job_id = await self.start(asset_id, **parameters)
        await self.pass_time(10)
        return await self.job(job_id)

    async def tracks(self, asset_id: str) -> dict[str, dict[str, Any]]:
        asset = (await self.client.get(f"/video/v1/assets/{asset_id}")).json()["data"]
        return {track["id"]: track for track in asset["tracks"] if track["type"] == "text"}

    async def pass_time(self, seconds: float) -> None:
        self.mux.clock.advance(seconds)
        await self.mux.tick()

    async def settled(self) -> None:
        """Let what the stand-in does beside its answers come to an end, and time pass for what follows."""
        await self.mux.finish()
        await self.pass_time(10)

    def throw(self, kind: FaultKind, target: str, **more: Any) -> None:
        self.faults.add(Fault(kind=kind, target=target, **more))


@asynccontextmanager
async def _mux_site(config: SandboxConfig | None = None, **more: Any) -> AsyncIterator[MuxSite]:
    config = config or SandboxConfig(webhooks=False)
    clock, faults = SandboxClock(), Faults()
    mux = Mux(config, clock, Journal(clock.now), faults, load_clips(), **more)
    app = Starlette(routes=[*routes(mux), *control_routes(mux)])
    login = httpx.BasicAuth(config.mux_token_id, config.mux_token_secret)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=config.public_url, auth=login) as client:
        try:
            yield MuxSite(mux=mux, client=client, faults=faults)
        finally:
            await mux.close()


@pytest.fixture
def mux_site() -> Callable[..., AbstractAsyncContextManager[MuxSite]]:
    """Build a local Mux from a configuration; without one it sends no webhooks."""
    return _mux_site


@pytest.fixture
async def site() -> AsyncIterator[MuxSite]:
    """A local Mux that sends no webhooks."""
    async with _mux_site() as built:
        yield built


@pytest.fixture
def token() -> Callable[..., SandboxConfig]:
    """Build a configuration whose token has only these permissions."""
    return lambda *permissions: replace(SandboxConfig(webhooks=False), mux_permissions=permissions)


@pytest.fixture
def free_port() -> int:
    """Name a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
