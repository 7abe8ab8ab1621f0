from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig
from bot.sandbox.script import play
from bot.sandbox.telling import links, plain, spoken

Served = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
ROBOTS = "/robots/v0/jobs/generate-premium-captions"


class Bot:
    """The smallest bot that keeps its promises, unless `fault` names one to break."""

    def __init__(self) -> None:
        self.sandbox_url = ""
        self.fault = ""
        self.config = SandboxConfig()
        self._tasks: list[asyncio.Task[None]] = []

    async def events(self, request: Request) -> Response:
        text = parse_qs((await request.body()).decode())["text"][0]
        if text == "help":
            return JSONResponse({"text": "nothing" if self.fault == "no help" else "Write --speakers"})
        if "klingon" in text:
            return JSONResponse({"text": "klingon is no language"})
        self._tasks.append(asyncio.create_task(self._caption(*text.split())))
        return Response() if self.fault == "silent" else JSONResponse({"text": "Started"})

    async def _caption(self, asset: str, language: str, *_options: str) -> None:
        login = (self.config.mux_token_id, self.config.mux_token_secret)
        async with httpx.AsyncClient(base_url=self.sandbox_url, auth=login) as mux:
            card = await self._post(asset, "card", "Sending")
            body = {"parameters": {"asset_id": asset, "language_code": language}, "passthrough": asset}
            answer = await mux.post(ROBOTS, json=body)
            ends, result = "Not started: Mux refused", "The asset has them already"
            if answer.is_success:
                ends, result = await self._wait(mux, answer.json()["data"]["id"])
            if self.fault == "pays twice":
                await mux.post(ROBOTS, json={"parameters": {"asset_id": asset, "language_code": "fr"}})
            blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": result}}]
            for _ in range(2 if self.fault == "says twice" else 1):
                await self._post(asset, "result", result, thread_ts=card, blocks=blocks)
            await self._slack("chat.update", {"channel": "C0DEMO", "ts": card, "text": ends})

    async def _wait(self, mux: httpx.AsyncClient, job_id: str) -> tuple[str, str]:
        while True:
            job = (await mux.get(f"{ROBOTS}/{job_id}")).json()["data"]
            if job["status"] in {"completed", "errored"}:
                break
            await asyncio.sleep(0.01)
        if job["status"] == "errored":
            return "Failed", job["errors"][0]["message"]
        address = urlsplit(job["outputs"]["temporary_srt_url"])
        path = "/nowhere" if self.fault == "dead link" else address.path
        return (
            "Done",
            f"<{self.sandbox_url}{path}?{address.query.replace('&', '&amp;')}|Download the SRT file>",
        )

    async def _post(self, asset: str, kind: str, text: str, **more: Any) -> str:
        metadata = {"event_type": "caption_job", "event_payload": {"job": asset, "kind": kind}}
        body = {"channel": "C0DEMO", "text": text, "metadata": metadata, **more}
        return str((await self._slack("chat.postMessage", body)).get("ts"))

    async def _slack(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.config.slack_bot_token}"}
        async with httpx.AsyncClient(base_url=self.sandbox_url, headers=headers) as slack:
            answer: dict[str, Any] = (await slack.post(f"/api/{method}", json=body)).json()
        return answer

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for ended in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


@pytest.fixture
async def bot(served: Served) -> AsyncIterator[Bot]:
    bot = Bot()
    door: Callable[[Request], Awaitable[Response]] = bot.events
    async with served(Starlette(routes=[Route("/slack/events", door, methods=["POST"])])) as bot_url:
        config = SandboxConfig(bot_url=bot_url, job_seconds=0.05, limits=False, webhooks=False)
        async with served(build(config)) as bot.sandbox_url:
            yield bot
            await bot.stop()


async def test_a_bot_that_keeps_its_promises_passes_and_passes_again(bot: Bot) -> None:
    for _ in range(2):
        said: list[str] = []
        assert await play(bot.sandbox_url, said.append, deadline_seconds=10)
        told = "\n".join(said)
        assert "#captions-demo  Ana Costa: /caption help" in told
        assert "Caption Bot (in the thread)" in told
        assert "track_id" in told
        assert "Why do you put" in told
        assert "Everything went as it should." in told


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("no help", "help that names the options"),
        ("silent", "an answer within three seconds"),
        ("pays twice", "1 paid jobs"),
        ("says twice", "exactly one result"),
        ("dead link", "an SRT behind the link"),
    ],
)
async def test_a_broken_promise_fails_with_what_was_expected_and_seen(
    bot: Bot, fault: str, expected: str
) -> None:
    bot.fault = fault
    said: list[str] = []
    assert not await play(bot.sandbox_url, said.append, deadline_seconds=3)
    assert said[-3].startswith("\nFAILED: ")
    assert said[-2].startswith(f"  expected: {expected}")
    assert said[-1].startswith("  seen: ")


async def test_a_result_that_never_comes_is_not_waited_for_without_end(bot: Bot) -> None:
    bot.config = SandboxConfig(slack_bot_token="xoxb-wrong")
    said: list[str] = []
    assert not await play(bot.sandbox_url, said.append, deadline_seconds=2)
    assert said[-2] == "  expected: a card in the channel"


async def test_no_sandbox_at_all_is_said() -> None:
    said: list[str] = []
    assert not await play("http://127.0.0.1:1", said.append, deadline_seconds=1)
    assert said[0] == "\nFAILED: reaching the sandbox"


async def test_an_address_that_is_no_sandbox_is_said(served: Served) -> None:
    said: list[str] = []
    async with served(Starlette()) as url:
        assert not await play(url, said.append, deadline_seconds=1)
    assert "404" in said[-1]


def test_messages_read_well_as_plain_lines() -> None:
    message = {
        "text": "never shown",
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "<@U1> a &lt;b&gt; <#C1|demo> <!here>"}},
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "<https://x.test/?a&amp;b|File>"}]},
            {
                "type": "actions",
                "elements": [{"type": "button", "text": {"text": "Open"}, "url": "https://x.test/o"}],
            },
            {"type": "divider"},
        ],
    }
    assert spoken(message, {"U1": "Ana"}) == [
        "@Ana a <b> #demo @here",
        "File (https://x.test/?a&b)",
        "[Open]",
    ]
    assert links(message) == [("File", "https://x.test/?a&b"), ("Open", "https://x.test/o")]
    assert spoken({"text": "one\n\ntwo"}, {}) == ["one", "two"]
    assert (
        plain("<!date^1^{date}|1 Jan> <@U2|ben> <@U3> <https://x.test>", {})
        == "1 Jan @ben @U3 https://x.test"
    )
