"""What a person can choose from in a form: videos and languages as options of a select. Performs no I/O."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

from bot.errors import BadValue
from bot.rules import languages
from bot.rules.video import Video
from bot.ui.mrkdwn import ELLIPSIS, DateStyle, clean, clip, size, utc

# https://docs.slack.dev/reference/block-kit/composition-objects/option-object
TEXT_LIMIT: Final = 75
VALUE_LIMIT: Final = 150
MOST_OPTIONS: Final = 100

DETECT: Final = "auto"
"""The value of the option that leaves the language to Mux."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_ISOLATE: Final = "\u2068"
_POP: Final = "\u2069"
_MOST_USED: Final = (
    *("en", "es", "fr", "de", "pt-BR", "it", "ja", "ko", "zh", "hi"),
    *("ar", "ru", "nl", "pl", "tr", "sv", "da", "no", "fi", "uk"),
)
_LONGEST_QUERY: Final = 100


def option(text: str, value: str, description: str = "") -> dict[str, Any]:
    """Return an option; `text` and `description` are plain and shortened here, `value` must fit."""
    shown = clip(clean(text), TEXT_LIMIT) or ELLIPSIS
    built: dict[str, Any] = {"text": plain_text(shown), "value": value}
    if description:
        built["description"] = plain_text(clip(description, TEXT_LIMIT))
    return built


def plain_text(text: str) -> dict[str, Any]:
    """Return a plain text object in which `:smile:` stays what was written."""
    return {"type": "plain_text", "text": text, "emoji": False}


def fits(value: str) -> bool:
    """Say whether Slack takes `value` as an option's value, and gives it back unchanged."""
    return bool(value) and value == clean(value) and size(value) <= VALUE_LIMIT


def video_option(video: Video) -> dict[str, Any]:
    """Return a video by title, length, state and day; whatever the title is, the rest stays readable."""
    day = "" if video.created_at is None else utc(video.created_at, DateStyle.DAY)
    state = "live" if video.is_live else clean(video.status)[:20]
    rest = "".join(f" · {part}" for part in (clock_time(video.duration_seconds), state, day) if part)
    title = clean(video.title) or clean(video.asset_id)
    built = option("", video.asset_id)
    built["text"] = plain_text(_isolated(title, TEXT_LIMIT - size(rest)) + rest)
    return built


def use_option(value: str, written: str) -> dict[str, Any]:
    """Return the option for something that the catalogue does not hold: take it as it was written."""
    return option(f"Use {written}", value)


def clock_time(seconds: float | None) -> str:
    """Return a length as players show it, `12:34` or `1:02:03`; empty when it is not known."""
    if seconds is None:
        return ""
    minutes, second = divmod(round(max(seconds, 0.0)), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def language_option(tag: str) -> dict[str, Any]:
    """Return the option of a normalised tag; an empty one stands for detection."""
    if not tag:
        return option("Detect automatically", DETECT, "Mux listens first; say the language if you know it")
    name = languages.name_of(tag)
    return option(tag if name == tag else f"{clip(clean(name), 50)} · {tag}", tag)


def language_options(query: str) -> list[dict[str, Any]]:
    """Return what a person who typed `query` may mean: by name, code or any spelling that commands take.

    An empty query gives detection first, then the languages that are asked for most.
    """
    wanted = clean(query[:_LONGEST_QUERY]).casefold()
    if not wanted:
        named = (tag for tag, _ in languages.all_languages())
        return [language_option(tag) for tag in _unique(["", *_MOST_USED, *named])][:MOST_OPTIONS]
    found = _exact(wanted)
    if wanted in "detect automatically" or DETECT.startswith(wanted):
        found.append("")
    hits = [tag for tag, name in languages.all_languages() if _rank(wanted, tag, name) is not None]
    hits.sort(key=lambda tag: (_rank(wanted, tag, languages.name_of(tag)) or 0, tag not in _MOST_USED))
    return [language_option(tag) for tag in _unique([*found, *hits])][:MOST_OPTIONS]


def _exact(wanted: str) -> list[str]:
    """Return the language that the query spells out, be it one that no list holds (`pt-AO`, `flemish`)."""
    try:
        language = languages.read(wanted)
    except BadValue:
        return []
    tag = "" if language is None else language.tag
    return [tag] if not tag or fits(tag) else []


def _rank(wanted: str, tag: str, name: str) -> int | None:
    """Say how well a language answers a query: 0 best, None not at all."""
    folded = name.casefold()
    if tag.casefold() == wanted or folded.startswith(wanted):
        return 0
    if tag.casefold().startswith(wanted) or f" {wanted}" in folded.replace("(", " "):
        return 1
    return 2 if wanted in folded else None


def _unique(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _isolated(title: str, limit: int) -> str:
    """Return a title that cannot turn what stands behind it around, in at most `limit` characters."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in title):
        return clip(title, limit) or ELLIPSIS
    return f"{_ISOLATE}{clip(title, limit - 2)}{_POP}"
