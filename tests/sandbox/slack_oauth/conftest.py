"""What every test of several workspaces may ask for."""

from __future__ import annotations

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig
from tests.sandbox.slack_oauth.bench import Bench, parse_form


@pytest.fixture
async def bench(served, free_port):
    heard = []

    async def hear(request: Request) -> PlainTextResponse:
        kind = request.headers["content-type"]
        heard.append(
            await request.json() if kind == "application/json" else dict(parse_form(await request.body()))
        )
        return PlainTextResponse("")

    bot = Starlette(routes=[Route("/slack/events", hear, methods=["POST"])])
    async with served(bot) as bot_url:
        config = SandboxConfig(
            public_url=f"http://127.0.0.1:{free_port}", bot_url=bot_url, limits=False, webhooks=False
        )
        app = build(config)
        async with served(app, port=free_port), aiohttp.ClientSession() as http:
            yield Bench(app.state.sandbox, http, heard)
            app.state.sandbox.end_streams()
