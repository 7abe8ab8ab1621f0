"""A still for a video that has none of its own: a plain grey picture, drawn without any library."""

from __future__ import annotations

import struct
import zlib
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 360
_GREY: Final = 0x60
_DARK: Final = 0x28
_TRIANGLE: Final = 60
"""Half the height of the sign in the middle, in pixels."""


def still() -> bytes:
    """Return the picture as PNG: 640 by 360, grey, with the usual sign for a film in the middle."""
    rows = b"".join(b"\0" + _row(y) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _row(y: int) -> bytes:
    lit = 2 * (_TRIANGLE - abs(y - HEIGHT // 2))
    if lit <= 0:
        return bytes([_DARK]) * WIDTH
    left = WIDTH // 2 - _TRIANGLE
    return bytes([_DARK]) * left + bytes([_GREY]) * lit + bytes([_DARK]) * (WIDTH - left - lit)


def _chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))
