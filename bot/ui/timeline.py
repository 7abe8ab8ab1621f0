"""The reading speed of captions over time, drawn as a picture. Performs no I/O.

The picture library is imported when the first picture is drawn, because starting the bot needs none.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from bot.rules.cues import Cue, moment
from bot.rules.quality.measures import middle, silences, speeds
from bot.rules.quality.profiles import CHARACTERS, Profile
from bot.ui.mrkdwn import clean

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH: Final = 1_600
HEIGHT: Final = 560
_LEFT: Final = 110
_RIGHT: Final = 130
_TOP: Final = 118
_BOTTOM: Final = 74
_PLOT: Final = WIDTH - _LEFT - _RIGHT
_FLOOR: Final = HEIGHT - _BOTTOM

_PAPER: Final = "#ffffff"
_INK: Final = "#1d1c1d"
_FAINT_INK: Final = "#55565a"
_GRID: Final = "#e4e5e8"
_CALM: Final = "#3f7fbf"
_FAST: Final = "#c8501e"
_EMPTY: Final = "#eeeff1"
_HATCH: Final = "#d5d7db"

# A pause that long can be seen in the picture and is worth seeing.
_SHADED_MS: Final = 10_000
_SHADED_PIXELS: Final = 6
_STEPS: Final = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400)
_MOST_TICKS: Final = 9
_SPEED_STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_SPEEDS: Final = 5
_TOP_OF_LIMIT: Final = 2.5
_TITLE: Final = 200
# With less room for a cue than this only what is above the limit is marked, or stripes hide everything.
_CROWDED_PIXELS: Final = 4
_DASHES: Final = {0x2010: "-", 0x2011: "-", 0x2013: "-", 0x2014: "-"}
_MARGIN: Final = 12
# A private-use character that no font has: how it is drawn shows how the others are drawn that it lacks.
_MISSING: Final = "\U0010fffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG and the same in words, unescaped, for people who do not see it."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chart:
    """What is drawn: where cues stand with their speed, and the scale of both axes."""

    cues: Sequence[tuple[Cue, float]]
    empty: Sequence[tuple[int, int]]
    end_ms: int
    top: float
    limit: float | None
    unit: str

    def across(self, ms: float) -> int:
        """Return the pixel column of a time."""
        return _LEFT + round(min(max(ms, 0), self.end_ms) * _PLOT / self.end_ms)

    def up(self, speed: float) -> int:
        """Return the pixel row of a speed."""
        return _FLOOR - round(min(speed, self.top) * (_FLOOR - _TOP) / self.top)


def draw(
    cues: Sequence[Cue], profile: Profile, title: str, *, duration_seconds: float | None = None
) -> Picture:
    """Return the picture for captions; `title` may hold any text and is left out where it cannot be drawn.

    `duration_seconds` is the video's length; without it the last caption ends the picture.
    """
    from PIL import Image, ImageDraw, ImageFont

    chart = _chart(cues, profile, duration_seconds)
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    # Only a Pillow built without FreeType, which no wheel is, would give another kind of font.
    small, large = (cast("FreeTypeFont", ImageFont.load_default(size)) for size in (26, 34))
    _draw_empty(pen, chart, small)
    _draw_scales(pen, chart, small)
    _draw_speeds(pen, chart)
    _draw_limit(pen, chart, small)
    _draw_words(pen, chart, profile, title, (small, large))
    file = io.BytesIO()
    # Few colours make a small file; the picture is looked at in a chat.
    image.quantize(64).save(file, "PNG", optimize=True)
    return Picture(png=file.getvalue(), alt=_alt(chart, title))


def _chart(cues: Sequence[Cue], profile: Profile, duration_seconds: float | None) -> _Chart:
    if profile.max_speed is None:
        profile = replace(profile, speed_unit=CHARACTERS)
    found = list(speeds(cues, profile))
    last_ms = max((cue.end_ms for cue in cues), default=0)
    end_ms = max(last_ms, round((duration_seconds or 0) * 1_000), 1_000)
    most = max((speed for _, speed in found), default=0.0)
    limit = profile.max_speed
    # A few cues that nobody could read must not flatten all the others.
    top = max(min(most * 1.05, limit * _TOP_OF_LIMIT), limit * 1.3) if limit else max(most * 1.1, 1.0)
    return _Chart(
        cues=found,
        empty=[span for span in silences(cues, end_ms)[1] if span[1] - span[0] >= _SHADED_MS],
        end_ms=end_ms,
        top=top,
        limit=limit,
        unit=profile.speed_unit,
    )


def _draw_empty(pen: ImageDraw, chart: _Chart, font: FreeTypeFont) -> None:
    for start_ms, end_ms in chart.empty:
        left, right = chart.across(start_ms), chart.across(end_ms)
        if right - left < _SHADED_PIXELS:
            continue
        pen.rectangle((left, _TOP, right, _FLOOR), fill=_EMPTY)
        for at in range(left + 6, right, 12):
            pen.line((at, _TOP, at, _FLOOR), fill=_HATCH)
        words = f"no captions for {moment(end_ms - start_ms)}"
        for shown in (words, moment(end_ms - start_ms)):
            if pen.textlength(shown, font) + 2 * _MARGIN <= right - left:
                _put(pen, ((left + right) / 2, (_TOP + _FLOOR) / 2), shown, font, _EMPTY)
                break


def _put(pen: ImageDraw, at: tuple[float, float], words: str, font: FreeTypeFont, behind: str) -> None:
    box = pen.textbbox(at, words, font, anchor="mm")
    pen.rectangle((box[0] - _MARGIN, box[1] - 8, box[2] + _MARGIN, box[3] + 8), fill=behind)
    pen.text(at, words, _FAINT_INK, font, anchor="mm")


def _draw_scales(pen: ImageDraw, chart: _Chart, font: FreeTypeFont) -> None:
    step = next(step for step in _SPEED_STEPS if chart.top / step <= _MOST_SPEEDS or step == _SPEED_STEPS[-1])
    for speed in range(0, int(chart.top) + 1, step):
        row = chart.up(speed)
        pen.line((_LEFT, row, WIDTH - _RIGHT, row), fill=_GRID if speed else _FAINT_INK, width=2)
        pen.text((_LEFT - _MARGIN, row), str(speed), _FAINT_INK, font, anchor="rm")
    seconds = chart.end_ms / 1_000
    every = next((step for step in _STEPS if seconds / step <= _MOST_TICKS), int(seconds / _MOST_TICKS) + 1)
    for second in range(0, int(seconds) + 1, every):
        column = chart.across(second * 1_000)
        pen.line((column, _FLOOR, column, _FLOOR + 8), fill=_FAINT_INK, width=2)
        pen.text((column, _FLOOR + 16), moment(second * 1_000), _FAINT_INK, font, anchor="ma")


def _draw_speeds(pen: ImageDraw, chart: _Chart) -> None:
    # In a long video several cues share a column of pixels, which then shows the fastest of them.
    fastest = [0.0] * WIDTH
    for cue, speed in sorted(chart.cues, key=lambda pair: pair[1]):
        left, right = chart.across(cue.start_ms), chart.across(cue.end_ms)
        right = max(right - 1, left + 1)
        fastest[left:right] = [speed] * (right - left)
    crowded = len(chart.cues) > _PLOT // _CROWDED_PIXELS
    for column, speed in enumerate(fastest):
        if not speed:
            continue
        pen.line((column, chart.up(speed), column, _FLOOR), fill=_CALM)
        if chart.limit is not None and speed > chart.limit:
            foot = chart.up(chart.limit) if crowded else _FLOOR
            pen.line((column, chart.up(speed), column, foot), fill=_FAST)
        if speed > chart.top:
            pen.line((column, _TOP - 10, column, _TOP - 4), fill=_FAST)
    pen.line((_LEFT, _FLOOR, WIDTH - _RIGHT, _FLOOR), fill=_FAINT_INK, width=2)


def _draw_limit(pen: ImageDraw, chart: _Chart, font: FreeTypeFont) -> None:
    if chart.limit is None:
        return
    row = chart.up(chart.limit)
    for left in range(_LEFT, WIDTH - _RIGHT, 24):
        pen.line((left, row, min(left + 14, WIDTH - _RIGHT), row), fill=_INK, width=3)
    pen.text((WIDTH - _RIGHT + _MARGIN, row), f"limit {chart.limit:g}", _INK, font, anchor="lm")


def _draw_words(
    pen: ImageDraw, chart: _Chart, profile: Profile, title: str, fonts: tuple[FreeTypeFont, FreeTypeFont]
) -> None:
    small, large = fonts
    named = clean(title).translate(_DASHES)
    head = f"Reading speed: {named}" if named and _drawable(named, large) else "Reading speed"
    while pen.textlength(head, large) > _PLOT:
        head = f"{head.rstrip('.')[:-4].rstrip()}..."
    pen.text((_LEFT, 22), head, _INK, large)
    pen.text((_LEFT, 66), f"{chart.unit} · {profile.title}{_above(chart)}", _FAINT_INK, small)


def _above(chart: _Chart) -> str:
    if chart.limit is None:
        return ""
    fast = sum(speed > chart.limit for _, speed in chart.cues)
    return f" · {fast:,} of {len(chart.cues):,} above the limit"


def _drawable(text: str, font: FreeTypeFont) -> bool:
    """Say whether the font has every character of the text and need not shape or turn any of it around."""
    missing = bytes(font.getmask(_MISSING))
    return all(character == " " or bytes(font.getmask(character)) != missing for character in set(text))


def _alt(chart: _Chart, title: str) -> str:
    named = f" of {clean(title)[:_TITLE]}" if clean(title) else ""
    over = f"Reading speed{named} over {moment(chart.end_ms)}."
    if not chart.cues:
        return f"{over} There are no captions to measure."
    cue, most = max(chart.cues, key=lambda pair: pair[1])
    usual = middle(speed for _, speed in chart.cues) or 0
    parts = [over, f"Mostly {usual:.0f} {chart.unit}, at most {most:.0f} at {moment(cue.start_ms)}."]
    if chart.limit is not None:
        fast = sum(speed > chart.limit for _, speed in chart.cues)
        count = f"{fast:,} of {len(chart.cues):,} captions" if fast else "No caption"
        parts.append(f"{count} {'are' if fast > 1 else 'is'} above the limit of {chart.limit:g}.")
    if chart.empty:
        start_ms, end_ms = max(chart.empty, key=lambda span: span[1] - span[0])
        parts.append(
            f"The longest span without captions is {moment(end_ms - start_ms)} from {moment(start_ms)}."
        )
    return " ".join(parts)
