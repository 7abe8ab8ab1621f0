"""`rich_text` blocks as HTML.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bot.sandbox.page.emoji import emoji
from bot.sandbox.page.html import Html, escape, join, link, tag
from bot.sandbox.page.mrkdwn import Names, channel_mention, mrkdwn, user_mention

_STYLES = (("bold", "strong"), ("italic", "em"), ("strike", "s"), ("code", "code"))


def rich_text(block: Mapping[str, Any], names: Names) -> Html:
    """Return the whole block."""
    return tag(
        "div",
        *(_element(element, names) for element in block.get("elements") or []),
        class_="rich-text",
    )


def _element(element: Mapping[str, Any], names: Names) -> Html:
    kind = element.get("type")
    inner = join(_leaf(leaf, names) for leaf in element.get("elements") or [] if isinstance(leaf, Mapping))
    if kind == "rich_text_section":
        return tag("div", inner, class_="lines")
    if kind == "rich_text_quote":
        return tag("blockquote", inner)
    if kind == "rich_text_preformatted":
        return tag("pre", tag("code", inner))
    if kind == "rich_text_list":
        name = "ol" if element.get("style") == "ordered" else "ul"
        indent = min(max(int(element.get("indent") or 0), 0), 4)
        items = (
            tag("li", _element(item, names))
            for item in element.get("elements") or []
            if isinstance(item, Mapping)
        )
        return tag(name, *items, class_=f"indent-{indent}")
    return unsupported(f"rich text element “{kind}”")


def _leaf(leaf: Mapping[str, Any], names: Names) -> Html:
    kind = str(leaf.get("type"))
    written = _LEAVES.get(kind)
    if written is None:
        # A list's children are sections; they are drawn by the list itself.
        return Html("") if kind.startswith("rich_text_") else unsupported(f"rich text “{kind}”")
    html = written(leaf, names)
    for style, name in _STYLES:
        if (leaf.get("style") or {}).get(style):
            html = tag(name, html)
    return html


def _text(leaf: Mapping[str, Any], _names: Names) -> Html:
    return Html(tag("br").join(escape(line) for line in str(leaf.get("text", "")).split("\n")))


def _link(leaf: Mapping[str, Any], _names: Names) -> Html:
    url = str(leaf.get("url", ""))
    return link(url, str(leaf.get("text") or url))


def _emoji(leaf: Mapping[str, Any], _names: Names) -> Html:
    name = str(leaf.get("name", ""))
    return emoji(name) or escape(f":{name}:")


def _user(leaf: Mapping[str, Any], names: Names) -> Html:
    return user_mention(str(leaf.get("user_id", "")), names)


def _channel(leaf: Mapping[str, Any], names: Names) -> Html:
    return channel_mention(str(leaf.get("channel_id", "")), names)


def _broadcast(leaf: Mapping[str, Any], _names: Names) -> Html:
    return tag("span", f"@{leaf.get('range', 'channel')}", class_="mention me")


def _date(leaf: Mapping[str, Any], names: Names) -> Html:
    written = f"<!date^{leaf.get('timestamp')}^{leaf.get('format', '')}|{leaf.get('fallback') or 'a date'}>"
    return mrkdwn(written, names)


_LEAVES: Mapping[str, Callable[[Mapping[str, Any], Names], Html]] = MappingProxyType(
    {
        "text": _text,
        "link": _link,
        "emoji": _emoji,
        "user": _user,
        "channel": _channel,
        "broadcast": _broadcast,
        "date": _date,
    }
)


def unsupported(what: str) -> Html:
    """Return the box that makes something this page cannot draw visible."""
    return tag("div", f"Unsupported {what}", class_="unsupported", role="note")
