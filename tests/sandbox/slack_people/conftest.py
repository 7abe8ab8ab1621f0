"""What every test of people may ask for."""

from __future__ import annotations

import dataclasses

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.slack import api, control
from bot.sandbox.slack.stand_in import Slack
from tests.sandbox.slack_people.bench import Bench, Receiver


@pytest.fixture
async def bench(served):
    clock, box = SandboxClock(), {"app": Starlette()}
    bot = Receiver(SandboxConfig().slack_signing_secret)

    async def app(scope, receive, send):
        await box["app"](scope, receive, send)

    async with served(app) as url:
        config = dataclasses.replace(SandboxConfig(), public_url=url, bot_url=url, limits=False)
        slack = Slack(config, clock, Journal(clock.now), Faults())
        events = Route("/slack/events", bot.receive, methods=["POST"])
        box["app"] = Starlette(routes=[*api.routes(slack), *control.routes(slack), events])
        await slack.start()
        yield Bench(slack, bot)
        await slack.stop()
        await slack.stop()
