"""The Web API's stand-in, and Slack's own client, which is its judge."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.config import SandboxConfig

BOT = "U0CAPTION"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}
META = {"event_type": "caption_job", "event_payload": {"job": "j1", "kind": "card"}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [SECTION]}


class Bench:
    def __init__(self, core, url):
        self.core, self.url, self.journal = core, url, core.journal
        self.workspace, self.clock, self.faults = core.workspace, core.clock, core.faults
        self.web = AsyncWebClient(
            core.config.slack_bot_token, base_url=f"{url}/api/", retry_handlers=[], timeout=5
        )

    async def refusal(self, call):
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    async def error(self, call):
        return (await self.refusal(call))["error"]


def scopes(*more):
    return {"slack_scopes": (*SandboxConfig().slack_scopes, *more)}
