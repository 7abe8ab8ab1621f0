"""What every test of the Web API may ask for."""

from __future__ import annotations

import dataclasses

import pytest
from starlette.applications import Starlette

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack.api import routes
from bot.sandbox.slack.core import Core
from tests.sandbox.slack_api.bench import Bench


@pytest.fixture
async def bench(served, request):
    changes = getattr(request, "param", {})
    clock = SandboxClock()
    box = {}

    async def app(scope, receive, send):
        await box["app"](scope, receive, send)

    box["app"] = Starlette()
    async with served(app) as url:
        config = dataclasses.replace(SandboxConfig(public_url=url, limits=False), **changes)
        core = Core(config, clock, Journal(clock.now), Faults())
        box["app"] = Starlette(routes=routes(core))
        yield Bench(core, url)
        await core.stop()
