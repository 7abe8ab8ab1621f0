"""Slack's mrkdwn as HTML, with Slack's rules for where a marker counts.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.page.emoji import emoji
from bot.sandbox.page.html import Html, escape, join, link, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who and what ids stand for; `viewer` is the id of the person who looks."""

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    viewer: str = ""


_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_FENCE = re.compile(r"```(.*?)```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_LONG_QUOTE = re.compile(r"(?:&gt;|>){3}")
_ATOM = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|:(?P<emoji>[a-z0-9_+-]+):"
    r"|(?<![A-Za-z0-9])(?P<url>https?://(?:(?!&lt;|&gt;)[^\s<>|`])+)"
)
_AFTER_URL = ".,;:!?'\"*_~)]"
_MARKERS = {"*": "strong", "_": "em", "~": "s"}
_DATE = re.compile(r"date\^(?P<unix>-?\d+)\^(?P<format>[^^]*)(?:\^(?P<link>.*))?")

_Piece = str | Html
"""One character of text, or something finished that markers treat as a whole."""


def unescape(text: str) -> str:
    """Undo Slack's three entities once: `&amp;lt;` means the text `&lt;`."""
    return re.sub("&(?:amp|lt|gt);", lambda found: _ENTITIES[found[0]], text)


def mrkdwn(text: str, names: Names, *, verbatim: bool = False) -> Html:
    """Return `text` as HTML; `verbatim` leaves bare addresses unlinked."""
    parts: list[Html] = []
    for index, part in enumerate(_FENCE.split(text)):
        if index % 2:
            parts.append(tag("pre", tag("code", unescape(part.removeprefix("\n").removesuffix("\n")))))
        elif part:
            parts.append(_lines(part, names, verbatim=verbatim, after_block=index > 0))
    return join(parts)


def _lines(text: str, names: Names, *, verbatim: bool, after_block: bool) -> Html:
    lines = text.split("\n")
    if after_block and lines[0] == "":
        lines = lines[1:]
    parts: list[Html] = []
    while lines:
        quoted = _quoted(lines)
        taken = quoted if quoted is not None else _plain(lines)
        body = tag("br").join(_inline(line, names, verbatim=verbatim) for line in taken)
        if quoted is None:
            parts.append(tag("div", Html(body), class_="lines") if body else Html(""))
        else:
            parts.append(tag("blockquote", Html(body)))
        lines = lines[len(taken) :]
    return join(parts)


def _quoted(lines: Sequence[str]) -> list[str] | None:
    """Return the leading quoted lines without their sign, or None when the first is not quoted."""
    if _LONG_QUOTE.match(lines[0]):
        return [_LONG_QUOTE.sub("", lines[0], count=1).removeprefix(" "), *lines[1:]]
    taken = []
    for line in lines:
        sign = _QUOTE.match(line)
        if sign is None:
            break
        taken.append(line[sign.end() :])
    return taken or None


def _plain(lines: Sequence[str]) -> list[str]:
    for count, line in enumerate(lines):
        if _QUOTE.match(line):
            return list(lines[:count])
    return list(lines)


def _inline(text: str, names: Names, *, verbatim: bool) -> Html:
    pieces: list[_Piece] = []
    position = 0
    for found in _ATOM.finditer(text):
        atom, end = _atom(found, names, verbatim=verbatim)
        if atom is not None:
            pieces += unescape(text[position : found.start()])
            pieces.append(atom)
            position = end
    pieces += unescape(text[position:])
    return _marked(pieces, frozenset(_MARKERS))


def _atom(found: re.Match[str], names: Names, *, verbatim: bool) -> tuple[Html | None, int]:
    """Return what was found as HTML and where it ends; None means that it is only text."""
    if found["code"] is not None:
        return tag("code", unescape(found["code"])), found.end()
    if found["angle"] is not None:
        return _angle(found["angle"], names), found.end()
    if found["emoji"] is not None:
        return emoji(found["emoji"]), found.end()
    if verbatim:
        return None, found.end()
    written = found["url"].rstrip(_AFTER_URL)
    url = unescape(written)
    return link(url, url), found.start() + len(written)


