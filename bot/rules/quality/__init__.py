"""What a program can measure of captions, against published rules. Performs no I/O."""

from __future__ import annotations

from bot.rules.quality.checks import check
from bot.rules.quality.profiles import DEFAULT, NAMES, Profile, Source, profile
from bot.rules.quality.report import (
    NOT_JUDGED,
    Coverage,
    Finding,
    Kind,
    Phrase,
    Report,
    Worst,
)
from bot.rules.quality.wording import describe, tally

__all__ = [
    "DEFAULT",
    "NAMES",
    "NOT_JUDGED",
    "Coverage",
    "Finding",
    "Kind",
    "Phrase",
    "Profile",
    "Report",
    "Source",
    "Worst",
    "check",
    "describe",
    "profile",
    "tally",
]
