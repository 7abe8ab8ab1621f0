"""A Slack with people in it, a bot that hears them, and the shapes of what is shown to them."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl

from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response

from tests.sandbox.waiting import until

BOT = "U0CAPTION"
PLAIN = {"type": "plain_text", "text": "T"}


class Receiver:
    """A bot that verifies signatures, remembers bodies and answers what it is told to."""

    def __init__(self, secret):
        self._verifier = SignatureVerifier(secret)
        self.bodies = []
        self.headers = []
        self.replies = []
        self.held = asyncio.Event()
        self.held.set()

    async def receive(self, request):
        raw = await request.body()
        assert self._verifier.is_valid_request(raw, dict(request.headers))
        text = raw.decode()
        if request.headers["content-type"] == "application/json":
            body = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            body = json.loads(form["payload"]) if set(form) == {"payload"} else form
        self.bodies.append(body)
        self.headers.append(request.headers)
        await self.held.wait()
        return self.replies.pop(0) if self.replies else Response()

    @property
    def last(self):
        return self.bodies[-1]


class Bench:
    def __init__(self, slack, bot):
        self.slack, self.bot, self.people, self.clock = slack, bot, slack.people, slack.clock
        self.workspace, self.views = slack.workspace, slack.workspace.views
        self.web = AsyncWebClient(
            slack.config.slack_bot_token, base_url=f"{slack.config.public_url}/api/", retry_handlers=[]
        )

    def seen(self, person, channel="C0DEMO"):
        return [message.text for message in self.workspace.seen_by(channel, person)]

    async def silent(self, act):
        """Let `act` run while the bot says nothing for three seconds of the sandbox's clock."""
        self.bot.held.clear()
        heard = len(self.bot.bodies)
        task = asyncio.ensure_future(act)
        await until(lambda: len(self.bot.bodies) > heard)
        self.clock.advance(3.1)
        result = await task
        self.bot.held.set()
        return result


def modal(*blocks, **more):
    return {"type": "modal", "title": PLAIN, "submit": PLAIN, "blocks": list(blocks), **more}


def field(block_id="name", element=None, **more):
    element = element or {"type": "plain_text_input", "action_id": "value"}
    return {"type": "input", "block_id": block_id, "label": PLAIN, "element": element, **more}


def option(value):
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def actions(*elements, block_id="row"):
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


BUTTON = {"type": "button", "action_id": "cancel", "text": PLAIN, "value": "j1"}
LANGUAGES = {"type": "multi_static_select", "action_id": "value", "options": [option("fr"), option("de")]}
