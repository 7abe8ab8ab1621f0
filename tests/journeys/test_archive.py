"""The thread that people keep: files, report, track, and what happens when Slack takes no files."""

from __future__ import annotations

import asyncio
import base64
import re
from functools import partial
from typing import Any

from bot.clock import SystemClock
from bot.rules.channel import ChannelOptions
from bot.rules.policy import Asker
from bot.services import channel_settings
from bot.store.database import Database
from tests.journeys.acts import eventually

CHANNEL = "C0DEMO"
GOOD = "studioTour7Qm2x01"


async def shared(world: Any, count: int = 1) -> list[dict[str, Any]]:
    """Wait for messages with files by the bot, oldest first."""
    deadline = asyncio.get_running_loop().time() + 20
    while True:
        url = f"{world.config.public_url}/_sandbox/slack/state"
        async with world.http.get(url) as answer:
            state = await answer.json()
        found = [
            message
            for place in state["channels"]
            for message in place["messages"]
            if message["files"] and not message["deleted"]
        ]
        if len(found) >= count:
            return found
        assert asyncio.get_running_loop().time() < deadline, [
            m for p in state["channels"] for m in p["messages"]
        ]
        await asyncio.sleep(0.05)


async def test_the_files_come_into_the_thread_in_one_message(world):
    await world.says(f"{GOOD} en --speakers --words")
    (card,) = await world.eventually("card")
    (message,) = await shared(world)
    assert message["thread_ts"] == card["ts"]
    names = await named(world, message)
    assert [name.partition(".")[2] for name in names] == [
        "en.srt",
        "en.vtt",
        "en.txt",
        "en.words.json",
        "en.report.txt",
        "en.timeline.png",
    ]
    (result,) = await world.eventually("result", saying="viewers can choose it")
    assert "The files are in this thread" in result["text"]
    assert "measured by the limits of" in result["text"]
    assert result["text"].count("<@U0ANA>") == 1
    (card,) = await world.eventually("card", saying="Viewers have the track")
    assert [block["accessory"]["type"] for block in card["blocks"] if "accessory" in block] == ["image"]
    calls = await world.journal("slack.call", "files.completeUploadExternal")
    assert len(calls) == 1


async def test_the_files_open_and_say_the_same(world):
    await world.says(f"{GOOD} en")
    (message,) = await shared(world)
    srt, vtt, text, *_, picture = [await opened(world, each) for each in await described(world, message)]
    assert srt.startswith(b"1\n00:00:0")
    assert vtt.startswith(b"WEBVTT\n")
    assert b"-->" not in text
    assert picture.startswith(b"\x89PNG")


async def test_where_uploads_are_forbidden_our_own_links_lead_to_the_files(world):
    await world.control("slack/uploads_allowed", allowed="none")
    await world.says(f"{GOOD} en")
    (result,) = await world.eventually("result", saying="does not allow files to be uploaded")
    link = re.search(r"<(http[^|>]+)\|SRT>", result["text"])
    assert link is not None
    async with world.http.get(link[1]) as answer:
        assert (await answer.read()).startswith(b"1\n00:00:0")
        assert answer.headers["Content-Disposition"].startswith("attachment")
    async with world.http.get(link[1].replace("/files/", "/files/x")) as answer:
        assert answer.status == 404


async def test_files_that_were_shared_a_moment_ago_are_not_shared_again(world):
    await world.says(f"{GOOD} en")
    (message,) = await shared(world)
    (result,) = await world.eventually("result", saying="The files are in this thread")
    assert "job_files" in pressable(result)
    shown = await world.says(f"files {job_of(result)}")
    assert "shared a moment ago" in shown["shown"]["text"]
    nobodys = await world.says("files nobodys", user="U0BEN")
    assert "no job `nobodys` that you may see" in nobodys["shown"]["text"]
    assert await shared(world) == [message]


async def test_what_mux_gives_in_the_place_of_captions_is_told_and_can_be_tried_again(world):
    await world.control("faults", kind="refuse", target="mux:file", status=410, code="gone", times=None)
    await world.says(f"{GOOD} en")
    (result,) = await world.eventually("result", saying="Press Try again")
    assert "job_files" in pressable(result)
    (card,) = await world.eventually("card", saying="what became of the files")
    assert "Done" in card["text"]


async def test_a_channels_settings_show_its_results_in_the_channel_too(world):
    await world.stop_bot()
    store = Database(world.settings.database_url, SystemClock())
    await store.open()
    asker = Asker(team_id="T0SANDBOX", user_id="U0ANA", channel_id=CHANNEL)
    options = ChannelOptions(tells_channel=True, quality_profile="bbc")
    await store.transaction(channel_settings.save, options, asker, mux_account="default")
    await store.close()
    await world.start_bot()
    await world.says(f"{GOOD} en")
    (result,) = await world.eventually("result", saying="BBC")
    assert result["broadcast"]


def pressable(message: dict[str, Any]) -> list[str]:
    """Return the action ids of a message's buttons."""
    return [
        element["action_id"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def job_of(message: dict[str, Any]) -> str:
    """Return our id of the job that a message is about."""
    return str(message["metadata"]["event_payload"]["job"])


async def described(world: Any, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what Slack holds of a message's files, in their order."""
    async with world.http.get(f"{world.config.public_url}/_sandbox/slack/state") as answer:
        known = {file["id"]: file for file in (await answer.json())["files"]}
    return [known[file_id] for file_id in message["files"]]


async def named(world: Any, message: dict[str, Any]) -> list[str]:
    return [file["name"] for file in await described(world, message)]


async def opened(world: Any, file: dict[str, Any]) -> bytes:
    headers = {"Authorization": f"Bearer {world.config.slack_bot_token}"}
    async with world.http.get(file["url_private_download"], headers=headers) as answer:
        assert answer.status == 200
        return bytes(await answer.read())


ODD = (
    ("html", "", "", "Behind Mux's link is a web page and no caption file."),
    ("gzip_bomb", "", "", "The file behind Mux's link is too large for captions"),
    ("huge", "", "", "The file behind Mux's link is too large for captions"),
    ("bytes", "<script>alert(1)</script>", "", "What Mux's link leads to is no caption file"),
    ("bytes", "<!channel> <@U0BEN> come here", "", "What Mux's link leads to is no caption file"),
    ("bytes", '{"error": "not found"}', "", "What Mux's link leads to is no caption file"),
    ("bytes", "", "", "No speech was heard"),
)


async def told_of(world: Any, job: str, saying: str) -> bool:
    return any(job_of(each) == job and saying in each["text"] for each in await world.messages("result"))


async def test_whatever_lies_behind_the_link_has_a_clear_outcome_and_pings_nobody(world):
    for number, (kind, body, encoding, said) in enumerate(ODD, start=1):
        await world.control(
            "mux/hostile",
            kind=kind,
            target="/storage/*captions.srt",
            body_base64=base64.b64encode(body.encode()).decode(),
            content_encoding=encoding,
        )
        await world.says(f"{GOOD} en --no-upload")
        results = await world.eventually("result", number)
        job = job_of(results[-1])
        await eventually(partial(told_of, world, job, said))
    for message in await world.messages("result"):
        shown = str(message["blocks"]) + message["text"]
        assert "<!channel>" not in shown
        assert "<@U0BEN>" not in shown
        assert "<script>" not in shown
    assert await world.journal("slack.call", "files.completeUploadExternal") == []


async def test_a_file_that_breaks_off_is_fetched_again(world):
    await world.control("mux/hostile", kind="truncated", target="/storage/*captions.srt")
    await world.says(f"{GOOD} en")
    assert len(await shared(world)) == 1
