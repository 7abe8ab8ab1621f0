"""Two workspaces install the bot and connect a Mux environment each, side by side and without a leak."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.mux import wire
from bot.vault import Vault
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
STANDING = "SELECT public_id, state, rank, stopped_by, next_job FROM job ORDER BY id"
BUTTONS = (
    *("job_cancel", "job_retry", "job_replace", "job_files_only", "job_status", "job_files", "job_again"),
    *("job_many_start", "job_many_drop", "job_replace_unsaved", "fix_words", "fix_restore", "fix_phrases"),
)


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


@pytest.fixture
async def people(sandbox: Any, configured: Any, run: Callable[..., Awaitable[str]]) -> People:
    await run(configured(*SEVERAL))
    return People(sandbox)


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


async def test_a_workspace_installs_connects_and_captions(people, sandbox):
    status, text = await people.install(NORTH.id, NORTH.user)
    assert (status, "installed in Northwind" in text) == (200, True)

    refused = await people.says(NORTH, f"{NORTH.video} en")
    assert "not connected to Mux" in refused
    assert f"/caption {NORTH.video} en" in refused
    assert await people.connect(NORTH) == (
        "Connected to *Northwind production of Sandbox*. Mux tells by webhook when captions are done.\n"
        "Try it: `/caption YOUR_ASSET_ID` in a channel that I am a member of."
    )
    name = await job_of(people, NORTH)
    shown = await people.sees(NORTH, name)
    assert "Northwind production" in shown
    assert await hooks(sandbox)
    welcomed = [
        message["text"]
        for channel in (await people.state(NORTH))["channels"]
        for message in channel["messages"]
        if "Caption Bot is installed" in message["text"]
    ]
    assert len(welcomed) == 1


async def test_nothing_of_another_workspace_can_be_reached(people, tmp_path):
    """Whoever knows the id of a job elsewhere, and presses, types or signs it, gets nothing."""
    await served(people, SANDBOX, NORTH)
    theirs = await job_of(people, NORTH)
    mine = await job_of(people, SANDBOX)
    before = await rows(tmp_path, STANDING)

    for command in ("status", "cancel", "retry"):
        said = await people.says(SANDBOX, f"{command} {theirs}")
        assert "There is no job" in said, (command, said)
    for scope in ("mine", "channel", "all"):
        said = await people.says(SANDBOX, f"list {scope}")
        assert mine in said
        assert theirs not in said
    assert "There is no job" in await people.says(SANDBOX, f"status {NORTH.video}")
    shown = await people.sees(SANDBOX, mine)
    assert theirs not in shown
    assert "Northwind" not in shown

    assert before == await rows(tmp_path, STANDING)


async def test_no_button_of_another_workspace_can_be_forged(people, tmp_path):
    """The id is known and the press is signed; only the workspace is not the job's."""
    await served(people, SANDBOX, NORTH)
    theirs = await job_of(people, NORTH)
    before = await rows(tmp_path, STANDING)

    for action in BUTTONS:
        await forge(people.sandbox, action, theirs)
    await asyncio.sleep(0.5)

    assert await rows(tmp_path, STANDING) == before
    shown = str(await people.state(SANDBOX))
    assert NORTH.video not in shown
    assert "studio tour" not in shown.replace("Studio tour", "")


async def test_an_event_counts_only_for_the_environment_that_signed_it(people, tmp_path):
    await served(people, SANDBOX, NORTH)
    name = await job_of(people, NORTH)
    await people.says(NORTH, f"{NORTH.video} fr --no-upload")
    jobs = await rows(tmp_path, "SELECT public_id, coalesce(mux_id, 'x'), passthrough FROM job")
    ((_, mux_id, passthrough),) = [job for job in jobs if job[0] != name]
    ours = dict(await rows(tmp_path, "SELECT team_id, hook FROM mux_environment"))
    sealed = dict(await rows(tmp_path, "SELECT team_id, webhook_secret FROM mux_environment"))
    vault = Vault([people.sandbox.printed["ENCRYPTION_KEYS"]])
    event = {
        "type": "robots.job.generate_premium_captions.errored",
        "id": "forged-1",
        "created_at": "2026-11-22T00:00:00Z",
        "data": {
            "id": mux_id,
            "workflow": "generate-premium-captions",
            "status": "errored",
            "passthrough": passthrough,
            "parameters": {},
            "errors": [{"type": "processing_error", "message": "forged"}],
        },
    }

    async def send(hook: str, secret: str) -> int:
        raw = json.dumps(event).encode()
        signed = {"mux-signature": wire.sign(raw, secret, at=int(time.time()))}
        url = f"{people.sandbox.bot_url}/mux/webhooks{hook}"
        async with people.sandbox.http.post(url, data=raw, headers=signed) as answer:
            return int(answer.status)

    mine = vault.open(sealed[SANDBOX.id])
    assert await send(f"/{ours[NORTH.id]}", mine) == 401
    assert await send("/unknown", mine) == 404
    assert await send("", mine) == 404
    assert await send(f"/{ours[SANDBOX.id]}", mine) == 200
    results = await people.sandbox.eventually("result", 2, team=NORTH.id)
    assert "forged" not in str(results)


