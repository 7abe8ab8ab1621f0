"""Workspaces install the bot, connect a Mux environment each, and leave again."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import aiohttp

from tests.journeys.workspaces import HARBOR, NORTH, QUAY, SEVERAL, People, bot, hooks, job_of, rows, served


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
