"""Captions against a profile: every fault that can be measured, with its cue. Performs no I/O."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from bot.rules.cues import Captions, Cue, label, seen
from bot.rules.quality import glossary
from bot.rules.quality.measures import Measured, gaps, measure, middle, silences
from bot.rules.quality.profiles import Profile
from bot.rules.quality.report import Coverage, Finding, Kind, Report, Worst

UNCAPTIONED_MS: Final = 30_000
"""Ours, as no publisher gives a figure: half a minute without a caption is worth a look."""
PAST_END_MS: Final = 100
"""Mux rounds the length of a video, so a caption may seem to end a few frames after it."""

MOST_FINDINGS: Final = 5_000
"""More than anybody reads; the counts go on."""

_WORST: Final = 5
_EXCERPT: Final = 160
_LOST: Final = "\ufffd"
_SPOKEN_LABEL: Final = re.compile(r"speaker_\d+")
# Saying something short twice is how people talk; a long caption twice, or a short one three times, is how
# speech recognition fails.
_LONG_WORDS: Final = 4
_LONG_CHARACTERS: Final = 12
_MOST_WEIGHT: Final = 3.0


def check(
    captions: Captions,
    *,
    profile: Profile,
    language: str,
    duration_seconds: float | None,
    phrases: Sequence[str] = (),
    speakers: bool = False,
) -> Report:
    """Return what is measurably wrong with captions, by the limits of `profile`.

    `duration_seconds` is the video's length, None when it is not known; `phrases` are those that were asked
    for; `speakers` says whether speakers' names were. The order of the cues is that of the file.
    """
    duration_ms = None if duration_seconds is None else round(duration_seconds * 1_000)
    measured = [measure(cue, profile) for cue in captions.cues]
    named = _speakers(captions.cues, asked=speakers)
    findings = sorted(
        [
            *_alone(measured, profile, duration_ms),
            *_beside(captions.cues, profile),
            *_repeated(measured),
            *_spans(captions.cues, duration_ms),
            *_unnamed(captions.cues, named, asked=speakers),
        ],
        key=lambda finding: finding[0],
    )
    speeds = [each.speed for each in measured if each.speed is not None and each.lines]
    return Report(
        profile=profile,
        language=language,
        cues=len(captions.cues),
        words=sum(each.words for each in measured),
        end_ms=max((cue.end_ms for cue in captions.cues), default=0),
        duration_ms=duration_ms,
        typical_speed=middle(speeds),
        top_speed=max(speeds, default=None),
        coverage=_coverage(captions.cues, duration_ms),
        counts=_counts(findings),
        findings=tuple(finding for _, finding in findings[:MOST_FINDINGS]),
        worst=_worst(captions.cues, findings),
        phrases=glossary.find(captions.cues, phrases),
        speakers=named,
        problems=captions.problems,
    )


# A finding travels with the place of its cue in the file, because files give numbers twice.
_Placed = tuple[int, Finding]


def _alone(measured: Sequence[Measured], profile: Profile, duration_ms: int | None) -> Iterator[_Placed]:
    for place, each in enumerate(measured):
        for kind, value, limit in _faults(each, profile, duration_ms):
            yield place, _finding(kind, each.cue, value, limit)


def _faults(
    each: Measured, profile: Profile, duration_ms: int | None
) -> Iterator[tuple[Kind, float, float | None]]:
    span = each.cue.duration_ms
    past = None if duration_ms is None else each.cue.end_ms - duration_ms
    if past is not None and past > PAST_END_MS:
        yield Kind.PAST_END, past, None
    if span <= 0:
        yield Kind.NO_TIME, span, None
    if not each.lines:
        yield Kind.EMPTY, 0, None
        return
    if any(_LOST in line for line in each.lines):
        yield Kind.BROKEN_TEXT, sum(line.count(_LOST) for line in each.lines), None
    yield from _over(Kind.LINE_TOO_LONG, each.longest, profile.max_line)
    yield from _over(Kind.TOO_MANY_LINES, len(each.lines), profile.max_lines)
    if span > 0:
        yield from _over(Kind.TOO_FAST, each.speed, profile.max_speed)
        yield from _over(Kind.TOO_LONG, span, profile.max_ms)
        least = max(profile.min_ms or 0, (profile.min_ms_a_word or 0) * each.words)
        if span < least:
            yield Kind.TOO_SHORT, span, least


def _over(
    kind: Kind, measured: float | None, limit: float | None
) -> Iterator[tuple[Kind, float, float | None]]:
    if measured is not None and limit is not None and measured > limit:
        yield kind, measured, limit


def _beside(cues: Sequence[Cue], profile: Profile) -> Iterator[_Placed]:
    least = profile.min_gap_ms
    for place, (above, cue, _, gap) in enumerate(gaps(cues), start=1):
        if cue.start_ms < above.start_ms:
            yield place, _finding(Kind.OUT_OF_ORDER, cue, above.start_ms - cue.start_ms)
        elif gap < 0:
            yield place, _finding(Kind.OVERLAP, cue, -gap)
        elif least is not None and gap < least and (gap or not profile.may_touch):
            yield place, _finding(Kind.SMALL_GAP, cue, gap, least)


def _repeated(measured: Sequence[Measured]) -> Iterator[_Placed]:
    keys = [" ".join(each.lines).casefold() for each in measured]
    begin = 0
    for place in range(1, len(keys) + 1):
        if place < len(keys) and keys[place] == keys[begin]:
            continue
        first = measured[begin]
        is_long = first.words >= _LONG_WORDS or first.length >= _LONG_CHARACTERS
        if keys[begin] and place - begin > (1 if is_long else 2):
            for again in range(begin + 1, place):
                yield again, _finding(Kind.REPEATED, measured[again].cue, place - begin)
        begin = place


def _spans(cues: Sequence[Cue], duration_ms: int | None) -> Iterator[_Placed]:
    starts = sorted((cue.start_ms, at) for at, cue in enumerate(cues))
    for start, end in silences(cues, duration_ms)[1]:
        if end - start >= UNCAPTIONED_MS:
            following = bisect_left(starts, (end, 0))
            place = starts[following][1] if following < len(starts) else len(cues) - 1
            cue = cues[place].index if cues else 0
            finding = Finding(
                kind=Kind.UNCAPTIONED, cue=cue, at_ms=start, measured=end - start, limit=UNCAPTIONED_MS
            )
            yield place, finding


def _unnamed(cues: Sequence[Cue], named: tuple[str, ...], *, asked: bool) -> Iterator[_Placed]:
    if asked and not named and cues:
        yield 0, _finding(Kind.NO_SPEAKER, cues[0])


def _finding(kind: Kind, cue: Cue, measured: float | None = None, limit: float | None = None) -> Finding:
    return Finding(kind=kind, cue=cue.index, at_ms=cue.start_ms, measured=measured, limit=limit)


def _speakers(cues: Sequence[Cue], *, asked: bool) -> tuple[str, ...]:
    """Return the speakers' names; where none were asked for, only what must be one, as `[laughs]` is none."""
    names = dict.fromkeys(label(seen(cue.text)) for cue in cues if "[" in cue.text)
    return tuple(name for name in names if name and (asked or _SPOKEN_LABEL.fullmatch(name)))


