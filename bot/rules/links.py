"""What people paste to mean a video: ids, links, snippets, in any wrapping. Performs no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from bot.errors import BadValue
from bot.rules.text import normalise, plain, show, unembedded

MAX_ID_CHARACTERS: Final = 255
"""Mux states no longest id; this is far above what occurs."""


class PointerKind(StrEnum):
    """What an id names. A bare id may be either; it counts as an asset's until Mux says otherwise."""

    ASSET = "asset"
    PLAYBACK = "playback"
    FILE = "file"
    """A file in Slack, which becomes an asset when it is sent to Mux. No text that is pasted means one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """One video as somebody named it.

    `written` is what they pasted without its wrapping, and without what follows a `?`, where a token
    may stand; of a file it is the name.
    """

    kind: PointerKind
    id: str
    written: str

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return {"kind": self.kind.value, "id": self.id, "written": self.written}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(kind=PointerKind(stored["kind"]), id=stored["id"], written=stored["written"])


_ID: Final = r"[A-Za-z0-9_-]{1,255}"
_WHOLE_ID: Final = re.compile(_ID)
_NOT_IN_ID: Final = re.compile(r"[^A-Za-z0-9_-]")
_STREAM_FILE: Final = re.compile(r"([A-Za-z0-9_-]{16,255})\.m3u8")

# Ids that Mux makes are some forty letters of both cases and digits. Shorter ones exist in tests.
_LEAST_CHARACTERS: Final = 16

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:/{2}", re.IGNORECASE)
_LINK: Final = re.compile(r"[a-z][a-z0-9+.-]*://|www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)+/", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):/{2})?(?P<host>[a-z0-9.-]+)(?::\d{1,5})?(?P<path>/[^?#]*)?(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)

# https://www.mux.com/docs/guides/play-your-videos, .../get-images-from-a-video and .../mux-player-web
_PLAYS: Final = re.compile(rf"/({_ID})(?:\.[a-z0-9]{{1,5}}|/.*)?")
_IN_DASHBOARD: Final = re.compile(rf"(?:/.*)?/assets/({_ID})(?:/.*)?")
_IN_API: Final = re.compile(rf"/video/v1/(assets|playback-ids)/({_ID})(?:/.*)?")
_PLAYER_HOSTS: Final = frozenset({"stream.mux.com", "player.mux.com", "image.mux.com"})

# The first place that a host is, or lies below, says why its link is no video.
_INGEST: Final = "is where a live stream is sent to; captions are made once it is recorded as an asset"
_IN_SLACK: Final = "is a link to something in Slack, not to a video at Mux"
_YOUTUBE: Final = "is a link to YouTube, and only videos at Mux can be captioned"
_WHY_NOT: Final[dict[str, str]] = {
    **dict.fromkeys(sorted(_PLAYER_HOSTS), "is a link without a playback id"),
    "global-live.mux.com": _INGEST,
    "live.mux.com": _INGEST,
    "dashboard.mux.com": "is a link to the Mux dashboard, but not to a video in it",
    "mux.com": "is a link to Mux, but not to a video",
    "slack.com": _IN_SLACK,
    "slack-files.com": _IN_SLACK,
    "youtube.com": _YOUTUBE,
    "youtu.be": _YOUTUBE,
}

_OPENING: Final = " <([{\"'`*~\u2018\u201c\u201e\u00ab"
_CLOSING: Final = " >)]}\"'`*~\u2019\u201d\u00bb.,;:!?\u2026"
_MENTION: Final = re.compile("<?([@#!])")
_MENTIONS: Final = {"@": "a person", "#": "a channel", "!": "a group of people"}
_PASTE: Final = "paste the asset id from the Mux dashboard, or the video's player or stream link"

# In running text only what has the form of an address is a link, and only what has the form of an id that
# Mux makes is one.
_IN_TEXT: Final = re.compile(
    r"(?:https?://)?(?:stream|player|image|api|dashboard)\.mux\.com(?::\d{1,5})?/[^\s<>|\"'`\u201c\u201d]+"
    rf"|(?<![\w./@#:=&?%+-])[A-Za-z0-9]{{{_LEAST_CHARACTERS},255}}(?:\.m3u8)?(?![\w/@%+=-]|\.\w)",
    re.IGNORECASE,
)


def read(written: str) -> Pointer:
    """Return the video that one pasted value means; wrapping and punctuation around it are dropped.

    Raises:
        BadValue: It names no video at Mux; the message says what it is instead where that can be seen.
    """
    if mention := _MENTION.match(plain(written)):
        raise _refused(f"is {_MENTIONS[mention[1]]} in Slack, not an asset", value=plain(written))
    typed = _unwrapped(written)
    if is_link(typed):
        return _linked(typed)
    if stream := _STREAM_FILE.fullmatch(typed):
        return Pointer(kind=PointerKind.PLAYBACK, id=stream[1], written=typed)
    if _WHOLE_ID.fullmatch(typed):
        return Pointer(kind=PointerKind.ASSET, id=typed, written=typed)
    raise _refused(_why_no_id(typed or plain(written)), value=typed or plain(written))


def find(text: str) -> tuple[Pointer, ...]:
    """Return the videos that a message names, each once, in its order; everything else is passed over.

    `text` is as Slack gives it, escaped or not. A bare id counts only when it looks like one of Mux's:
    letters of both cases and digits, at least sixteen of them.
    """
    found: dict[tuple[PointerKind, str], Pointer] = {}
    for match in _IN_TEXT.finditer(normalise(text)):
        if is_link(match[0]) or looks_like_id(match[0].removesuffix(".m3u8")):
            try:
                pointer = read(match[0])
            except BadValue:
                continue
            found.setdefault((pointer.kind, pointer.id), pointer)
    return tuple(found.values())


def is_link(text: str) -> bool:
    """Say whether a value looks like a web address rather than an id."""
    return _LINK.match(text) is not None


def looks_like_id(text: str) -> bool:
    """Say whether a word is so long and so mixed that it is an id and not a word of a language."""
    return (
        len(text) >= _LEAST_CHARACTERS
        and _WHOLE_ID.fullmatch(text) is not None
        # An id has letters of ASCII only.
        and any(map(str.isdigit, text))
        and text != text.upper()
        and text != text.lower()
    )


def names_a_video(text: str) -> bool:
    """Say whether a word can only be meant as a video (a link, an id as Mux makes them), not as a word."""
    typed = _unwrapped(text)
    return is_link(typed) or looks_like_id(typed.removesuffix(".m3u8"))


def _unwrapped(written: str) -> str:
    """Return a value without Slack's brackets and label, and without the punctuation of a sentence."""
    text = unembedded(plain(written))
    if text.startswith("<") and _SCHEME.match(text, 1):
        text = text[1:].partition(">")[0].partition("|")[0]
    return text.lstrip(_OPENING).rstrip(_CLOSING).strip()


