"""A command's text made plain, and cut into words. Performs no I/O.

Phones and desktops rewrite what people type ("smart punctuation"), and Slack escapes and wraps it. All
of that is undone here once, so that nobody downstream has to think of it again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.errors import BadCommand

_SHOWN_CHARACTERS: Final = 80

# Invisible marks that word processors and chat clients leave behind. The joiners U+200C and U+200D are
# not among them: Persian and several Indian scripts spell words with them.
_INVISIBLE: Final = "\u00ad\u180e\u200b\u200e\u200f\u2060\ufeff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
)
_SPACES: Final = "".join(
    map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029])
)
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys(_INVISIBLE),
        **dict.fromkeys(_SPACES + "\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u2010\u2011", "-"),
    }
)
_STRAY_JOINERS: Final = re.compile(r"[\u200c\u200d]+(?=[\x00-\x7f]|$)|(?:(?<=[\x00-\x7f])|^)[\u200c\u200d]+")

# https://docs.slack.dev/interactivity/implementing-slash-commands: with escaping switched on, links
# arrive in angle brackets and `&`, `<` and `>` as entities; a bracket that a person typed is an entity.
_LINK: Final = re.compile(r"<(https?://[^|<>\s]+)(?:\|[^<>]*)?>", re.IGNORECASE)
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ENTITY: Final = re.compile("|".join(_ENTITIES))
_RISKY: Final = re.compile(r"&(?=(?:amp|lt|gt);)|<(?=https?://)", re.IGNORECASE)

# A delimiter opens at the start of a word, after `=` or after `,`. Single quotes are apostrophes unless
# they come as a pair around a value. The bounds keep hostile text from costing more than its length.
_START: Final = r"(?<![^\s=,])"
_SINGLE: Final = _START + r"'(?=\S)(.{0,300}?)'(?=[\s,]|$)"
_DASH: Final = "\u2012-\u2015\u2212\u2e3a\u2e3b"
_DELIMITED: Final = re.compile(
    rf"""(?P<straight>"(?:[^"\\]|\\.)*+(?:"|$)|{_SINGLE})
    |{_START}[\u201c-\u201f\u00ab](?P<double>[^\u201c\u201d\u201f\u00bb]*)(?P<closed>[\u201c\u201d\u201f\u00bb]|$)
    |{_START}[\u2018\u201a\u201b](?P<single>[^\u2018\u201a\u201b]{{0,300}}?)[\u2018\u2019](?=[\s,]|$)
    |{_START}`+(?P<ticks>[^`]{{0,2000}})`+(?=[\s,]|$)
    |(?<!\S)(?P<dash>-*[{_DASH}][-{_DASH}]*)(?=\w)
    """,
    re.VERBOSE,
)
_TOUCHED: Final = re.compile(r"[^\x20-\x7e]|[`&<\[]|playback[-_]?id", re.IGNORECASE)

# A player or a picture pasted as HTML, JSX, Markdown or a bare attribute means the video that it shows.
# https://www.mux.com/docs/guides/mux-player-web
_QUOTES: Final = "[\"'\u2018\u2019\u201c\u201d]?"
_TAG: Final = r"(?<!\S)(?P<tag><[a-z][a-z-]*\s(?:[^<>]*?\s)?)"
_TAG_END: Final = r"(?(tag)[^<>]*>?(?:\s*</[a-z][a-z-]*>)?)"
_PLAYER: Final = re.compile(
    rf"(?:{_TAG}|(?<!\S))playback[-_]?id\s*[=:]\s*\{{?{_QUOTES}(?P<id>[a-z0-9_-]+){_QUOTES}\}}?{_TAG_END}",
    re.IGNORECASE,
)
_SOURCE: Final = re.compile(
    rf"{_TAG}src\s*=\s*{_QUOTES}(?P<url>https?://[a-z]+\.mux\.com/[^\s\"'<>\u201c\u201d]+){_QUOTES}{_TAG_END}",
    re.IGNORECASE,
)
_MARKDOWN: Final = re.compile(r"(?<!\S)!?\[[^\[\]]{0,300}\]\((?P<url>https?://[^\s()]+)\)", re.IGNORECASE)
_PLAYER_LINK: Final = "https://player.mux.com/"

