"""How often Slack lets each method be called, as data. Performs no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Per(StrEnum):
    """What a limit is counted for; every count is also per app."""

    CHANNEL = "channel"
    WORKSPACE = "workspace"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `per_minute` calls of one method for each channel or each workspace."""

    per_minute: int
    per: Per = Per.WORKSPACE


# Slack promises "at least" these numbers, so staying at them never earns a 429 of our own making.
# https://docs.slack.dev/apis/web-api/rate-limits
TIER_1: Final = (Limit(1),)
TIER_2: Final = (Limit(20),)
TIER_3: Final = (Limit(50),)
TIER_4: Final = (Limit(100),)
# One message a second in a channel; the ceiling of a workspace is "several hundred" a minute.
POSTING: Final = (Limit(60, Per.CHANNEL), Limit(300))
# Documented as special without a number beyond "hundreds of requests per minute".
GENEROUS: Final = (Limit(300),)

LIMITS: Final[dict[str, tuple[Limit, ...]]] = {
    "auth.test": GENEROUS,
    "chat.delete": TIER_3,
    "chat.getPermalink": GENEROUS,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": POSTING,
    "chat.unfurl": TIER_3,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


def limits_of(method: str) -> tuple[Limit, ...]:
    """Return every limit that a call of `method` counts against; a method not listed gets tier 2's."""
    return LIMITS.get(method, TIER_2)
