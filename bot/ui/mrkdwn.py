"""Slack's mrkdwn: the only place where text of others becomes text that Slack will parse.

What people and vendors wrote enters through `plain`, `code`, `bold` or `preformatted`; after that a string
is mrkdwn and may be joined and clipped freely. Performs no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate, takewhile
from typing import Final

ELLIPSIS: Final = "…"

# An entity or one of our own `<...>` forms is one piece: half of it would be shown as rubbish.
_PIECE: Final = re.compile(r"&(?:amp|lt|gt);|<[^<>]*>|.", re.DOTALL)
_USER: Final = re.compile(r"[UW][A-Z0-9]{1,63}")
_CHANNEL: Final = re.compile(r"[CDG][A-Z0-9]{1,63}")
_WEB: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_SPACES: Final = re.compile(r"\s+")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LAST_SECOND: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()

_JOINER: Final = "\u200d"
# Joiners and direction marks that scripts and emoji need; every other format character is invisible at
# best and turns the rest of our sentence around at worst.
_WANTED_FORMATS: Final = frozenset("\u200c\u200d\u200e\u200f\u00ad")


class DateStyle(StrEnum):
    """How a moment is shown; Slack turns it into the reader's own time zone and words."""

    # https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    DAY = "{date_short_pretty}"
    """`yesterday`, or `Nov 29, 2026`."""
    MOMENT = "{date_short_pretty} at {time}"
    """`tomorrow at 9:41 AM`."""


def escape(text: str) -> str:
    """Return `text` with the three characters escaped that Slack gives a meaning."""
    # https://docs.slack.dev/messaging/formatting-message-text#escaping
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size(text: str) -> int:
    """Return the length in UTF-16 units: never less than Slack's own count, whichever way it counts."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """Return `text` on one line, without control characters and without marks that reverse the text.

    The result can always be encoded in UTF-8, and may be empty.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    line = _SPACES.sub(" ", text)
    if not line.isprintable():
        line = _SPACES.sub(" ", "".join(map(_visible, line)))
    return line.strip()


def plain(text: str, limit: int = 500) -> str:
    """Return what somebody else wrote, as one line of mrkdwn of at most `limit` characters."""
    return clip(escape(clean(text).replace("`", "\u02cb")), limit)


def prose(text: str, limit: int = 1_000) -> str:
    """Return a sentence of ours that may quote people: as `plain`, but its code spans stay code."""
    return clip(escape(clean(text)), limit)


def bold(text: str, limit: int = 300) -> str:
    """Return somebody else's text in bold, or as it is when its own asterisks would break the bold."""
    line = plain(text, limit)
    return line if "*" in line or not line else f"*{line}*"


def code(text: str, limit: int = 200) -> str:
    """Return `text` as inline code; a back-tick in it is replaced by its look-alike U+02CB."""
    return f"`{plain(text, limit) or '(empty)'}`"


def preformatted(text: str, limit: int = 2_900) -> tuple[str, ...]:
    """Return `text` as code blocks that can be copied, each at most `limit` characters, in reading order."""
    kept = "".join(_visible(character) if character not in "\n\t" else character for character in text)
    # Three back-ticks would end the block; the zero-width spaces vanish when the text is typed again.
    fenced = escape(kept.strip()).replace("```", "`\u200b`\u200b`")
    return tuple(f"```\n{part}\n```" for part in split(fenced or "(empty)", limit - 8))


def link(url: str, label: str) -> str:
    """Return a link that shows `label`; anything but a web address gives the label alone.

    The address is never shortened, so the caller must check its length.
    """
    shown = plain(label)
    if not _WEB.fullmatch(url):
        return shown
    target = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{target}|{shown.replace('|', '¦') or 'link'}>"


def mention(user_id: str) -> str:
    """Return a mention that notifies; what is no user id is shown as text."""
    return f"<@{user_id}>" if _USER.fullmatch(user_id) else plain(user_id)


