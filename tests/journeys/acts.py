"""What people do in the local Slack, and how a journey waits for what comes of it."""

from __future__ import annotations

import asyncio
from typing import Any


async def state(world: Any) -> dict[str, Any]:
    """Return what stands in the workspace now."""
    async with world.http.get(f"{world.config.public_url}/_sandbox/slack/state") as answer:
        return dict(await answer.json())


async def eventually(find: Any) -> Any:
    """Wait until `find` returns something."""
    async with asyncio.timeout(20):
        while True:
            found = await find()
            if found:
                return found
            await asyncio.sleep(0.02)


def buttons(message: dict[str, Any]) -> dict[str, str]:
    """Return the block id of each button of a message, by action id."""
    return {
        element["action_id"]: block["block_id"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }


async def press(world: Any, message: dict[str, Any], action_id: str, *, user: str = "U0ANA") -> None:
    """Touch a button as the person sees it."""
    await world.control(
        "slack/press",
        user_id=user,
        channel_id=message["channel"],
        ts=message["ts"],
        block_id=buttons(message)[action_id],
        action_id=action_id,
    )
