"""Workspaces of the sandbox, the people in them, and what both leave behind."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp

from handlers import serving
from handlers.app import build

SEVERAL = (
    *("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"),
    *("ENCRYPTION_KEYS", "PUBLIC_URL"),
)


@dataclass(frozen=True)
class Team:
    """A workspace of the sandbox, somebody in it, and the token of the environment that it connects."""

    id: str
    user: str
    channel: str
    token: tuple[str, str]
    video: str


SANDBOX = Team(
    "T0SANDBOX", "U0ANA", "C0DEMO", ("sandbox-token-id", "sandbox-token-secret"), "studioTour7Qm2x01"
)
NORTH = Team(
    "T0NORTH", "U0NORA", "C0NORTH", ("northwind-token-id", "northwind-token-secret"), "nrthwdTour5Hk2w01"
)
QUAY = Team("T0QUAY", "U0QUINN", "C0QUAY", ("northwind-token-id", "northwind-token-secret"), NORTH.video)
HARBOR = "E0HARBOR"


@dataclass
class People:
    """What people of several workspaces do in the sandbox and in their browsers."""

    sandbox: Any

    async def install(self, place: str, user: str = "", *, answer: str = "allow") -> tuple[int, str]:
        """Install the app in a browser of one's own; return the last page's status and text."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as browser:
            url = await self.begin(browser)
            back = await self.agree(url, place, user, answer=answer)
            async with browser.get(back) as page:
                return page.status, await page.text()

    async def begin(self, browser: aiohttp.ClientSession) -> str:
        async with browser.get(f"{self.sandbox.bot_url}/slack/install") as page:
            found = re.search(r'class="button" href="([^"]+)"', await page.text())
            assert found is not None
            return unescape(found[1])

    async def agree(self, url: str, place: str, user: str = "", *, answer: str = "allow") -> str:
        told = await self.sandbox.control(
            "slack/authorize", url=url, place=place, user_id=user, answer=answer
        )
        return str(told["location"])

    async def home(self, team: Team) -> dict[str, Any]:
        """Open the Home tab and return it once it is there."""
        await self.sandbox.control("slack/app_home_opened", user_id=team.user)
        async with asyncio.timeout(20):
            while (view := (await self.state(team))["homes"].get(team.user)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return dict(view)

    async def sees(self, team: Team, text: str) -> str:
        """Wait until a person's Home says something, and return all of it."""
        async with asyncio.timeout(20):
            while text not in (shown := str((await self.home(team))["blocks"])):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return shown

    async def state(self, team: Team) -> dict[str, Any]:
        return dict(await self.sandbox.look("slack/state", team=team.id))

    async def press(self, team: Team, action_id: str) -> None:
        view = await self.home(team)
        (block,) = [
            block
            for block in view["blocks"]
            if any(each.get("action_id") == action_id for each in block.get("elements", ()))
        ]
        await self.sandbox.control(
            "slack/press",
            user_id=team.user,
            view_id=view["id"],
            block_id=block["block_id"],
            action_id=action_id,
        )

    async def connect(self, team: Team, token: tuple[str, str] | None = None) -> str:
        """Connect Mux in the Home tab; return what the form says in the end."""
        await self.press(team, "home_connect")
        view = await self.form(team, lambda view: view["callback_id"] == "mux_modal")
        token_id, secret = token or team.token
        sent = await self.sandbox.control(
            "slack/submit",
            user_id=team.user,
            view_id=view["id"],
            values={
                "token_id": {"caption_token_id": token_id},
                "token_secret": {"caption_token_secret": secret},
            },
        )
        if sent["errors"]:
            return str(sent["errors"]["token_secret"])
        told = await self.form(team, lambda view: "Connected" in str(view["blocks"][0]))
        await self.sandbox.control("slack/close", user_id=team.user, view_id=told["id"])
        return str(told["blocks"][0]["text"]["text"])

    async def form(self, team: Team, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                stack = (await self.state(team))["views"][team.user]
                if stack and wanted(stack[-1]):
                    return dict(stack[-1])
                await asyncio.sleep(0.05)

    async def says(self, team: Team, text: str) -> str:
        return str(await self.sandbox.says(text, user_id=team.user, channel_id=team.channel))


async def served(people: People, *teams: Team) -> None:
    for team in teams:
        status, _ = await people.install(team.id, team.user)
        assert status == 200
        assert (await people.connect(team)).startswith("Connected to")


async def job_of(people: People, team: Team) -> str:
    """Caption the workspace's video and return our id of the job once it is done."""
    await people.says(team, f"{team.video} en")
    (result,) = await people.sandbox.eventually("result", team=team.id)
    assert "track_en_" in result
    (name,) = set(re.findall(r"`([2-9a-z]{10})`", await people.says(team, "list mine")))
    return str(name)


async def hooks(sandbox) -> list[Any]:
    """Return the endpoints that Northwind's events are sent to, as Mux knows them."""
    url, auth = f"{sandbox.url}/system/v1/webhooks", aiohttp.encode_basic_auth(*NORTH.token)
    async with sandbox.http.get(url, headers={"Authorization": auth}) as answer:
        return list((await answer.json())["data"])


@asynccontextmanager
async def bot(sandbox, settings) -> AsyncIterator[None]:
    with serving.listen("127.0.0.1", int(sandbox.bot_url.rpartition(":")[2])) as sock:
        async with serving.serving(build(settings), sock):
            yield


async def rows(folder, statement: str) -> list[Any]:
    with sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True) as read:
        return list(read.execute(statement))
