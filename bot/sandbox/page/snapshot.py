"""Everything on the page that changes, drawn at one moment, and what is new since the last time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.page.html import Html, escape, glyph, join, tag
from bot.sandbox.page.look import APP_NAME, HOME, Look
from bot.sandbox.page.messages import message_item
from bot.sandbox.page.sidebar import address, sidebar
from bot.sandbox.page.videos import Video
from bot.sandbox.page.views import home, modal
from bot.sandbox.slack.model import Channel, Message

# Older messages stay in the workspace; a page that shows all of a long load test would only be slow.
MAX_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of HTML and a short fingerprint of it."""

    html: Html
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The regions by element id, and the two message lists: element id -> key -> message."""

    viewer: str
    place: str
    thread: str
    regions: dict[str, Drawn]
    lists: dict[str, dict[str, Drawn]]


@dataclass(slots=True)
class Difference:
    """What one page has been told so far; a fresh one makes `since` return everything."""

    regions: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)

    def since(self, now: Snapshot) -> dict[str, Any]:
        """Return what the page lacks, and take it as told; empty when it lacks nothing."""
        news: dict[str, Any] = {}
        for key, drawn in now.regions.items():
            if self.regions.get(key) != drawn.version:
                news.setdefault("regions", {})[key] = {"version": drawn.version, "html": drawn.html}
                self.regions[key] = drawn.version
        for key, items in now.lists.items():
            known = self.lists.get(key)
            versions = {item: drawn.version for item, drawn in items.items()}
            if known == versions and list(known) == list(versions):
                continue
            changed = {i: items[i].html for i, version in versions.items() if (known or {}).get(i) != version}
            news.setdefault("lists", {})[key] = {"order": list(versions), "changed": changed}
            self.lists[key] = versions
        return news


def take(look: Look, place: str, thread: str, videos: Sequence[Video]) -> Snapshot:
    """Draw the page; a place or thread that the person cannot see is replaced by one that they can."""
    channel = _channel(look, place)
    shown = channel.id if channel else HOME
    messages = look.timeline(channel)[-MAX_SHOWN:] if channel else []
    replies = look.thread(channel, thread) if channel and thread else []
    regions = {
        "places": sidebar(look, shown, videos),
        "title": _title(look, channel),
        "thread-title": _thread_title(look, channel),
        "modal": modal(look.workspace.views.stack(look.viewer), look) or Html(""),
        "home": Html("") if channel else home(look.workspace.views.home.get(look.viewer), look),
    }
    return Snapshot(
        viewer=look.viewer,
        place=shown,
        thread=thread if replies else "",
        regions={key: _drawn(html) for key, html in regions.items()},
        lists={
            "messages": _items(messages, look, "channel"),
            "thread-messages": _items(replies, look, "thread"),
        },
    )


def _channel(look: Look, place: str) -> Channel | None:
    if place == HOME and look.has_home:
        return None
    seen = [*look.channels(), *([direct] if (direct := look.direct()) else [])]
    return next((channel for channel in seen if channel.id == place), seen[0] if seen else None)


def _items(messages: Sequence[Message], look: Look, place: str) -> dict[str, Drawn]:
    items = {}
    for message in messages:
        html = message_item(message, look, place=place)
        version = _fingerprint(html)
        marked = Html(
            html.replace("<li ", f'<li data-key="{escape(message.ts)}" data-version="{version}" ', 1)
        )
        items[message.ts] = Drawn(marked, version)
    return items


def _drawn(html: Html) -> Drawn:
    return Drawn(html, _fingerprint(html))


def _fingerprint(html: Html) -> str:
    return f"{zlib.crc32(html.encode()):08x}"


def _title(look: Look, channel: Channel | None) -> Html:
    if channel is None or channel.kind == "im":
        return _tabs(look, channel)
    sign = "#" if channel.kind == "public" else join([glyph("lock"), " "])
    bot_is_in = look.workspace.config.bot_user_id in channel.members
    about = f"{len(channel.members)} members" + ("" if bot_is_in else f" · {APP_NAME} is not in this channel")
    if shared_with := look.shared_with(channel):
        about += f" · shared with {shared_with}"
    if channel.archived:
        about += " · archived"
    return tag("div", tag("h1", sign, look.title(channel)), tag("p", about))


def _tabs(look: Look, channel: Channel | None) -> Html:
    direct = look.direct()
    tabs = [(HOME, "Home"), *([(direct.id, "Messages")] if direct else [])]
    if not look.has_home:
        return tag("div", tag("h1", APP_NAME), tag("p", "Only you and the app are here"))
    current = channel.id if channel else HOME
    links = [
        tag(
            "a",
            name,
            href=address(look.viewer, target),
            data_place=target,
            aria_current="page" if target == current else None,
        )
        for target, name in tabs
    ]
    return tag("div", tag("h1", APP_NAME), tag("nav", *links, class_="tabs", aria_label="App"))


def _thread_title(look: Look, channel: Channel | None) -> Html:
    return tag("div", tag("h2", "Thread"), tag("p", look.title(channel)) if channel else None)
