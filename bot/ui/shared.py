"""The words with which files are shared, and what is said where they could not be. Performs no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.rules.archive import NAMED, Archive, FilesState, Offer, TrackState, shareable
from bot.rules.jobs import Job
from bot.rules.sharing import Asked, Wish
from bot.ui.blocks import message, section
from bot.ui.message import Message
from bot.ui.mrkdwn import code, date, link, listed, plain, sentences
from bot.ui.wording import title

_MONTHS: Final = "Slack keeps them as long as this workspace does; press Files to get them again at any time."
_OPERATOR: Final = (
    "Whoever runs this bot can set PUBLIC_URL, so that files can be downloaded from it instead."
)
_NO_MEMBER: Final = (
    "I am not a member of this channel, and only members may share files. Type `/invite` and my name."
)

# https://docs.slack.dev/reference/methods/files.completeUploadExternal#errors
_NOT_TAKEN: Final[dict[str, str]] = {
    "file_uploads_disabled": "This workspace does not allow files to be uploaded.",
    "file_uploads_except_images_disabled": "This workspace allows only pictures to be uploaded.",
    "file_type_not_allowed": "This workspace does not allow files of this type.",
    "file_upload_size_restricted": "The files are larger than this workspace allows.",
    "storage_limit_reached": "This workspace has no room left for files.",
    "not_in_channel": _NO_MEMBER,
    "channel_not_found": _NO_MEMBER,
    "is_archived": "This channel is archived.",
    "posting_to_channel_denied": "This workspace does not let apps share files in this channel.",
    "missing_scope": "This app may not upload files: it has not the scope `files:write`.",
    "not_shared": "Slack took the files and never showed them.",
    "undeliverable": "There is no thread to share the files in.",
}

_NO_FILES: Final[dict[str, str]] = {
    "empty": "No speech was heard, so the caption file is empty.",
    "no_link": "Mux gave no link to the caption file.",
    "expired": "Mux's link to the caption file has ended.",
    "not_there": "The caption file is not behind Mux's link any more.",
    "forbidden": "Mux's link to the caption file is refused.",
    "too_large": "The file behind Mux's link is too large for captions, so it was not kept.",
    "foreign_host": "Mux's link leads to a place from which files are not fetched.",
    "web_page": "Behind Mux's link is a web page and no caption file.",
    "unreached": "The store behind Mux's link did not answer for a long time.",
}
_TRY_AGAIN: Final = "Press Try again to fetch it once more."


def comment(job: Job, kinds: Sequence[str]) -> str:
    """Return the words above the files: mrkdwn, and short, since Slack's method puts them into its URL."""
    named = listed([NAMED.get(kind, "captions as they were before (WebVTT)") for kind in kinds])
    return sentences(f"Files for {title(job)}: {named}.", _MONTHS)


def where_files_are(archive: Archive | None) -> str:
    """Return in a sentence where a completed job's files are, or why there are none."""
    if archive is None or archive.files is FilesState.WAITING:
        return "The files are being fetched and follow in this thread."
    if archive.files is FilesState.FAILED:
        return sentences(*_failed(archive))
    if archive.offer is not None:
        return _offered(archive.offer)
    return f"The files are in this thread: {listed([NAMED[kind] for kind in shareable(archive.kinds)])}."


def how_the_track_is(archive: Archive | None, track_id: str) -> str:
    """Return in a sentence whether viewers have the track that the job attached."""
    track = code(track_id)
    said = plain(archive.track_said, 300) if archive is not None else ""
    match TrackState.PREPARING if archive is None else archive.track:
        case TrackState.READY:
            return f"Track {track} is attached to the asset and ready: viewers can choose it."
        case TrackState.ERRORED:
            why = f" Mux says: {said}" if said else ""
            return (
                f"Track {track} was attached to the asset, but Mux could not prepare it, so viewers do not "
                f"have it.{why}"
            )
        case TrackState.GONE:
            return f"Track {track} was attached to the asset, and is not there any more."
        case TrackState.UNKNOWN:
            return f"Track {track} is attached to the asset; Mux has not said that it is ready."
        case _:
            return f"Track {track} is attached to the asset and still being prepared."


def _failed(archive: Archive) -> tuple[str, ...]:
    known = _NO_FILES.get(archive.reason)
    if archive.reason == "empty":
        return (known or "",)
    if known is not None:
        return known, _TRY_AGAIN
    if archive.said:
        return f"What Mux's link leads to is no caption file: {plain(archive.said, 300)}", _TRY_AGAIN
    return f"The caption file could not be had ({code(archive.reason, 60)}).", _TRY_AGAIN


def _offered(offer: Offer) -> str:
    why = _NOT_TAKEN.get(offer.code, f"Slack did not take the files ({code(offer.code, 60)}).")
    if not offer.links:
        return sentences(why, "The files are kept here all the same.", _OPERATOR)
    named = listed([link(url, label) for label, url in offer.links])
    return sentences(
        why,
        f"Download them here until {date(offer.ends_at)}: {named}.",
        "Anyone who has these links can open the files; press Files for new ones.",
    )


def answer(asked: Asked, *, name: str) -> Message:
    """Return the private answer to somebody who wants a job's files; `name` is the id as it was given."""
    said = {
        Wish.UNKNOWN: f"There is no job {code(name, 100)} that you may see.",
        Wish.NONE: "That job has no files, or none yet.",
        Wish.FETCHING: "The files are being fetched once more; the result in the job's thread will say more.",
        Wish.SHARED: (
            "The files come to you as a direct message."
            if asked.to_person
            else "The files are being shared in the job's thread."
        ),
        Wish.REPEATED: "The files are on their way already, or were shared a moment ago.",
    }[asked.wish]
    return message(said, [section(said)])
