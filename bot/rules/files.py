"""Which files in Slack can become videos at Mux, and why one cannot. Performs no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.rules import preflight
from bot.rules.jobs import Failure

MOST_BYTES: Final = 2 * 1024**3
"""Ours, not Mux's: what a bot should pass on from a chat; Slack itself takes files of up to 1 GB."""

FILE_ID: Final = re.compile(r"F[A-Z0-9]{1,40}")

_KINDS: Final = ("video/", "audio/")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file as Slack describes it; `url` is empty when Slack does not hand out its bytes."""

    id: str
    name: str
    media_type: str = ""
    size: int = 0
    url: str = ""


def is_media(media_type: str) -> bool:
    """Say whether a file of that type may have speech in it."""
    return media_type.casefold().startswith(_KINDS)


def obstacle(file: SlackFile) -> Failure | None:
    """Return why the file cannot be sent to Mux, None when nothing is known to be in the way."""
    if not file.url:
        return Failure(code=preflight.FILE_GONE, message=file.name)
    if not is_media(file.media_type):
        return Failure(code=preflight.FILE_KIND, message=file.name)
    if not 0 < file.size <= MOST_BYTES:
        return Failure(code=preflight.FILE_SIZE, message=file.name)
    return None
