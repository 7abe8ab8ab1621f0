"""The hand-made files measured a second time, by other people's code and with limits written down again.

pysubs2 reads the files and strips the tags, wcwidth says how wide a text is, and srt-validator (npm), where
it is installed, judges the times by itself. Nothing of the bot's own rules is used for the second figures.

Run `python -m tests.captions.second_checker` in the repository for the table that docs/quality.md shows;
for srt-validator, `npm install srt-validator` somewhere and name its node_modules in SRT_VALIDATOR.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILES: Final = Path(__file__).parent / "files"
# Rules that the second measurement has too; the others (repeated, uncaptioned, past the end, lost
# characters) are ours alone.
SHARED: Final = (
    "no_time",
    "out_of_order",
    "overlap",
    "empty",
    "too_fast",
    "line_too_long",
    "too_many_lines",
    "too_short",
    "too_long",
    "small_gap",
)
_VALIDATE: Final = """
const { validator } = require(process.argv[1]);
const text = require("fs").readFileSync(process.argv[2], "utf8");
console.log(JSON.stringify(validator(text).map((each) => [each.errorCode, each.lineNumber])));
"""

Row = tuple[str, str, int, float]
"""The file, the rule, the cue, and what was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file is measured by; `cps` or `wpm` is None, times are in milliseconds."""

    cps: float | None = 20
    wpm: float | None = None
    line: float = 42
    least_ms: int = 833
    least_ms_a_word: int = 0
    most_ms: float = 7_000
    gap_ms: int = 83
    may_touch: bool = False
    half: bool = False


_LIMITS: Final = {
    "arabic": Limits(cps=20),
    "hebrew": Limits(cps=17),
    "hindi": Limits(cps=22),
    "thai": Limits(cps=17, line=35),
    "japanese": Limits(cps=4, line=13, half=True),
    "korean": Limits(cps=12, line=16, half=True),
    "chinese": Limits(cps=9, line=16, half=True),
    "bbc": Limits(
        cps=None,
        wpm=180,
        line=37,
        least_ms=0,
        least_ms_a_word=300,
        most_ms=float("inf"),
        gap_ms=1_000,
        may_touch=True,
    ),
    "dcmp": Limits(cps=None, wpm=160, line=32, least_ms=2_000, most_ms=float("inf"), gap_ms=0),
}


def second(name: str) -> list[Row]:
    """Return what the second measurement finds in a file, in the order of the cues."""
    import pysubs2

    limits = _LIMITS.get(name, Limits())
    events = list(pysubs2.load(str(FILES / f"{name}.srt"), encoding="utf-8"))
    rows: list[Row] = []
    ended = 0
    for number, event in enumerate(events, start=1):
        above = events[number - 2] if number > 1 else None
        found = [*_times(event.start, event.end, event.plaintext, limits)]
        if above is not None:
            found += _beside(event.start - above.start, event.start - ended, limits)
        ended = max(ended, event.end)
        rows += [(name, kind, number, value) for kind, value in found]
    return rows


def _times(start: int, end: int, text: str, limits: Limits) -> Iterator[tuple[str, float]]:
    span = end - start
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if span <= 0:
        yield "no_time", span
    if not lines:
        yield "empty", 0
        return
    longest = max(_width(line, limits) for line in lines)
    if longest > limits.line:
        yield "line_too_long", longest
    if len(lines) > 2:
        yield "too_many_lines", len(lines)
    if span > 0:
        yield from _speeds(" ".join(lines), span, limits)


def _speeds(text: str, span: int, limits: Limits) -> Iterator[tuple[str, float]]:
    words = len(text.split())
    speed = words * 60_000 / span if limits.wpm else _seen(text, limits) * 1_000 / span
    if speed > (limits.wpm or limits.cps or 0):
        yield "too_fast", speed
    if span < max(limits.least_ms, words * limits.least_ms_a_word):
        yield "too_short", span
    if span > limits.most_ms:
        yield "too_long", span


def _beside(later: int, gap: int, limits: Limits) -> Iterator[tuple[str, float]]:
    if later < 0:
        yield "out_of_order", -later
    elif gap < 0:
        yield "overlap", -gap
    elif gap < limits.gap_ms and not (gap == 0 and limits.may_touch):
        yield "small_gap", gap


def _width(text: str, limits: Limits) -> float:
    from wcwidth import wcswidth

    return wcswidth(text) / 2 if limits.half else wcswidth(text)


def _seen(text: str, limits: Limits) -> float:
    from wcwidth import iter_graphemes, wcswidth

    if limits.half:
        return wcswidth(text) / 2
    return sum(1 for grapheme in iter_graphemes(text) if wcswidth(grapheme) > 0)


def ours(name: str) -> list[Row]:
    """Return what the bot finds in a file by the rules that both have, in the order of the cues."""
    from bot.rules import srt
    from bot.rules.quality import check, profile
    from tests.captions.test_files import LANGUAGES

    language = LANGUAGES.get(name, "en")
    limits = profile(name if name in {"bbc", "dcmp"} else "netflix-en", language)
    captions = srt.read((FILES / f"{name}.srt").read_bytes())
    report = check(captions, profile=limits, language=language, duration_seconds=None)
    found = [(name, finding.kind.value, finding.cue, finding.measured or 0) for finding in report.findings]
    return [row for row in found if row[1] in SHARED]


def names() -> list[str]:
    """Return the files' names."""
    return sorted(path.stem for path in FILES.glob("*.srt"))


def validated(name: str) -> list[tuple[str, int]]:
    """Return srt-validator's own errors in a file, each with its line; see the top for how it is found."""
    node, modules = shutil.which("node"), os.environ.get("SRT_VALIDATOR")
    if not node or not modules:
        raise FileNotFoundError("srt-validator")
    package = str(Path(modules) / "srt-validator")
    command = [node, "-e", _VALIDATE, package, str(FILES / f"{name}.srt")]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own script
    return [(code, line) for code, line in json.loads(answer.stdout)]


def table() -> str:
    """Return both measurements side by side, as docs/quality.md has them."""
    rows = ["| file | rule | caption | Caption Bot | second measurement |", "|---|---|---|---|---|"]
    for name in names():
        first = {row[:3]: row[3] for row in ours(name)}
        other = {row[:3]: row[3] for row in second(name)}
        if not first and not other:
            rows.append(f"| {name} | none broken | | | |")
        for key in sorted({*first, *other}, key=lambda key: (key[2], SHARED.index(key[1]))):
            shown = [f"{values[key]:.2f}" if key in values else "not found" for values in (first, other)]
            rows.append(f"| {key[0]} | {key[1]} | {key[2]} | {shown[0]} | {shown[1]} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