def _linked(link: str) -> Pointer:
    parts = _PARTS.fullmatch(link)
    if parts is None:
        raise _refused("is a link that is not understood", value=link)
    host, path = parts["host"].casefold().removeprefix("www."), (parts["path"] or "").rstrip("/")
    shown = re.split(r"[?#]", link, maxsplit=1)[0]
    if host in _PLAYER_HOSTS and (played := _PLAYS.fullmatch(path)):
        return Pointer(kind=PointerKind.PLAYBACK, id=played[1], written=shown)
    if host == "dashboard.mux.com" and (asset := _IN_DASHBOARD.fullmatch(path)):
        return Pointer(kind=PointerKind.ASSET, id=asset[1], written=shown)
    if host == "api.mux.com" and (called := _IN_API.fullmatch(path)):
        kind = PointerKind.ASSET if called[1] == "assets" else PointerKind.PLAYBACK
        return Pointer(kind=kind, id=called[2], written=shown)
    raise _refused(_why_no_video(host, path), value=link)


def _why_no_video(host: str, path: str) -> str:
    if host == "dashboard.mux.com" and "/live-streams" in path:
        return "is a link to a live stream; captions are made once it is recorded as an asset"
    for place, why in _WHY_NOT.items():
        if host == place or host.endswith(f".{place}"):
            return why
    return "is a link, but not to a video at Mux"


def _why_no_id(text: str) -> str:
    if not text:
        return ""
    strange = _NOT_IN_ID.search(text)
    if strange is None:
        return f"has {len(text)} characters; an asset id has at most {MAX_ID_CHARACTERS}"
    name = "a space" if strange[0] == " " else show(strange[0])
    return f"is no asset id: it contains {name}"


def _refused(why: str, *, value: str) -> BadValue:
    message = f"{show(value)} {why}." if why else "The asset id is empty."
    return BadValue(message, parameter="asset_id", value=value, fix=_PASTE)