def _counts(findings: Sequence[_Placed]) -> dict[Kind, int]:
    times = Counter(finding.kind for _, finding in findings)
    return {kind: times[kind] for kind in Kind if times[kind]}


def _coverage(cues: Sequence[Cue], duration_ms: int | None) -> Coverage:
    captioned_ms, empty = silences(cues, duration_ms)
    start, end = max(empty, key=lambda span: span[1] - span[0], default=(0, 0))
    last_ms = max((cue.end_ms for cue in cues), default=0)
    return Coverage(
        captioned_ms=captioned_ms,
        share=captioned_ms / duration_ms if duration_ms else None,
        longest_ms=end - start,
        longest_at_ms=start,
        past_end_ms=0 if duration_ms is None else max(last_ms - duration_ms, 0),
    )


def _worst(cues: Sequence[Cue], findings: Sequence[_Placed]) -> tuple[Worst, ...]:
    of_cue: dict[int, list[Finding]] = defaultdict(list)
    for place, finding in findings:
        if finding.kind not in {Kind.UNCAPTIONED, Kind.NO_SPEAKER}:
            of_cue[place].append(finding)
    ranked = sorted(of_cue, key=lambda place: (-sum(map(_weight, of_cue[place])), place))
    return tuple(
        Worst(
            cue=cues[place].index,
            at_ms=cues[place].start_ms,
            findings=tuple(sorted(of_cue[place], key=_weight, reverse=True)),
            text=" ".join(seen(cues[place].text).split())[:_EXCERPT],
        )
        for place in ranked[:_WORST]
    )


def _weight(finding: Finding) -> float:
    """Return how bad a fault is: by how much it misses its limit, and 1 where nothing at all is allowed."""
    if finding.limit is None or finding.measured is None:
        return 1
    low, high = sorted((finding.measured, finding.limit))
    missed = min((high - low) / low, _MOST_WEIGHT) if low else _MOST_WEIGHT
    # A small gap is the fault that viewers notice least, and the one that machines make most.
    return missed / 10 if finding.kind is Kind.SMALL_GAP else missed
