"""Lines broken again so that they fit a profile, and cues split where two lines are not enough.

No word is changed, and no time but where a cue is split. Performs no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from bot.rules.cues import Captions, Cue, seen
from bot.rules.quality.profiles import Profile
from bot.rules.width import columns, full_widths, is_unspaced

# A pause between the halves of a cue that was split, so that the change is seen.
_USUAL_GAP_MS: Final = 83
_DIALOGUE: Final = re.compile(r"\s*(?:<[^<>]*>)*[-\u2010-\u2015]\s*\S|\s*\[")
_TAG: Final = re.compile(r"<[^<>\n]*>|\{\\[^{}\n]*\}")
_AROUND: Final = re.compile(r"(<([ibu])>)([^<>]*)(</\2>)", re.DOTALL)
# Signs that must not begin a line, and those that must not end one, in Chinese and Japanese.
_NOT_FIRST: Final = frozenset("、。，．：；？！）］｝」』】〉》〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…")  # noqa: RUF001 - East Asian signs are meant
_NOT_LAST: Final = frozenset("（［｛「『【〈《〔")  # noqa: RUF001 - as above
_SENTENCE: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟")  # noqa: RUF001 - as above
_CLAUSE: Final = (",", ";", ":", "、", "，", "；", "：", "،", "؛", "-", "–", "—")  # noqa: RUF001 - as above
# How much more a break behind a sign is worth than even lines, in squared line lengths.
_SIGN: Final = 4
# What is longer is no caption, and not worth the time.
_LONGEST: Final = 2_000
_MOST_CUES: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """The room that a profile leaves."""

    line: int
    lines: int
    least_ms: int
    gap_ms: int
    width: Callable[[str], float]


def rewrap(captions: Captions, profile: Profile) -> tuple[Cue, ...] | None:
    """Return the cues with lines that fit the profile, numbered from 1; None when nothing changes.

    A cue that fits stays as it is. One that cannot be made to fit (a word longer than a line, too little time
    to be split) gets the best breaks there are, and stays for the report to name. More
    than 20,000 cues are left alone.
    """
    if profile.max_line is None or profile.max_lines is None or len(captions.cues) > _MOST_CUES:
        return None
    fit = _Fit(
        line=profile.max_line,
        lines=profile.max_lines,
        least_ms=profile.min_ms or 1_000,
        gap_ms=_USUAL_GAP_MS if profile.min_gap_ms and not profile.may_touch else 0,
        width=full_widths if profile.full_width else columns,
    )
    made = [piece for cue in captions.cues for piece in _rewrapped(cue, fit)]
    if [piece.text for piece in made] == [cue.text for cue in captions.cues]:
        return None
    return tuple(replace(cue, index=number) for number, cue in enumerate(made, start=1))


def _rewrapped(cue: Cue, fit: _Fit) -> list[Cue]:
    lines = seen(cue.text).split("\n")
    fits = len(lines) <= fit.lines and all(fit.width(line) <= fit.line for line in lines)
    if fits or len(cue.text) > _LONGEST:
        return [cue]
    around = _AROUND.fullmatch(cue.text.strip())
    inner = around[3] if around else cue.text
    groups = _groups(inner)
    blocks = [block for group in groups for block in _blocks(group, fit)]
    if len(groups) > 1 and sum(map(len, blocks)) <= fit.lines:
        blocks = [[line for block in blocks for line in block]]
    texts = ["\n".join(block) for block in blocks]
    if around:
        texts = [f"{around[1]}{text}{around[4]}" for text in texts]
    return _split(cue, texts, fit, tagged=not around and _TAG.search(inner) is not None)


def _groups(text: str) -> list[str]:
    """Return what different people say in one cue, where each begins with a dash or a name."""
    groups: list[str] = []
    for line in text.split("\n"):
        if groups and not _DIALOGUE.match(line):
            groups[-1] += "\n" + line
        else:
            groups.append(line)
    return groups


def _blocks(text: str, fit: _Fit) -> list[list[str]]:
    """Return the text in blocks of lines that fit, as few as there can be."""
    pieces = list(_pieces(text))
    lines = _balanced(pieces, fit)
    if len(lines) <= fit.lines:
        return [lines]
    return _parted(pieces, fit)


def _pieces(text: str) -> Iterator[str]:
    """Yield what must stay together on a line, each with the space that follows it."""
    for word in re.findall(r"\S+\s*", text.strip()):
        piece = word if word.isascii() or "<" in word else ""
        if piece:
            yield _one_space(piece)
            continue
        yield from map(_one_space, _unspaced(word))


def _one_space(piece: str) -> str:
    return f"{piece.rstrip()} " if piece[-1].isspace() else piece


def _unspaced(word: str) -> Iterator[str]:
    current = ""
    for character in word:
        breakable = (
            current
            and _may_part(current[-1], character)
            and (is_unspaced(current[-1]) or is_unspaced(character))
        )
        if breakable:
            yield current
            current = ""
        current += character
    yield current


def _may_part(left: str, right: str) -> bool:
    """Say whether a line may end between two characters; Thai and its like need a dictionary for that."""
    if "\u0e00" <= left <= "\u17ff" or "\u0e00" <= right <= "\u17ff" or right.isspace():
        return False
    return right not in _NOT_FIRST and left not in _NOT_LAST


def _balanced(pieces: Sequence[str], fit: _Fit) -> list[str]:
    """Return the fewest lines that hold the pieces, as even as they can be.

    Chooses breaks behind signs where that costs little; takes time in proportion to the number of pieces.
    """
    shown = [_TAG.sub("", piece) for piece in pieces]
    total = fit.width("".join(shown).strip())
    even = total / max(-(-total // fit.line), 1)
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(pieces) + 1):
        options = [
            (best[begin][0] + 1, best[begin][1] + _cost(line, even, fit, last=end == len(pieces)), begin)
            for begin, line in _lines_to(shown, end, fit)
        ]
        best.append(min(options))
    lines: list[str] = []
    end = len(pieces)
    while end:
        begin = best[end][2]
        lines.append("".join(pieces[begin:end]).strip())
        end = begin
    return lines[::-1]


def _lines_to(shown: Sequence[str], end: int, fit: _Fit) -> Iterator[tuple[int, str]]:
    """Yield where a line that ends before `end` may begin, and its text; too wide a piece stands alone."""
    line = shown[end - 1].rstrip()
    yield end - 1, line
    for begin in range(end - 2, -1, -1):
        line = shown[begin] + line
        if fit.width(line) > fit.line:
            return
        yield begin, line


def _cost(line: str, even: float, fit: _Fit, *, last: bool) -> float:
    """Return how bad a line is: by its distance from an even one, and by where it ends."""
    well = last or line.endswith(_SENTENCE + _CLAUSE)
    return (fit.width(line) - even) ** 2 + (0 if well else _SIGN * fit.line)


def _parted(pieces: Sequence[str], fit: _Fit) -> list[list[str]]:
    """Return the pieces in several blocks, split behind a sentence where that keeps them few."""
    shown = [_TAG.sub("", piece) for piece in pieces]
    total = sum(map(fit.width, shown))
    parts = max(-(-int(total) // (fit.line * fit.lines)), 2)
    blocks: list[list[str]] = []
    begin = 0
    while begin < len(pieces):
        end = _end_of_part(shown, begin, total / parts, fit)
        blocks.append(_balanced(pieces[begin:end], fit))
        begin = end
    return blocks


def _end_of_part(shown: Sequence[str], begin: int, even: float, fit: _Fit) -> int:
    """Return where a block ends: as near to its share as signs allow, and never with a line too many."""
    fitting = [begin + 1]
    while fitting[-1] < len(shown) and len(_balanced(shown[begin : fitting[-1] + 1], fit)) <= fit.lines:
        fitting.append(fitting[-1] + 1)
    if fitting[-1] == len(shown):
        return fitting[-1]
    return min(fitting, key=lambda end: _distance(shown, begin, end, even, fit))


def _distance(shown: Sequence[str], begin: int, end: int, even: float, fit: _Fit) -> float:
    last = shown[end - 1].rstrip()
    sign = 0.0 if last.endswith(_SENTENCE) else 0.25 if last.endswith(_CLAUSE) else 0.5
    return abs(fit.width("".join(shown[begin:end])) - even) / max(even, 1) + sign


def _split(cue: Cue, texts: Sequence[str], fit: _Fit, *, tagged: bool) -> list[Cue]:
    """Return a cue for each text, with time in proportion to it; one cue when the time does not do."""
    room_ms = cue.duration_ms - fit.gap_ms * (len(texts) - 1)
    if len(texts) == 1 or tagged or room_ms < fit.least_ms * len(texts):
        return [replace(cue, text="\n".join(texts))]
    cues: list[Cue] = []
    start_ms = cue.start_ms
    for text, spent_ms in zip(texts, _shares(texts, room_ms, fit), strict=True):
        end_ms = cue.start_ms + spent_ms + fit.gap_ms * len(cues)
        cues.append(replace(cue, start_ms=start_ms, end_ms=end_ms, text=text))
        start_ms = end_ms + fit.gap_ms
    return cues


def _shares(texts: Sequence[str], room_ms: int, fit: _Fit) -> Iterator[int]:
    """Yield until when each text is shown: in proportion to its length, or with the least time first."""
    lengths = [max(fit.width(seen(text)), 1.0) for text in texts]
    total = sum(lengths)
    least_ms = 0 if room_ms * min(lengths) / total >= fit.least_ms else fit.least_ms
    spare_ms = room_ms - least_ms * len(texts)
    for number, length in enumerate(accumulate(lengths), start=1):
        yield least_ms * number + round(spare_ms * length / total)
