"""Findings in words. Performs no I/O."""

from __future__ import annotations

from typing import Final

from bot.rules.quality.profiles import Profile
from bot.rules.quality.report import Finding, Kind, Report

_MS: Final = 1_000
# What the count of a kind is called, for one and for several.
_NAMES: Final[dict[Kind, tuple[str, str]]] = {
    Kind.NO_TIME: ("caption has no time on screen", "captions have no time on screen"),
    Kind.OUT_OF_ORDER: ("caption is out of order", "captions are out of order"),
    Kind.OVERLAP: ("overlap", "overlaps"),
    Kind.PAST_END: ("caption ends after the video", "captions end after the video"),
    Kind.UNCAPTIONED: ("long span without captions", "long spans without captions"),
    Kind.EMPTY: ("empty caption", "empty captions"),
    Kind.REPEATED: ("repeated caption", "repeated captions"),
    Kind.BROKEN_TEXT: ("caption with lost characters", "captions with lost characters"),
    Kind.TOO_FAST: ("caption to be read too fast", "captions to be read too fast"),
    Kind.LINE_TOO_LONG: ("caption with too long a line", "captions with too long a line"),
    Kind.TOO_MANY_LINES: ("caption with too many lines", "captions with too many lines"),
    Kind.TOO_SHORT: ("caption shown too briefly", "captions shown too briefly"),
    Kind.TOO_LONG: ("caption shown too long", "captions shown too long"),
    Kind.SMALL_GAP: ("gap that is too small", "gaps that are too small"),
    Kind.NO_SPEAKER: (
        "speakers were asked for and none is named",
        "speakers were asked for and none is named",
    ),
}


_DESCRIBED: Final[dict[Kind, str]] = {
    Kind.NO_TIME: "ends {span} before it starts",
    Kind.OUT_OF_ORDER: "starts {span} before the caption above it",
    Kind.OVERLAP: "starts {span} before the caption above it has ended",
    Kind.PAST_END: "ends {span} after the video",
    Kind.UNCAPTIONED: "{span} without captions",
    Kind.EMPTY: "shows nothing",
    Kind.REPEATED: "says the same as the caption before it",
    Kind.BROKEN_TEXT: "holds the sign for lost characters",
    Kind.TOO_FAST: "{measured:.1f} {unit} (at most {limit:g})",
    Kind.LINE_TOO_LONG: "a line of {measured:g} {wide}characters (at most {limit:g})",
    Kind.TOO_MANY_LINES: "{measured:g} lines (at most {limit:g})",
    Kind.TOO_SHORT: "on screen for {span} (at least {least})",
    Kind.TOO_LONG: "on screen for {span} (at most {least})",
    Kind.SMALL_GAP: "{span} after the caption before it (at least {least}{none})",
    Kind.NO_SPEAKER: "speakers were asked for and none is named",
}


def tally(report: Report) -> tuple[str, ...]:
    """Return a count in words for each kind that was found, the gravest first: `3 overlaps`."""
    return tuple(_counted(kind, report.counts[kind]) for kind in Kind if report.counts.get(kind))


def describe(finding: Finding, profile: Profile) -> str:
    """Return what was measured and what the limit is: `24.1 characters a second (at most 20)`."""
    written = _DESCRIBED[finding.kind]
    return written.format(
        measured=finding.measured or 0,
        limit=finding.limit or 0,
        span=_seconds(abs(finding.measured or 0)),
        least=_seconds(finding.limit or 0),
        unit=profile.speed_unit,
        wide="full-width " if profile.full_width else "",
        none=" or none at all" if profile.may_touch else "",
    )


def _counted(kind: Kind, times: int) -> str:
    one, several = _NAMES[kind]
    if kind is Kind.NO_SPEAKER:
        return one
    return f"{times:,} {one if times == 1 else several}"


def _seconds(ms: float) -> str:
    return f"{ms / _MS:.2f} s" if ms < 10 * _MS else f"{ms / _MS:.0f} s"