def _angle(inside: str, names: Names) -> Html:
    target, _, label = inside.partition("|")
    label = unescape(label)
    kind, rest = target[:1], target[1:]
    if not rest:
        return escape(unescape(f"<{inside}>"))
    if kind == "@":
        return user_mention(rest, names, label)
    if kind == "#":
        return channel_mention(rest, names, label)
    if kind == "!":
        return _special(rest, label)
    url = unescape(target)
    return link(url, label or url.removeprefix("mailto:"))


def user_mention(user: str, names: Names, label: str = "") -> Html:
    """Return a person's name as a mention; it stands out when it is the person who looks."""
    name = names.users.get(user) or label or user
    return tag("span", f"@{name}", class_="mention me" if user == names.viewer else "mention")


def channel_mention(channel: str, names: Names, label: str = "") -> Html:
    """Return a channel's name as a mention."""
    return tag("span", f"#{names.channels.get(channel) or label or channel}", class_="mention")


def _special(rest: str, label: str) -> Html:
    date = _DATE.fullmatch(rest)
    if date is not None:
        return _date(int(date["unix"]), date["format"], unescape(date["link"] or ""), label)
    if rest.startswith("subteam^"):
        return tag("span", label or "@group", class_="mention")
    return tag("span", f"@{label or rest}", class_="mention me")


def _date(unix: int, pattern: str, url: str, fallback: str) -> Html:
    try:
        iso = datetime.fromtimestamp(unix, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return escape(fallback)
    # The browser replaces the fallback, because only it knows the reader's time zone.
    time = tag("time", fallback or iso, datetime=iso, data_unix=unix, data_format=pattern)
    return link(url, time) if url else time


def _marked(pieces: Sequence[_Piece], allowed: frozenset[str]) -> Html:
    """Turn `*`, `_` and `~` into elements where they stand at the edges of words."""
    out: list[_Piece] = []
    hopeless: set[str] = set()
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece in allowed - hopeless and not isinstance(piece, Html) and _opens(pieces, at):
            end = _closer(pieces, at)
            if end is not None:
                inner = _marked(pieces[at + 1 : end], allowed - {piece})
                out.append(tag(_MARKERS[piece], inner))
                at = end + 1
                continue
            # No later marker of this kind can find a closer either; without this a line of stars is slow.
            hopeless.add(piece)
        out.append(piece)
        at += 1
    return join(out)


def _opens(pieces: Sequence[_Piece], at: int) -> bool:
    following = pieces[at + 1] if at + 1 < len(pieces) else " "
    return not _is_word(pieces, at - 1) and not following.isspace() and following != pieces[at]


def _closer(pieces: Sequence[_Piece], at: int) -> int | None:
    for end in range(at + 2, len(pieces)):
        if pieces[end] == pieces[at] and not pieces[end - 1].isspace() and not _is_word(pieces, end + 1):
            return end
    return None


def _is_word(pieces: Sequence[_Piece], at: int) -> bool:
    if not 0 <= at < len(pieces):
        return False
    piece = pieces[at]
    return not isinstance(piece, Html) and piece.isalnum()


def plain_text(text: str, *, with_emoji: bool = True) -> Html:
    """Return plain text, in which only emoji names mean anything and lines stay lines."""
    parts: list[_Piece] = []
    for index, part in enumerate(re.split(r":([a-z0-9_+-]+):", text)):
        if index % 2 == 0:
            parts.append(Html(tag("br").join(escape(line) for line in part.split("\n"))))
        else:
            parts.append((emoji(part) if with_emoji else None) or f":{part}:")
    return join(parts)


def text_object(value: Any, names: Names) -> Html:
    """Return a composition object (`plain_text` or `mrkdwn`) as HTML; anything else as nothing."""
    if not isinstance(value, Mapping):
        return Html("")
    text = str(value.get("text", ""))
    if value.get("type") == "mrkdwn":
        return mrkdwn(text, names, verbatim=value.get("verbatim") is True)
    return plain_text(text, with_emoji=value.get("emoji") is not False)
