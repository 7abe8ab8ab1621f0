"""The thread that people keep: files, report, track, and what happens when Slack takes no files."""

from __future__ import annotations

import asyncio
from typing import Any


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
    await world.says("studioTour7Qm2x01 en --speakers --words")
    (card,) = await world.eventually("card")
    (message,) = await shared(world)
    assert message["thread_ts"] == card["ts"]
