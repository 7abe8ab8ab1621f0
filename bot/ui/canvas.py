"""A picture of plain shapes and words, written as PNG. Performs no I/O.

It can do what one diagram needs: boxes, and text in one typeface. A library for pictures would be a fifth
of an installation, and would read dozens of formats that nobody sends here.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b85decode
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from bot.ui.glyphs import CHARACTERS, PACKED

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255 each."""

_DEEPEST: Final = 15
"""How much of a pixel a glyph covers goes from 0 to this."""

_HEAD: Final = struct.Struct("<HbbBB")
_UNITS: Final = 64
_MOST_COLOURS: Final = 256


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character: how far it moves the pen, in pixels, and its shape, in rows of coverage.

    `left` and `top` lead from the pen, at the height of the ascender, to the shape.
    """

    advance: float
    left: int
    top: int
    rows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Font:
    """The typeface in one size; `height` is that of a line, in pixels."""

    height: int
    glyphs: dict[str, Glyph]

    def has(self, text: str) -> bool:
        """Say whether every character can be drawn."""
        return self.glyphs.keys() >= set(text)

    def width(self, text: str) -> float:
        """Return how wide the text is, in pixels; raises KeyError for what the font lacks."""
        return sum(self.glyphs[character].advance for character in text)


@cache
def font(size: int) -> Font:
    """Return the typeface in one of the sizes of `glyphs`."""
    height, packed = PACKED[size]
    data, at = zlib.decompress(b85decode(packed)), 0
    glyphs = {}
    for character in CHARACTERS:
        advance, left, top, width, rows = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        half = (width * rows + 1) // 2
        levels = bytes(level for pair in data[at : at + half] for level in (pair >> 4, pair & _DEEPEST))
        at += half
        shape = tuple(levels[row * width : (row + 1) * width] for row in range(rows))
        glyphs[character] = Glyph(advance / _UNITS, left, top, shape)
    return Font(height, glyphs)


class Canvas:
    """A picture; what is drawn outside of it is left out, and after 256 colours the nearest one is used."""

    def __init__(self, width: int, height: int, paper: Colour) -> None:
        self.width = width
        self.height = height
        self._colours: dict[Colour, int] = {paper: 0}
        self._palette = [paper]
        self._pixels = bytearray(width * height)

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """Fill from `left` and `top` to `right` and `bottom`, all of them included."""
        left, right = max(left, 0), min(right, self.width - 1) + 1
        top, bottom = max(top, 0), min(bottom, self.height - 1) + 1
        if left >= right or top >= bottom:
            return
        index = self._index(colour)
        if right - left == 1:
            # One slice for an upright line, of which a diagram has a thousand.
            places = slice(top * self.width + left, (bottom - 1) * self.width + left + 1, self.width)
            self._pixels[places] = bytes((index,)) * (bottom - top)
            return
        row = bytes((index,)) * (right - left)
        for y in range(top, bottom):
            self._pixels[y * self.width + left : y * self.width + right] = row

    def write(self, text: str, left: float, top: float, colour: Colour, font: Font) -> None:
        """Write one line whose first letter begins at `left` and whose ascenders reach up to `top`."""
        pen = left
        for character in text:
            glyph = font.glyphs[character]
            self._stamp(glyph, round(pen) + glyph.left, round(top) + glyph.top, colour)
            pen += glyph.advance

    def png(self) -> bytes:
        """Return the file; https://www.w3.org/TR/png-3/."""
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        rows = (self._pixels[at : at + self.width] for at in range(0, len(self._pixels), self.width))
        pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
        palette = bytes(part for colour in self._palette for part in colour)
        chunks = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)

    def _stamp(self, glyph: Glyph, left: int, top: int, colour: Colour) -> None:
        for y, row in enumerate(glyph.rows, top):
            if not 0 <= y < self.height:
                continue
            for x, level in enumerate(row, left):
                if level and 0 <= x < self.width:
                    at = y * self.width + x
                    self._pixels[at] = self._index(_mixed(self._palette[self._pixels[at]], colour, level))

    def _index(self, colour: Colour) -> int:
        found = self._colours.get(colour)
        if found is not None:
            return found
        if len(self._palette) == _MOST_COLOURS:
            return min(range(_MOST_COLOURS), key=lambda index: _distance(self._palette[index], colour))
        self._palette.append(colour)
        return self._colours.setdefault(colour, len(self._palette) - 1)


@lru_cache(maxsize=1_024)
def _mixed(paper: Colour, ink: Colour, level: int) -> Colour:
    red, green, blue = (p + (i - p) * level // _DEEPEST for p, i in zip(paper, ink, strict=True))
    return red, green, blue


def _distance(one: Colour, other: Colour) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
