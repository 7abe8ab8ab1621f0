"""Bare Bolt for Python, and one more of the bot's steps on the way to an answer in each STEP.

`read`: the command is read and checked. `wait`: an empty transaction is waited for. `intent`: instead of that
the request is only noted, in one insert that is durable. `job`: instead of that everything is decided and
durable, as the bot does it. `answer`: and the person is told what became of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import SystemClock
from bot.rules import grammar
from bot.services import captions
from bot.services.captions import Ask
from bot.store import inbox
from bot.store.database import Database
from bot.store.tx import Tx
from bot.ui import replies
from handlers.replying import ephemeral

STEP = os.environ["STEP"]
bolt = AsyncApp(
    token=os.environ["SLACK_BOT_TOKEN"],
    signing_secret=os.environ["SLACK_SIGNING_SECRET"],
    process_before_response=True,
)
bolt.client.base_url = os.environ["SLACK_API_URL"]
handler = AsyncSlackRequestHandler(bolt)
store = Database(os.environ["DATABASE_URL"], SystemClock())


def nothing(_tx: Tx) -> None:
    """Do nothing in a transaction."""


def note(tx: Tx, key: str, content: str) -> None:
    """Keep a request for later."""
    inbox.remember(tx, source="step", event_id=key, answer=content)


@bolt.command("/caption")
async def caption(ack: Any, body: Any) -> None:
    asked = grammar.parse(body["text"])
    assert isinstance(asked, grammar.Caption)
    if STEP == "wait":
        await store.transaction(nothing)
    elif STEP == "intent":
        content = {**asked.request.to_json(), **{name: body[name] for name in ("channel_id", "user_id")}}
        await store.transaction(note, body["trigger_id"], json.dumps(content))
    elif STEP in {"job", "answer"}:
        made = await store.transaction(captions.request, _ask(asked, body))
        if STEP == "answer":
            await ack(**ephemeral(replies.accepted(made.job, added=len(made.added))))
            return
    await ack(f"Got {body['text']}")


def _ask(asked: grammar.Caption, body: Any) -> Ask:
    return Ask(
        request=asked.request,
        pointer=asked.pointers[0],
        warnings=asked.warnings,
        request_key=f"command:{body['team_id']}:{body['trigger_id']}",
        team_id=body["team_id"],
        channel_id=body["channel_id"],
        user_id=body["user_id"],
        mux_account="default",
        with_channels_phrases=True,
    )


async def from_slack(request: Request) -> Response:
    return await handler.handle(request)


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    await store.open()
    yield
    await store.close()


app = Starlette(lifespan=lifespan, routes=[Route("/slack/events", from_slack, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
