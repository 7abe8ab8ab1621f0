"""What became of somebody's wish for a job's files. Performs no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.rules.archive import Archive
from bot.rules.jobs import Job


class Wish(StrEnum):
    """What became of it."""

    UNKNOWN = "unknown"
    """There is no such job for this person."""
    NONE = "none"
    """The job has left no files behind, at least not yet."""
    FETCHING = "fetching"
    """They could not be had before, and are fetched once more."""
    SHARED = "shared"
    REPEATED = "repeated"
    """They are on their way already, or were shared a moment ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What became of a wish for the files of `job`. `to_person` says that they go to the person who asked."""

    wish: Wish
    job: Job | None = None
    archive: Archive | None = None
    to_person: bool = False
