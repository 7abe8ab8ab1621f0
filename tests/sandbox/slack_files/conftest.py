"""What every test of files may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack import api, control
from bot.sandbox.slack.stand_in import Slack
from tests.sandbox.slack_files.desk import Desk


@pytest.fixture
async def desk(served: Callable[[ASGIApp], AbstractAsyncContextManager[str]]) -> AsyncIterator[Desk]:
    box: dict[str, ASGIApp] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await box["app"](scope, receive, send)

    box["app"] = Starlette()
    async with served(app) as url, aiohttp.ClientSession() as http:
        clock = SandboxClock()
        config = replace(SandboxConfig(public_url=url), limits=False)
        slack = Slack(config, clock, Journal(clock.now), Faults())
        box["app"] = Starlette(routes=[*api.routes(slack), *control.routes(slack)])
        web = AsyncWebClient(config.slack_bot_token, base_url=f"{url}/api/", retry_handlers=[], timeout=5)
        yield Desk(slack=slack, url=url, web=web, http=http)
        await slack.stop()