def channel(channel_id: str) -> str:
    """Return a link to a channel by its id; what is no channel id is shown as text."""
    return f"<#{channel_id}>" if _CHANNEL.fullmatch(channel_id) else plain(channel_id)


def date(at: float, style: DateStyle = DateStyle.MOMENT) -> str:
    """Return a moment in the reader's time zone, with a fallback in UTC for clients without dates.

    `at` is in seconds since the epoch; what lies outside the calendar is drawn to its edge.
    """
    second = int(min(max(at, 0.0), _LAST_SECOND))
    return f"<!date^{second}^{style.value}|{utc(second, style)}>"


def utc(at: float, style: DateStyle = DateStyle.MOMENT) -> str:
    """Return a moment in UTC as plain words, for where Slack's own dates do not work."""
    moment = datetime.fromtimestamp(min(max(at, 0.0), _LAST_SECOND), UTC)
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return day if style is DateStyle.DAY else f"{day}, {moment:%H:%M} UTC"


def clip(text: str, limit: int) -> str:
    """Return mrkdwn of at most `limit` characters, with an ellipsis where something was cut.

    Entities, `<...>` forms and graphemes (an emoji with its joiners, a letter with its accents) stay
    whole or go whole.
    """
    if size(text) <= limit:
        return text
    room = limit - size(ELLIPSIS)
    lengths = accumulate(
        _graphemes(text), lambda so_far, piece: (piece, so_far[1] + size(piece)), initial=("", 0)
    )
    kept = "".join(piece for piece, length in takewhile(lambda pair: pair[1] <= room, lengths))
    return kept.rstrip() + ELLIPSIS


def split(text: str, limit: int) -> tuple[str, ...]:
    """Return mrkdwn cut into parts of at most `limit` characters between the pieces that `clip` keeps whole.

    A single piece longer than `limit` is left out.
    """
    if size(text) <= limit:
        return (text,)
    parts: list[str] = []
    current, room = "", limit
    for piece in _graphemes(text):
        width = size(piece)
        if width > room:
            parts.append(current)
            current, room = "", limit
        if width <= room:
            current, room = current + piece, room - width
    return tuple(part for part in [*parts, current] if part)


def sentences(*parts: str) -> str:
    """Return the parts that say something, one after the other."""
    return " ".join(part for part in parts if part)


def lines(*parts: str) -> str:
    """Return the parts that say something, one below the other."""
    return "\n".join(part for part in parts if part)


def dotted(*parts: str) -> str:
    """Return the parts that say something, separated by middle dots."""
    return " · ".join(part for part in parts if part)


def listed(parts: Sequence[str], most: int | None = None) -> str:
    """Return `a`, `a and b` or `a, b and c`; beyond `most` the rest is counted (`a, b and 7 more`)."""
    shown = list(parts)
    if most is not None and len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most:,} more"]
    if len(shown) < 2:  # noqa: PLR2004 - one part needs no "and"
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    unwanted = category in {"Cc", "Cf"} and character not in _WANTED_FORMATS and not _is_tag(character)
    return "" if unwanted else character


def _is_tag(character: str) -> bool:
    """Say whether the character spells a flag's region (England, Scotland, Wales)."""
    return "\U000e0020" <= character <= "\U000e007f"


def _extends(character: str) -> bool:
    """Say whether the character belongs to the one before it."""
    return (
        unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or character == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\u1160" <= character <= "\u11ff"
        or _is_tag(character)
    )


def _is_flag_half(piece: str) -> bool:
    return len(piece) == 1 and "\U0001f1e6" <= piece <= "\U0001f1ff"


def _graphemes(text: str) -> Iterable[str]:
    """Yield the pieces that must not be cut, near enough to Unicode's grapheme clusters."""
    current = ""
    for match in _PIECE.finditer(text):
        piece = match.group()
        joined = current.endswith(_JOINER) or (_is_flag_half(current) and _is_flag_half(piece))
        if current and not joined and not (len(piece) == 1 and _extends(piece)):
            yield current
            current = ""
        current += piece
    yield current
