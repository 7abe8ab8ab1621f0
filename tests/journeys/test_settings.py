"""From a channel's settings to what Mux is asked for in that channel, and in another one."""

from __future__ import annotations

import asyncio
from typing import Any

TOUR = "studioTour7Qm2x01"
CHAIRS = "twoChairs4Kd8w02"


async def view_of(world: Any) -> dict[str, Any]:
    """Wait for Ana's form."""
    async with asyncio.timeout(20):
        while True:
            async with world.http.get(f"{world.config.public_url}/_sandbox/slack/state") as answer:
                views = (await answer.json())["views"]["U0ANA"]
            if views:
                return dict(views[-1])
            await asyncio.sleep(0.02)


async def submit(world: Any, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    filled = {name: {f"caption_{name}": value} for name, value in values.items()}
    return dict(await world.control("slack/submit", user_id="U0ANA", view_id=view["id"], values=filled))


async def phrases_at_mux(world: Any) -> dict[str, Any]:
    """Return what Mux was sent as phrases, by asset."""
    calls = await world.journal("mux.call", "mux:create")
    sent = [call["data"]["body"]["parameters"] for call in calls]
    return {each["asset_id"]: each.get("phrases") for each in sent}


async def test_phrases_of_a_channel_reach_mux_for_it_alone(world) -> None:
    await world.says("settings")
    view = await view_of(world)
    assert view["callback_id"] == "settings_modal"
    wrong = await submit(world, view, phrases="Mux\n" + "x" * 51)
    assert "51 characters" in wrong["errors"]["phrases"]
    done = await submit(world, view, phrases="Mux\nHLS")
    assert done["errors"] == {}

    said = await world.says(f"{TOUR} en")
    await world.says(f"{CHAIRS} en", channel="C0PAYLOAD")
    await world.eventually("result", 2)

    assert "2 phrases of this channel were added." in str(said)
    assert await phrases_at_mux(world) == {TOUR: ["Mux", "HLS"], CHAIRS: None}
