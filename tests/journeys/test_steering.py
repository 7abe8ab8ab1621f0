"""Jobs are stopped and tried again by the buttons that people see, through the unmodified bot."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.config import SandboxConfig
from tests.journeys.acts import buttons, press

GOOD = "studioTour7Qm2x01"
HAS_ENGLISH = "annualMeeting9Xp6h04"
PENDING_SECONDS = 30.0


@pytest.fixture
def sandbox_config() -> SandboxConfig:
    """Return a Mux that takes its time, so that there is something to stop."""
    return SandboxConfig(job_seconds=PENDING_SECONDS, list_lag_seconds=0.1)


async def told(world: Any, saying: str, *, user: str = "U0ANA") -> dict[str, Any]:
    """Wait for a private message that contains `saying`."""
    async with asyncio.timeout(20):
        while True:
            async with world.http.get(f"{world.config.public_url}/_sandbox/slack/state") as answer:
                state = await answer.json()
            for channel in state["channels"]:
                for message in channel["messages"]:
                    if message["ephemeral_to"] == user and saying in message["text"]:
                        return dict(message)
            await asyncio.sleep(0.02)


async def test_a_job_is_stopped_by_its_button_and_tried_again_by_the_next(world) -> None:
    await world.says(f"{GOOD} en")
    (running,) = [
        card
        for card in await world.eventually("card", saying="transcribing")
        if "job_cancel" in buttons(card)
    ]

    await press(world, running, "job_cancel", user="U0BEN")
    await told(world, "is not yours", user="U0BEN")
    await press(world, running, "job_cancel")
    await told(world, "Mux is being asked to stop")

    (stopped,) = await world.eventually("card", saying="Cancelled by <@U0ANA>")
    (result,) = await world.eventually("result", saying="were cancelled")
    assert set(buttons(stopped)) == set(buttons(result)) == {"job_retry", "job_again"}

    await asyncio.gather(press(world, stopped, "job_retry"), press(world, result, "job_retry"))
    (again,) = await world.eventually("card", saying="Another try of job")
    (old,) = await world.eventually("card", saying="Tried again by <@U0ANA>")
    assert (old["ts"], buttons(old)) == (stopped["ts"], {})
    assert again["ts"] != old["ts"]
    assert len(await world.messages("card")) == 2


async def test_a_stale_button_is_answered_in_private_and_goes(world) -> None:
    await world.says(f"{GOOD} en")
    (running,) = await world.eventually("card", saying="transcribing")
    await world.says("status")
    status = await told(world, "Asked for by")
    await press(world, running, "job_cancel")
    await world.eventually("card", saying="Cancelled by <@U0ANA>")

    await press(world, status, "job_cancel")

    answer = await told(world, "nothing left to cancel")
    assert (answer["ts"], buttons(answer)) == (status["ts"], {})


async def test_a_track_in_the_way_is_got_around_by_a_button(world) -> None:
    await world.says(f"{HAS_ENGLISH} en")
    (refused,) = await world.eventually("card", saying="Not started")
    assert {"job_replace", "job_files_only"} < set(buttons(refused))

    await press(world, refused, "job_files_only")

    (following,) = await world.eventually("card", saying="files only")
    (old,) = await world.eventually("card", saying="Tried again by <@U0ANA>")
    assert (old["ts"], buttons(old)) == (refused["ts"], {})
    assert "Another try of job" in following["text"]
