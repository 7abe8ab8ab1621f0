"""The external upload, with Slack's own client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack.stand_in import Slack

SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHi\n"
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}


@dataclass(kw_only=True)
class Desk:
    slack: Slack
    url: str
    web: AsyncWebClient
    http: aiohttp.ClientSession

    async def put(self, content: bytes = SRT, name: str = "en.srt", **more: Any) -> str:
        asked = await self.web.files_getUploadURLExternal(filename=name, length=len(content), **more)
        async with self.http.post(asked["upload_url"], data=content) as answer:
            assert answer.status == 200
        return str(asked["file_id"])

    async def complete(self, *ids: str, **more: Any) -> Any:
        return await self.web.files_completeUploadExternal(files=[{"id": one} for one in ids], **more)

    async def refused(self, call: Any) -> Any:
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response

    async def error(self, call: Any) -> str:
        return str((await self.refused(call))["error"])

    async def passed(self, seconds: float = 1.0) -> None:
        self.slack.clock.advance(seconds)
        await self.web.api_test()

    async def info(self, file_id: str) -> Any:
        return (await self.web.files_info(file=file_id))["file"]

    def throw(self, kind: FaultKind, target: str, **more: Any) -> None:
        self.slack.faults.add(Fault(kind=kind, target=target, **more))

    def shown(self, channel: str = "C0DEMO") -> list[Any]:
        return self.slack.workspace.history(channel)
