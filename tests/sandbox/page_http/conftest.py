"""What every test of the served page may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.page.routes import Page
from bot.sandbox.slack.stand_in import Slack
from tests.sandbox.page_http.desk import EVERYTHING, VIDEOS, Bot, Desk, Served


@pytest.fixture
async def desk(served: Served) -> AsyncIterator[Desk]:
    bot, clock = Bot(), SandboxClock()
    door: Callable[[Request], Awaitable[Response]] = bot.__call__
    async with served(Starlette(routes=[Route("/slack/events", door, methods=["POST"])])) as url:
        slack = Slack(SandboxConfig(bot_url=url), clock, Journal(clock.now), Faults())
        page = Page(slack, lambda: VIDEOS, missing="Install something.", offers=EVERYTHING)
        await slack.start()
        transport = httpx.ASGITransport(Starlette(routes=page.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3030") as browser:
            yield Desk(slack, page, bot, browser)
        await slack.stop()
