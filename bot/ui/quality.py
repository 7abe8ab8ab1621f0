"""The quality report: short in the thread, and whole as a text file. Performs no I/O.

Measurements only: no sentence here says that captions meet a standard or a law, because no program can know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.rules.cues import FormatProblem, moment
from bot.rules.quality import NOT_JUDGED, Finding, Phrase, Profile, Report, Worst, describe, tally
from bot.ui.blocks import context, section
from bot.ui.message import Block
from bot.ui.mrkdwn import bold, clean, clip, code, lines, link, listed, plain, sentences

_MOST_KINDS: Final = 6
_MOST_MISSED: Final = 8
_MOST_FOUND: Final = 12
_MOST_NAMES: Final = 10
_QUOTE: Final = 70
_WORST_LIMIT: Final = 2_400
_PHRASES_LIMIT: Final = 1_200
_MS: Final = 1_000


def spoken(report: Report) -> str:
    """Return the report as one sentence of mrkdwn, for the words of a message."""
    found = tally(report)
    what = listed(found, most=_MOST_KINDS) if found else "nothing to point out"
    return f"{_measured(report)}: {what}."


def summary(report: Report, *, video_link: str = "") -> list[Block]:
    """Return blocks for a thread: what was found, where to look first, the phrases, and what is not known.

    `video_link` is an address to which seconds are added (`https://player.mux.com/PLAYBACK_ID?time=`); leave
    it empty unless the video may be seen by everybody who has the link.
    """
    shown = [
        section(spoken(report)),
        _section(_worst(report, video_link), _WORST_LIMIT),
        _section(_phrases(report), _PHRASES_LIMIT),
        context(sentences(_coverage(report), _speed(report), _speakers(report), _odd(report.problems))),
        context(NOT_JUDGED),
    ]
    return [block for block in shown if block]


def full(report: Report) -> str:
    """Return the whole report as plain text: the limits with their sources, then every finding."""
    found = tally(report)
    parts = [
        ["Caption quality report", "", f"{_measured(report, marked=False)}.", NOT_JUDGED],
        ["Limits", "", *_limits(report.profile)],
        ["Sources", "", *[f"- {source.title}: {source.url}" for source in report.profile.sources]],
        ["Found", "", *([f"- {words}" for words in found] or ["- nothing to point out"])],
        ["Overall", "", *[f"- {line}" for line in _overall(report)]],
        ["Phrases", "", *map(_phrase_line, report.phrases)] if report.phrases else [],
        ["Format of the file", "", *map(_problem_line, report.problems)] if report.problems else [],
        ["Every finding", "", *[_finding_line(each, report.profile) for each in report.findings]],
    ]
    return "\n\n".join("\n".join(part) for part in parts if len(part) > 2) + "\n"  # noqa: PLR2004 - more than a heading


def _section(text: str, limit: int) -> Block | None:
    return section(clip(text, limit)) if text else None


def _measured(report: Report, *, marked: bool = True) -> str:
    length = report.end_ms if report.duration_ms is None else report.duration_ms
    counted = f"{report.cues:,} {'caption' if report.cues == 1 else 'captions'} in {moment(length)}"
    name = report.profile.title
    return f"{counted}, measured by the limits of {bold(name) if marked else name}"


def _worst(report: Report, video_link: str) -> str:
    rows = [_worst_row(each, report.profile, video_link) for each in report.worst]
    return lines("*Worth looking at first:*", *rows) if rows else ""


def _worst_row(worst: Worst, profile: Profile, video_link: str) -> str:
    place = moment(worst.at_ms)
    shown = link(f"{video_link}{max(worst.at_ms, 0) // _MS}", place) if video_link else place
    said = f": “{plain(worst.text, _QUOTE)}”" if worst.text else ""
    what = plain(listed([describe(each, profile) for each in worst.findings]), 300)
    return f"• {shown}, caption {worst.cue}: {what}{said}"


def _phrases(report: Report) -> str:
    if not report.phrases:
        return ""
    total = len(report.phrases)
    head = f"*Phrases:* {len(report.found):,} of {total:,} found in the captions"
    named = listed([code(each.phrase, 60) for each in report.found], most=_MOST_FOUND)
    if not report.missed:
        return f"{head}: {named}."
    rows = [_missed_row(each) for each in report.missed[:_MOST_MISSED]]
    more = len(report.missed) - len(rows)
    rest = f"• {more:,} more are in the full report." if more else ""
    found = f"{head}: {named}." if named else f"{head}."
    return lines(found, "Not found, which is right where they are not spoken:", *rows, rest)


def _missed_row(phrase: Phrase) -> str:
    wanted = code(phrase.phrase, 60)
    if phrase.at_ms is None:
        return f"• {wanted}"
    return f"• {wanted}: at {moment(phrase.at_ms)} stands “{plain(phrase.near, _QUOTE)}”"


def _coverage(report: Report) -> str:
    covered = report.coverage
    if covered.share is None:
        return ""
    share = f"Captions are on screen for {covered.share:.0%} of the video"
    if not covered.longest_ms:
        return f"{share}."
    longest = f"{moment(covered.longest_ms)} from {moment(covered.longest_at_ms)}"
    return f"{share}; the longest span without any is {longest}."


def _speed(report: Report) -> str:
    if report.typical_speed is None or report.top_speed is None:
        return ""
    unit = report.profile.speed_unit
    return f"Reading speed: mostly {report.typical_speed:.1f} {unit}, at most {report.top_speed:.1f}."


def _speakers(report: Report) -> str:
    if not report.speakers:
        return ""
    names = listed([plain(name, 40) for name in report.speakers], most=_MOST_NAMES)
    return f"Speakers: {names}."


def _odd(problems: Sequence[FormatProblem]) -> str:
    if not problems:
        return ""
    said = f"The file is not quite well formed: line {problems[0].line:,}: {plain(problems[0].message, 120)}"
    return f"{said} {len(problems) - 1} more in the full report." if len(problems) > 1 else said


def _overall(report: Report) -> list[str]:
    names = f"Speakers: {listed([clean(name) for name in report.speakers])}." if report.speakers else ""
    words = f"{report.words:,} words." if report.words else ""
    return [line for line in (words, _coverage(report), _speed(report), names) if line]


def _limits(profile: Profile) -> list[str]:
    wide = "full-width characters" if profile.full_width else "characters"
    rows = (
        (
            "Reading speed",
            profile.max_speed,
            f"at most {{:g}} {profile.speed_unit}, spaces and line breaks included",
        ),
        ("Line", profile.max_line, f"at most {{:g}} {wide}"),
        ("Lines", profile.max_lines, "at most {:g}"),
        ("On screen", profile.min_ms, "at least {:g} ms"),
        ("On screen", profile.max_ms, "at most {:g} ms"),
        ("On screen", profile.min_ms_a_word, "at least {:g} ms a word"),
        ("Gap", profile.min_gap_ms, "at least {:g} ms" + (" or none" if profile.may_touch else "")),
    )
    return [f"- {name}: {words.format(value)}" for name, value, words in rows if value is not None]


def _phrase_line(phrase: Phrase) -> str:
    if phrase.times:
        times = "once" if phrase.times == 1 else f"{phrase.times:,} times"
        return f"- {clean(phrase.phrase)}: found {times}, first at {moment(phrase.at_ms or 0)}"
    if phrase.at_ms is None:
        return f"- {clean(phrase.phrase)}: not found"
    return f"- {clean(phrase.phrase)}: not found; at {moment(phrase.at_ms)} stands “{clean(phrase.near)}”"


def _problem_line(problem: FormatProblem) -> str:
    more = f" ({problem.times:,} times)" if problem.times > 1 else ""
    stands = f" There: {clean(problem.excerpt)}" if problem.excerpt else ""
    return f"- Line {problem.line:,}: {problem.message}{more}{stands}"


def _finding_line(finding: Finding, profile: Profile) -> str:
    return f"- {moment(finding.at_ms)}, caption {finding.cue}: {describe(finding, profile)}"
