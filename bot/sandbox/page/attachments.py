"""Files as they stand in a message, and as they are handed out.

What a file contains is never markup here: text is escaped, pictures are shown only where their bytes are one,
and everything is handed out as a download.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from bot.sandbox.page.html import Html, glyph, tag
from bot.sandbox.slack.file_kinds import glimpse, is_picture, media_type, png_size, pretty_type
from bot.sandbox.slack.model import File

PREVIEW_CHARACTERS: Final = 160
"""How much of one line is shown; a file of one endless line stays small."""
_KILO: Final = 1024


def file_card(file: File) -> Html:
    """Return one file of a message: what it is, a glimpse of it, and the way to have it."""
    if file.deleted:
        return tag("p", "This file was deleted.", class_="gravestone")
    seen = _picture(file) or _text(file)
    return tag("div", _head(file), seen, class_="file" if seen is None else "file with-glimpse")


def _head(file: File) -> Html:
    named = file.title not in {"", file.name}
    known = [file.name] if named else []
    about = " · ".join([*known, pretty_type(file.name), file_size(len(file.content))])
    return tag(
        "div",
        glyph("page"),
        tag("span", tag("strong", file.title or file.name), tag("small", about), class_="file-name"),
        tag(
            "a",
            "Download",
            class_="download",
            href=download_path(file),
            download=file.name,
            aria_label=f"Download {file.name}",
        ),
        class_="file-head",
    )


def file_size(size_bytes: int) -> str:
    """Return a size as people read it."""
    if size_bytes < _KILO:
        return f"{size_bytes} bytes"
    if size_bytes < _KILO * _KILO:
        return f"{size_bytes / _KILO:.0f} KB"
    return f"{size_bytes / _KILO / _KILO:.1f} MB"


def _picture(file: File) -> Html | None:
    if not is_picture(file.name, file.content):
        return None
    width, height = png_size(file.content) or (None, None)
    return tag(
        "img",
        src=download_path(file),
        alt=file.alt_txt,
        width=width,
        height=height,
        class_="glimpse",
        loading="lazy",
    )


def _text(file: File) -> Html | None:
    seen = glimpse(file.name, file.content, snippet=bool(file.snippet_type))
    if seen is None:
        return None
    more = seen.more
    return tag(
        "div",
        # Each line finds its own direction, and an override in one of them ends with it.
        tag("pre", *(tag("bdi", line, "\n") for line in map(_cut, seen.lines)), dir="auto"),
        tag("small", f"{more} more {'line' if more == 1 else 'lines'}") if more else None,
        class_="glimpse text",
    )


def _cut(line: str) -> str:
    return line if len(line) <= PREVIEW_CHARACTERS else f"{line[:PREVIEW_CHARACTERS]}…"


def download_path(file: File) -> str:
    """Return where the page hands a file out."""
    return f"/files/{file.owner}/{file.id}/{quote(file.name, safe='')}"


def download_headers(file: File) -> dict[str, str]:
    """Return the headers with which a browser keeps a file and never shows it as a page."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in file.name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return {"Content-Disposition": named, "Content-Type": _handed_out_as(file)}


def _handed_out_as(file: File) -> str:
    kind = media_type(file.name)
    if kind.startswith("text/") or kind == "application/x-subrip":
        return f"{kind}; charset=utf-8"
    return kind