_WORD: Final = re.compile(rf'(?:"(?:[^"\\]|\\.)*+"|{_SINGLE}|[^\s"\']++|\')+|"')
_QUOTED: Final = re.compile(rf'"((?:[^"\\]|\\.)*+)"|{_SINGLE}')
_ESCAPED: Final = re.compile(r'\\(["\\])')
_PIECE: Final = re.compile(rf'(?:"(?:[^"\\]|\\.)*+"|{_SINGLE}|[^",\']++|\')+')
_BARE: Final = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a command.

    `at` is its offset in the normalised text, `raw` what stands there, quotes and all. `quoted` says that
    it begins with a quoted part, so it is a value and never an option or a keyword.
    """

    at: int
    raw: str
    quoted: bool

    @property
    def value(self) -> str:
        """The word without its quotes."""
        return unquote(self.raw)


def plain(text: str) -> str:
    """Return `text` with odd spaces made ordinary, invisible marks removed and both ends trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _STRAY_JOINERS.sub("", text.translate(_PLAIN)).strip()


def normalise(text: str) -> str:
    """Return a command's text with smart punctuation, escapes and invisible characters undone.

    Paired quotes that delimit a value become `"`; apostrophes and quotes inside words stay. To be called
    once: entities are undone by one level each time.
    """
    if not _TOUCHED.search(text):
        return text.strip()
    text = _LINK.sub(r"\1", text)
    text = _ENTITY.sub(lambda match: _ENTITIES[match[0]], text)
    return _DELIMITED.sub(_delimiter, unembedded(plain(text))).strip()


def unembedded(text: str) -> str:
    """Return `text` with players and pictures that are pasted as code turned into plain links."""
    if not _TOUCHED.search(text):
        return text
    text = _PLAYER.sub(lambda match: _PLAYER_LINK + match["id"], text)
    return _MARKDOWN.sub(r"\g<url>", _SOURCE.sub(r"\g<url>", text))


def _delimiter(match: re.Match[str]) -> str:
    if match["straight"] is not None:
        return match[0]
    if match["double"] is not None:
        return f'"{_escape(match["double"])}"' if match["closed"] else '"' + match["double"]
    if match["single"] is not None:
        return f'"{_escape(match["single"])}"'
    if match["ticks"] is not None:
        return _DELIMITED.sub(_delimiter, match["ticks"].strip())
    return "--"


def split(line: str) -> tuple[Word, ...]:
    """Cut a normalised text into words at spaces outside quotes.

    Raises:
        BadCommand: A double quote is never closed.
    """
    words = []
    for match in _WORD.finditer(line):
        raw = match[0]
        if raw == '"':
            opened = line[match.start() :]
            raise BadCommand(
                f"The quote that opens at {show(opened)} is never closed.",
                at=match.start(),
                value=opened,
                fix='put a second " at the end of the value',
            )
        words.append(Word(at=match.start(), raw=raw, quoted=_is_quoted(raw)))
    return tuple(words)


def _is_quoted(raw: str) -> bool:
    return raw[0] in "\"'" and _QUOTED.match(raw) is not None


def unquote(raw: str) -> str:
    """Return what a piece of a command means: without delimiters, escaped quotes undone."""
    if '"' not in raw and "'" not in raw:
        return raw
    if raw.startswith('"') and raw.find('"', 1) == len(raw) - 1 and "\\" not in raw:
        return raw[1:-1]
    return _QUOTED.sub(lambda match: _ESCAPED.sub(r"\1", match[1]) if match[1] is not None else match[2], raw)


def pieces(raw: str) -> tuple[tuple[int, str], ...]:
    """Cut a list at its commas into (offset, value); a single quoted piece is cut at the commas inside.

    So `a,b`, `"a","b"` and `"a, b"` all hold two values, and `"a, b","c"` holds two as well.
    """
    found = [(match.start(), match[0]) for match in _PIECE.finditer(raw)]
    if len(found) > 1 or not _is_quoted(raw or " "):
        return tuple((at, unquote(piece)) for at, piece in found)
    inner = unquote(raw)
    return tuple((match.start() + 1, match[0]) for match in re.finditer("[^,]+", inner))


def quote(value: str) -> str:
    """Return `value` the way a person would type it, so that `split` of `normalise` gives it back."""
    if _BARE.fullmatch(value):
        return value
    return '"' + _RISKY.sub(lambda match: "&amp;" if match[0] == "&" else "&lt;", _escape(value)) + '"'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def show(value: str) -> str:
    """Return `value` in back-ticks for a sentence, shortened when it is long; a blank one in quotes."""
    if not value.strip():
        return f'"{value}"'
    if len(value) > _SHOWN_CHARACTERS:
        value = value[: _SHOWN_CHARACTERS - 1] + "…"
    return f"`{value}`"


def closest(value: str, known: Iterable[str]) -> str | None:
    """Return the word of `known` that `value` was probably meant to be, or None."""
    return next(iter(difflib.get_close_matches(value, known, n=1, cutoff=0.7)), None)
