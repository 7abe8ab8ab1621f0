"""The channels and the videos that a run plays in."""

from __future__ import annotations

from typing import Final

from tests.faults.control import Control

CHANNELS: Final = 8
JOBS_AN_ASSET: Final = 3
FAILING: Final = 9
"""Every so many videos there is one whose jobs fail at Mux."""
LINKED: Final = 4
"""Every so many videos are named by a link to their stream, which Mux has to resolve."""
LIKE: Final = "studioTour7Qm2x01"
"""The video of the sandbox that all others are copies of."""


async def furnish(control: Control, jobs: int) -> tuple[list[str], list[str]]:
    """Make the channels and enough videos; return the channels' ids and what people call the videos."""
    channels = [
        (await control.post("slack/channels", name=f"chaos-{number}"))["id"] for number in range(CHANNELS)
    ]
    return channels, [await _video(control, number) for number in range(-(-jobs // JOBS_AN_ASSET))]


async def _video(control: Control, number: int) -> str:
    asset = await control.post("mux/assets", id=f"chaosAsset{number:05d}", title=f"Take {number}", like=LIKE)
    if number % FAILING == FAILING - 1:
        failure = {"type": "processing_error", "message": "No speech was found.", "retryable": False}
        await control.post(f"mux/assets/{asset['id']}", failures=[failure] * JOBS_AN_ASSET * 3)
    linked = number % LINKED == 0
    return f"https://stream.mux.com/{asset['playback_ids'][0]['id']}.m3u8" if linked else str(asset["id"])
