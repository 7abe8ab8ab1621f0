"""A person in front of the page, and the bot behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from bot.sandbox.page.look import Look
from bot.sandbox.page.offers import Offers, Shortcut
from bot.sandbox.page.routes import Page
from bot.sandbox.page.snapshot import Snapshot, take
from bot.sandbox.page.videos import Video
from bot.sandbox.slack.model import Message
from bot.sandbox.slack.stand_in import Slack

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
VIDEOS = [Video(asset_id="asset01", title="Studio <tour>", about="0:53 · ready")]


def words(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


EVERYTHING = Offers(
    global_shortcuts=(Shortcut(callback_id="caption_video", label="Caption a video"),),
    message_shortcuts=(Shortcut(callback_id="caption_message", label="Caption this"),),
    home=True,
)
OPTIONS = [{"text": words("English"), "value": "en"}, {"text": words("Spanish"), "value": "es"}]
MODAL: dict[str, Any] = {
    "type": "modal",
    "title": words("Caption a video"),
    "submit": words("Start"),
    "blocks": [
        {
            "type": "input",
            "block_id": "video",
            "label": words("Video"),
            "element": {"type": "external_select", "action_id": "v", "min_query_length": 0},
        },
        {
            "type": "input",
            "block_id": "language",
            "label": words("Language"),
            "optional": True,
            "dispatch_action": True,
            "element": {"type": "static_select", "action_id": "v", "options": OPTIONS},
        },
    ],
}


@dataclass
class Bot:
    """Keeps what Slack sent and answers as it is told."""

    got: list[dict[str, Any]] = field(default_factory=list)
    answer: Any = ""

    async def __call__(self, request: Request) -> Response:
        body = await request.body()
        if request.headers["content-type"] == "application/json":
            sent = json.loads(body)
        else:
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            sent = json.loads(form["payload"]) if "payload" in form else form
        self.got.append(sent)
        return Response(self.answer) if isinstance(self.answer, str) else JSONResponse(self.answer)


@dataclass
class Desk:
    """A person in front of the page."""

    slack: Slack
    page: Page
    bot: Bot
    browser: httpx.AsyncClient
    offers: Offers = EVERYTHING

    async def do(self, act: str, **body: Any) -> httpx.Response:
        return await self.browser.post(f"/_page/{act}", json={"as": "U0ANA", **body})

    def shown(self, viewer: str = "U0ANA", place: str = "C0DEMO", thread: str = "") -> Snapshot:
        look = Look(workspace=self.slack.workspace, viewer=viewer, offers=self.offers)
        return take(look, place, thread, VIDEOS)

    def post(self, text: str = "hello", **more: Any) -> Message:
        return self.slack.workspace.post(
            more.pop("channel", "C0DEMO"), more.pop("author", "U0CAPTION"), text, **more
        )
