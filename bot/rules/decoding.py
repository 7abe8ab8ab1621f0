"""The bytes of a caption file made text, or the reason why they are no captions. Performs no I/O."""

from __future__ import annotations

import codecs
import re
from typing import Final, NoReturn

from bot.errors import NotCaptions
from bot.rules.cues import FormatProblem

MAX_BYTES: Final = 10 * 1024**2
"""Three hours of dense speech are half a megabyte; ten are more than a day of it in any script."""

_EXCERPT: Final = 80
_CONTROLS: Final = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in {0x09, 0x0A}}
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FILES: Final = (
    (b"\x1f\x8b", "compressed data (gzip)"),
    (b"PK\x03\x04", "a ZIP file"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1aE\xdf\xa3", "a video file"),
    (b"\x28\xb5\x2f\xfd", "compressed data (zstd)"),
    (b"ID3", "a sound file"),
)
_HTML: Final = re.compile(
    r"\s*(?:<!--[^>]{0,500}-->\s*)?<(?:!doctype\s+html|html|head|body|title|script)\b", re.IGNORECASE
)
_XML: Final = re.compile(r"\s*<(?:\?xml\b|!doctype\b|[A-Za-z][\w:.-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE)
_JSON: Final = re.compile(r'\s*(?:\{\s*(?:"|\}\s*\Z)|\[\s*(?:\{\s*"|"|\]\s*\Z))')
_INLINE: Final = re.compile(r"\s*</?(?:i|b|u|c|v|font)\b", re.IGNORECASE)
_STYLED: Final = re.compile(r"\s*\[Script Info\]", re.IGNORECASE)
_VTT: Final = re.compile(r"WEBVTT(?:[ \t\n]|\Z)")
# A NUL in every second byte is UTF-16 that does not say so.
_MANY_NULS: Final = 4


def refuse(code: str, message: str, line: int = 1, excerpt: str = "") -> NoReturn:
    """Raise `NotCaptions` with the excerpt made short and printable."""
    raise NotCaptions(message, code=code, line=line, excerpt=shortened(excerpt))


def shortened(text: str) -> str:
    """Return the first 80 characters of the first line, without control characters."""
    line = text.strip().partition("\n")[0].translate(_CONTROLS)
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


def decode(raw: bytes) -> tuple[str, list[FormatProblem]]:
    r"""Return a file's text with `\n` as its only line break and without control characters.

    Raises:
        NotCaptions: It is too large, empty, another kind of file, or in an encoding that is not known.
    """
    if len(raw) > MAX_BYTES:
        megabytes = f"{len(raw) / 1024**2:,.0f} MB"
        refuse(
            "too_large",
            f"The file has {megabytes}; caption files of more than {MAX_BYTES >> 20} MB are not read.",
        )
    kind = next((name for mark, name in _FILES if raw.startswith(mark)), None)
    if kind:
        refuse("binary", f"The file is {kind}, not captions.")
    text, problems = _text(raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _without_controls(text, problems)
    if not text.replace("\ufeff", "").strip():
        refuse("empty", "The file is empty, so no speech was found in the video.")
    return text, problems


def refuse_other_formats(text: str) -> None:
    """Raise `NotCaptions` for text that is a web page, a data format or another kind of subtitles.

    Raises:
        NotCaptions: With the line and what stands there.
    """
    line = len(text[: len(text) - len(text.lstrip())].split("\n"))
    if _HTML.match(text):
        refuse("markup", "The file is a web page (HTML), not captions. It may be an error page.", line, text)
    if _XML.match(text) and not _INLINE.match(text):
        refuse("markup", "The file is XML, not captions. It may be an error message.", line, text)
    if _JSON.match(text):
        refuse("json", "The file is JSON, not captions. It may be an error message.", line, text)
    if _STYLED.match(text):
        refuse("other_format", "The file holds subtitles in the format SSA or ASS, not SRT.", line, text)


def is_webvtt(text: str) -> bool:
    """Say whether the text declares itself to be WebVTT."""
    return _VTT.match(text.lstrip()) is not None


def _text(raw: bytes) -> tuple[str, list[FormatProblem]]:
    for mark, name in _WIDE_MARKS:
        if raw.startswith(mark):
            return _wide(raw, name)
    if raw.count(0) * _MANY_NULS > len(raw):
        refuse("encoding", "The file looks like UTF-16 without the mark that says so, or is no text at all.")
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return _broken(raw, error)


def _wide(raw: bytes, name: str) -> tuple[str, list[FormatProblem]]:
    try:
        return raw.decode(name), []
    except UnicodeDecodeError as error:
        if error.end < len(raw):
            refuse("encoding", f"The file says that it is {name.upper()}, but byte {error.start:,} is not.")
        return raw[: error.start].decode(name), [_cut(raw[: error.start].decode(name))]


def _broken(raw: bytes, error: UnicodeDecodeError) -> tuple[str, list[FormatProblem]]:
    good = raw[: error.start].decode("utf-8-sig")
    if error.end == len(raw) and error.reason == "unexpected end of data":
        return good, [_cut(good)]
    line = len(good.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    rest = good.rpartition("\n")[2]
    return refuse(
        "encoding", f"The file is not UTF-8 text: line {line:,} holds a byte that cannot be read.", line, rest
    )


def _cut(text: str) -> FormatProblem:
    line = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return FormatProblem(line=line, message="The file breaks off in the middle of a character.")


def _without_controls(text: str, problems: list[FormatProblem]) -> str:
    first = _CONTROL.search(text)
    if first is None:
        return text
    line = text.count("\n", 0, first.start()) + 1
    kept, times = _CONTROL.subn("", text)
    problems.append(FormatProblem(line=line, message="Control characters were left out.", times=times))
    return kept
