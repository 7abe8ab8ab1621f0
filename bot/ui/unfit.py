"""Why a video was found unfit before anything was sent: what is so, and what to do next. Data only.

Each text may name `{asset}`, the id that was asked for, and `{detail}`, the failure's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules import preflight

FREE: Final = "Nothing was sent to Mux, so nothing was charged."

AGAIN: Final = "then run the command again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """One reason, as mrkdwn; `parameter` is the field that is to blame."""

    said: str
    next_step: str
    parameter: str | None = "asset_id"


UNKNOWN: Final = Unfit(
    said="This video cannot be captioned as it is ({detail}).",
    next_step=f"Look at the video in the Mux dashboard, {AGAIN}",
)

UNFIT: Final[dict[str, Unfit]] = {
    preflight.LIVE: Unfit(
        said="The asset {asset} is still being streamed live.",
        next_step="Run the command again once the stream has ended and its recording is ready.",
    ),
    preflight.FAILED: Unfit(
        said="Mux could not process the video of the asset {asset}, so there is nothing to caption.",
        next_step="The Mux dashboard says what was wrong with the file. Upload it again, then caption the "
        "new asset.",
    ),
    preflight.NO_AUDIO: Unfit(
        said="The asset {asset} has no sound, so there is nothing to caption.",
        next_step="Check that this is the right video, or upload it again with its sound.",
    ),
    preflight.NO_PLAYBACK: Unfit(
        said="The asset {asset} has no public or signed playback ID, which Mux needs to read its sound.",
        next_step=f"Add a public or signed playback ID to the asset in the Mux dashboard, {AGAIN} A DRM "
        "playback ID is not enough.",
    ),
    preflight.CONFLICT: Unfit(
        said="The asset already has the text track {detail}, and Mux keeps one of each language and name.",
        next_step="",
        parameter="replace",
    ),
    preflight.LIVE_STREAM: Unfit(
        said="That playback ID is a live stream's, and captions are made for recordings.",
        next_step="Use the asset that Mux records from the stream: copy its ID from the Mux dashboard.",
    ),
    preflight.ELSEWHERE: Unfit(
        said="Mux has nothing at the playback ID {asset} in this bot's environment.",
        next_step="Check that the link is complete, that the video was not deleted, and that it is in the "
        "same Mux environment as this bot.",
    ),
    preflight.NOT_READY: Unfit(
        said="Mux was still preparing the asset {asset} after 24 hours, so the wait was given up.",
        next_step=f"See in the Mux dashboard why it is not ready, {AGAIN}",
    ),
    preflight.UNANSWERED: Unfit(
        said="Mux would not say which video the playback ID {asset} belongs to ({detail}).",
        next_step="Give the asset ID instead. If it comes back, ask an administrator whether this bot's Mux "
        "access token may read Mux Video.",
    ),
    preflight.JOINED: Unfit(
        said="The same captions are being made already, by job {detail}. This link leads to the same video.",
        next_step="Wait for that job. If somebody else asked for it, you will be mentioned when it is done.",
        parameter=None,
    ),
}
