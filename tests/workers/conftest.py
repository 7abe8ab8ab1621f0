"""What every test of workers may ask for: a bot without doors, and vendors that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import structlog
from aiohttp import web

from bot.mux.client import MuxClient
from bot.mux.client import connect as connect_mux
from bot.slack.client import connect as connect_slack
from bot.slack.client import open_session
from bot.store.database import Database
from tests.workers.bot import Bot
from tests.workers.vendors import FakeMux, FakeSlack, Odds
from tests.workers.working import Crash


@pytest.fixture
def odd() -> type[Odds]:
    """Return what can happen to a request to Mux instead of an answer."""
    return Odds


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
def quiet() -> Iterator[list[Any]]:
    """Catch what is logged, and return it."""
    with structlog.testing.capture_logs() as logs:
        yield logs


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
