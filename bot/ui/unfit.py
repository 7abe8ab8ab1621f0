"""Why a video was found unfit before anything was sent: what is so, and what to do next. Data only.

Each text may name `{asset}`, the id that was asked for, and `{detail}`, the failure's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules import preflight

FREE: Final = "No job was sent to Mux, so no captions were charged."

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
    preflight.UNSAVED: Unfit(
        said="The old captions of the asset {asset} could not be saved before Mux deletes them ({detail}).",
        next_step="Press Retry to try once more. If they may be lost, press Go on without saving.",
        parameter=None,
    ),
    preflight.TRACK_GONE: Unfit(
        said="The track {detail} is not on the video any more, so there is nothing to fix.",
        next_step="Press Fix words under the newest captions of this video.",
        parameter=None,
    ),
    preflight.TRACK_ERRORED: Unfit(
        said="Mux could not prepare the track, so its words cannot be fixed ({detail}).",
        next_step="Look at the video's tracks in the Mux dashboard; make the captions anew if need be.",
        parameter=None,
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
    preflight.FILES_SCOPE: Unfit(
        said="This bot may not read files in Slack: its app lacks the optional scope `files:read`.",
        next_step="Ask an administrator to add `files:read` to the app's bot scopes and to install the app "
        "again, then try again. Or upload the video to Mux yourself and give its asset ID.",
    ),
    preflight.FILE_GONE: Unfit(
        said="Slack does not hand out the file {asset}: it was deleted, or it is kept outside Slack.",
        next_step="Share the video in Slack as a file, then use the shortcut on that message.",
    ),
    preflight.FILE_KIND: Unfit(
        said="The file {detail} is neither a video nor a sound, so there is nothing to caption.",
        next_step="Use the shortcut on a message with a video or a sound file.",
    ),
    preflight.FILE_SIZE: Unfit(
        said="The file {detail} is empty, or larger than 2 GB, which is what this bot passes on.",
        next_step="Upload the video to Mux yourself, then caption it by its asset ID.",
    ),
    preflight.FILE_UNREAD: Unfit(
        said="The file {asset} could not be taken from Slack to Mux ({detail}).",
        next_step="Try again. If it comes back, upload the video to Mux yourself and give its asset ID.",
    ),
    preflight.UPLOAD_FAILED: Unfit(
        said="Mux could not make a video of the file {asset} ({detail}).",
        next_step="Check that the file plays, then try again, or upload it to Mux yourself.",
    ),
    preflight.UPLOAD_REFUSED: Unfit(
        said="Mux did not take a new video from this bot ({detail}).",
        next_step="Ask an administrator whether this bot's Mux access token may write to Mux Video, and "
        "whether the plan allows more videos. Then try again.",
    ),
    preflight.GUEST: Unfit(
        said="Guests of this workspace may not start captions.",
        next_step="Ask a member of this workspace to start them. Whoever runs the bot can allow guests with "
        "ALLOW_GUESTS.",
        parameter=None,
    ),
    preflight.EXTERNAL: Unfit(
        said="People of other organizations may not start captions with this workspace's bot.",
        next_step="Ask somebody who belongs to this workspace to start them.",
        parameter=None,
    ),
    preflight.JOINED: Unfit(
        said="The same captions are being made already, by job {detail}. This link leads to the same video.",
        next_step="Wait for that job. If somebody else asked for it, you will be mentioned when it is done.",
        parameter=None,
    ),
}