async def forge(sandbox, action_id: str, value: str) -> None:
    """Press a button with a value that this workspace never saw, signed as Slack signs."""
    body = {
        "type": "block_actions",
        "team": {"id": SANDBOX.id, "domain": "sandbox"},
        "user": {"id": SANDBOX.user, "team_id": SANDBOX.id},
        "channel": {"id": SANDBOX.channel},
        "container": {"type": "message", "channel_id": SANDBOX.channel, "message_ts": "1.1"},
        "trigger_id": f"forged.{action_id}",
        "response_url": f"{sandbox.url}/never",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }
    raw = urlencode({"payload": json.dumps(body)}).encode()
    at = str(int(time.time()))
    secret = sandbox.printed["SLACK_SIGNING_SECRET"].encode()
    made = hmac.new(secret, b"v0:" + at.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={made}",
    }
    async with sandbox.http.post(f"{sandbox.bot_url}/slack/events", data=raw, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


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


async def test_an_installation_that_was_not_begun_here_or_is_over_is_refused(people):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        back = await people.agree(await people.begin(browser), NORTH.id, NORTH.user)
        async with people.sandbox.http.get(back) as page:
            assert page.status == 400
            assert "not the browser" in await page.text()
        async with browser.get(back) as page:
            assert page.status == 200
        browser.cookie_jar.update_cookies({"caption-bot-install": re.findall("state=([^&]+)", back)[0]})
        async with browser.get(back) as page:
            assert page.status == 400
    status, text = await people.install(NORTH.id, NORTH.user, answer="deny")
    assert (status, "Nothing was installed" in text) == (200, True)


async def test_one_state_used_at_once_in_many_tabs_installs_once(people):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        back = await people.agree(await people.begin(browser), NORTH.id, NORTH.user)

        async def visit() -> int:
            async with browser.get(back) as page:
                return page.status

        found = await asyncio.gather(*(visit() for _ in range(8)))
    assert sorted(found) == [200, *[400] * 7]


async def test_uninstalling_forgets_every_token_and_says_nothing_more(people, sandbox, tmp_path):
    await served(people, NORTH)
    await people.says(NORTH, f"{NORTH.video} en")
    await sandbox.control("slack/uninstall", place=NORTH.id)

    async with asyncio.timeout(20):
        while await rows(tmp_path, "SELECT 1 FROM installation"):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    assert await rows(tmp_path, "SELECT 1 FROM mux_environment WHERE token_secret IS NOT NULL") == []
    assert await rows(tmp_path, "SELECT 1 FROM job WHERE rank < 90") == []
    open_ones = "SELECT key, error FROM effect WHERE state = 0 AND (have < want OR suspect = 1)"
    async with asyncio.timeout(20):
        while await rows(tmp_path, open_ones):  # noqa: ASYNC110 - what was in flight is settled by its worker
            await asyncio.sleep(0.05)
    async with asyncio.timeout(20):
        while await hooks(sandbox):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)


async def test_an_organization_installs_the_app_for_all_of_its_workspaces(people):
    status, text = await people.install(HARBOR, QUAY.user)
    assert status == 200, text
    assert (await people.connect(QUAY)).startswith("Connected to")
    await job_of(people, QUAY)


async def test_tokens_that_rotate_are_refreshed_in_time(sandbox, configured, tmp_path):
    people, settings = People(sandbox), configured(*SEVERAL)
    await sandbox.control("slack/rotation", on=True)
    async with bot(sandbox, settings):
        await served(people, NORTH)
    ((first, until),) = await rows(tmp_path, "SELECT token, expires_at FROM installation")
    with sqlite3.connect(tmp_path / "bot.db") as write:
        write.execute("UPDATE installation SET expires_at = expires_at - 11 * 3600")

    async with bot(sandbox, settings):
        await job_of(people, NORTH)

    ((second, later),) = await rows(tmp_path, "SELECT token, expires_at FROM installation")
    assert second != first
    assert later >= until
    grants = (await sandbox.look("slack/installations"))["tokens"]
    assert len(grants) > 1


async def test_what_mux_does_not_take_is_said_in_the_form_and_nothing_is_stored(people, tmp_path):
    await people.install(NORTH.id, NORTH.user)
    said = await people.connect(NORTH, ("northwind-token-id", "wrong"))
    assert "does not accept this token" in said
    assert await rows(tmp_path, "SELECT 1 FROM mux_environment") == []


async def test_after_disconnecting_commands_say_so_and_jobs_wait_for_the_next_connection(people, tmp_path):
    await served(people, NORTH)
    await people.sees(NORTH, "home_disconnect")
    await people.press(NORTH, "home_disconnect")
    await people.sees(NORTH, "Not connected to Mux")
    assert "not connected to Mux" in await people.says(NORTH, f"{NORTH.video} en")
    ((account,),) = await rows(tmp_path, "SELECT account FROM mux_environment WHERE token_secret IS NULL")
    await people.connect(NORTH)
    assert await rows(tmp_path, "SELECT account FROM mux_environment") == [(account,)]
    await job_of(people, NORTH)


async def test_no_token_and_no_secret_stands_anywhere_in_clear(people, sandbox, tmp_path, capfd):
    """The database with its journal, every log line, every page and every message."""
    await served(people, SANDBOX, NORTH)
    await job_of(people, NORTH)
    granted = (await sandbox.look("slack/installations"))["tokens"]
    secrets = {SANDBOX.token[1], NORTH.token[1], sandbox.printed["SLACK_CLIENT_SECRET"]}
    secrets |= {sandbox.printed["SLACK_SIGNING_SECRET"], sandbox.printed["ENCRYPTION_KEYS"]}
    secrets |= {str(value) for each in granted for value in each.values() if str(value).startswith("xox")}
    assert len(secrets) > 6

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    said = "".join(capfd.readouterr())
    shown = str([await people.state(team) for team in (SANDBOX, NORTH)])
    for secret in secrets:
        assert secret.encode() not in stored, secret[:6]
        assert secret not in said, secret[:6]
        assert secret not in shown, secret[:6]
