"""What a file is, by its name and its first bytes."""

from __future__ import annotations

import codecs
import mimetypes
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# Extension -> media type and the words that people read. Python's own table differs from machine to machine,
# so what captions and films need is named here.
_KINDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "csv": ("text/csv", "CSV"),
        "gif": ("image/gif", "GIF"),
        "htm": ("text/html", "HTML"),
        "html": ("text/html", "HTML"),
        "jpeg": ("image/jpeg", "JPEG"),
        "jpg": ("image/jpeg", "JPEG"),
        "json": ("application/json", "JSON"),
        "m4a": ("audio/mp4", "M4A audio"),
        "md": ("text/markdown", "Markdown"),
        "mov": ("video/quicktime", "QuickTime video"),
        "mp3": ("audio/mpeg", "MP3 audio"),
        "mp4": ("video/mp4", "MP4 video"),
        "pdf": ("application/pdf", "PDF"),
        "png": ("image/png", "PNG"),
        "srt": ("application/x-subrip", "SRT captions"),
        "svg": ("image/svg+xml", "SVG"),
        "txt": ("text/plain", "Plain text"),
        "vtt": ("text/vtt", "WebVTT captions"),
        "wav": ("audio/wav", "WAV audio"),
        "webm": ("video/webm", "WebM video"),
        "webp": ("image/webp", "WebP"),
        "zip": ("application/zip", "ZIP"),
    }
)
_OTHER: Final = ("application/octet-stream", "Binary")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PICTURES: Final = (_PNG, b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
GLIMPSE_LINES: Final = 5
GLIMPSE_BYTES: Final = 8_192
_READABLE: Final = frozenset({"srt", "vtt", "txt", "json", "csv", "md"})


def extension(name: str) -> str:
    """Return what follows a name's last dot, in lower case; empty when there is none."""
    _, dot, end = name.rpartition(".")
    return end.lower() if dot else ""


def media_type(name: str) -> str:
    """Return the media type that a name promises."""
    known = _KINDS.get(extension(name))
    return known[0] if known else mimetypes.guess_type(name)[0] or _OTHER[0]


def pretty_type(name: str) -> str:
    """Return what people call such a file."""
    known = _KINDS.get(extension(name))
    return known[1] if known else extension(name).upper() or _OTHER[1]


def is_picture(name: str, content: bytes) -> bool:
    """Say whether a file is a picture by its name and by its bytes; drawings that can act (SVG) are none."""
    return media_type(name) in {"image/png", "image/jpeg", "image/gif"} and content.startswith(_PICTURES)


def png_size(content: bytes) -> tuple[int, int] | None:
    """Return a PNG's width and height in pixels, or None for anything else."""
    # The header chunk comes first: four bytes of length, its name, then both measures.
    if not content.startswith(_PNG) or content[12:16] != b"IHDR" or len(content) < 24:  # noqa: PLR2004
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """A file's first lines as they are, and how many follow."""

    lines: tuple[str, ...]
    more: int


def glimpse(name: str, content: bytes, *, snippet: bool) -> Glimpse | None:
    """Return the beginning of a file that Slack would preview, or None: another kind of file, or no UTF-8.

    It costs the same for a file of any length: messages are drawn again and again.
    """
    if not snippet and extension(name) not in _READABLE:
        return None
    head = content[:GLIMPSE_BYTES]
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        lines = tuple(decoder.decode(head, final=head == content).splitlines()[:GLIMPSE_LINES])
    except UnicodeDecodeError:
        return None
    ending = b"\n" if b"\n" in head else b"\r"
    total = content.count(ending) + (not content.endswith(ending))
    return Glimpse(lines=lines, more=max(0, total - len(lines)))
