"""Bolt for Python as its documentation writes it, with a Mux route that verifies and posts. Stores nothing.

https://docs.slack.dev/tools/bolt-python/concepts/async and its Starlette example. With
PROCESS_BEFORE_RESPONSE=1 an ack leaves when the listener is done, not at Bolt's next poll.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_MUX_SECRET = os.environ["MUX_WEBHOOK_SECRET"].encode()

web = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
bolt = AsyncApp(
    client=web,
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    process_before_response=os.environ.get("PROCESS_BEFORE_RESPONSE") == "1",
)
handler = AsyncSlackRequestHandler(bolt)
posts: set[asyncio.Task[Any]] = set()


@bolt.command("/caption")
async def caption(ack: Any, body: Any) -> None:
    await ack(f"Got {body['text']}")


@bolt.action(re.compile("^job_"))
async def pressed(ack: Any) -> None:
    await ack()


@bolt.view("caption_modal")
async def submitted(ack: Any) -> None:
    await ack()


async def from_slack(request: Request) -> Response:
    return await handler.handle(request)


async def from_mux(request: Request) -> Response:
    raw = await request.body()
    fields = dict(part.split("=", 1) for part in request.headers["mux-signature"].split(","))
    expected = hmac.new(_MUX_SECRET, f"{fields['t']}.".encode() + raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, fields["v1"]) or abs(time.time() - int(fields["t"])) > 300:
        return Response(status_code=401)
    data = json.loads(raw)["data"]
    said = web.chat_postMessage(channel="C0", text=f"{data['passthrough']} is {data['status']}")
    task = asyncio.create_task(said)
    posts.add(task)
    task.add_done_callback(posts.discard)
    return Response()


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    # One session for all calls; without it the SDK opens a connection for each.
    async with aiohttp.ClientSession() as session:
        web.session = session
        yield


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/slack/events", from_slack, methods=["POST"]),
        Route("/mux/webhooks", from_mux, methods=["POST"]),
    ],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
