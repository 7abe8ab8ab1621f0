"""Block Kit's blocks and views, with their limits and the surfaces that show them, as data."""

from __future__ import annotations

from typing import Literal, TypeAlias

from bot.sandbox.slack.elements import ELEMENTS, ID, IN_ACTIONS, IN_INPUT, IN_SECTION, URL, plain, text
from bot.sandbox.slack.spec import Check, anything, boolean, choice, integer, many, record, string, tagged

Surface: TypeAlias = Literal["message", "modal", "home"]

MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}

_EVERYWHERE: frozenset[Surface] = frozenset({"message", "modal", "home"})
_MESSAGES: frozenset[Surface] = frozenset({"message"})
_HEAD: dict[str, Check] = {"type": anything}
_TAIL: dict[str, Check] = {"block_id": ID}

_RICH_TEXT_PARTS: dict[str, Check] = {
    "rich_text_section": record({**_HEAD, "elements": many(anything, 1_000)}),
    "rich_text_list": record(
        {**_HEAD, "elements": many(anything, 1_000), "style": choice("bullet", "ordered")},
        {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
    ),
    "rich_text_quote": record({**_HEAD, "elements": many(anything, 1_000)}, {"border": integer(0, 1)}),
    "rich_text_preformatted": record(
        {**_HEAD, "elements": many(anything, 1_000)}, {"border": integer(0, 1), "language": string(60)}
    ),
}
_RICH_TEXT = record({**_HEAD, "elements": many(tagged(_RICH_TEXT_PARTS), 1_000)}, _TAIL)
_ONE_RICH_TEXT = tagged({"rich_text": _RICH_TEXT})

_CELL = tagged(
    {
        "rich_text": _RICH_TEXT,
        "raw_text": record({**_HEAD, "text": string(3_000)}),
        "raw_number": record({**_HEAD, "value": anything}, {"text": string(3_000)}),
    }
)
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})
_SOURCE = tagged({"url": record({**_HEAD, "url": URL, "text": string(3_000)})})
_IN_CONTEXT: dict[str, Check] = {
    "image": ELEMENTS["image"],
    "plain_text": text(3_000),
    "mrkdwn": text(3_000),
}

_TASK_CARD = record(
    {
        **_HEAD,
        "task_id": string(255, least=1),
        "title": string(3_000, least=1),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    {**_TAIL, "details": _ONE_RICH_TEXT, "output": _ONE_RICH_TEXT, "sources": many(_SOURCE, 100)},
)
_CARD = record(
    _HEAD,
    {
        **_TAIL,
        "hero_image": tagged(ELEMENTS, frozenset({"image"})),
        "icon": tagged(ELEMENTS, frozenset({"image"})),
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": many(tagged(ELEMENTS, frozenset({"button"})), 5),
    },
)

# https://docs.slack.dev/reference/block-kit/blocks
BLOCKS: dict[str, Check] = {
    "section": record(
        _HEAD,
        {
            **_TAIL,
            "text": text(3_000),
            "fields": many(text(2_000), 10, least=1),
            "accessory": tagged(ELEMENTS, IN_SECTION),
            "expand": boolean,
        },
    ),
    "header": record({**_HEAD, "text": plain(150)}, {**_TAIL, "level": integer(1, 6)}),
    "divider": record(_HEAD, _TAIL),
    "image": record(
        {**_HEAD, "alt_text": string(2_000, least=1)},
        {**_TAIL, "image_url": URL, "slack_file": anything, "title": plain(2_000)},
    ),
    "context": record({**_HEAD, "elements": many(tagged(_IN_CONTEXT), 10, least=1)}, _TAIL),
    "actions": record({**_HEAD, "elements": many(tagged(ELEMENTS, IN_ACTIONS), 25, least=1)}, _TAIL),
    "input": record(
        {**_HEAD, "label": plain(2_000), "element": tagged(ELEMENTS, IN_INPUT)},
        {**_TAIL, "hint": plain(2_000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _RICH_TEXT,
    "video": record(
        {
            **_HEAD,
            "alt_text": string(2_000, least=1),
            "title": plain(199),
            "thumbnail_url": URL,
            "video_url": URL,
        },
        {
            **_TAIL,
            "author_name": string(49),
            "description": plain(199),
            "provider_icon_url": URL,
            "provider_name": string(200),
            "title_url": URL,
        },
    ),
    "markdown": record({**_HEAD, "text": string(12_000, least=1)}, _TAIL),
    "table": record(
        {**_HEAD, "rows": many(many(_CELL, 20, least=1), 100, least=1)},
        {**_TAIL, "column_settings": many(_COLUMN, 20)},
    ),
    "task_card": _TASK_CARD,
    "plan": record(
        {**_HEAD, "title": string(3_000, least=1)},
        {**_TAIL, "tasks": many(tagged({"task_card": _TASK_CARD}), 50)},
    ),
    "alert": record(
        {**_HEAD, "text": text(3_000)},
        {**_TAIL, "level": choice("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": record({**_HEAD, "elements": many(tagged({"card": _CARD}), 10, least=1)}, _TAIL),
    "context_actions": record(
        {
            **_HEAD,
            "elements": many(tagged(ELEMENTS, frozenset({"feedback_buttons", "icon_button"})), 5, least=1),
        },
        _TAIL,
    ),
    "file": record({**_HEAD, "external_id": ID, "source": choice("remote")}, _TAIL),
}
BLOCKS["container"] = record(
    {**_HEAD, "child_blocks": many(tagged(BLOCKS), 10, least=1)},
    {
        **_TAIL,
        "title": plain(150),
        "rich_text_title": _ONE_RICH_TEXT,
        "subtitle": text(150),
        "width": choice("narrow", "standard", "wide", "full"),
        "icon": tagged(ELEMENTS, frozenset({"image"})),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
)

_SURFACES: dict[str, frozenset[Surface]] = {
    "alert": frozenset({"modal"}),
    **dict.fromkeys(
        (
            "markdown",
            "table",
            "task_card",
            "plan",
            "card",
            "carousel",
            "container",
            "context_actions",
            "file",
        ),
        _MESSAGES,
    ),
}


def shown_on(surface: Surface) -> frozenset[str]:
    """Return the types of block that a surface shows."""
    return frozenset(kind for kind in BLOCKS if surface in _SURFACES.get(kind, _EVERYWHERE))


def _blocks_for(surface: Surface) -> Check:
    return many(tagged(BLOCKS, shown_on(surface)), MAX_BLOCKS[surface])


# https://docs.slack.dev/reference/views
_VIEW: dict[str, Check] = {
    "private_metadata": string(3_000),
    "callback_id": ID,
    "external_id": ID,
}
SURFACES: dict[Surface, Check] = {
    "message": _blocks_for("message"),
    "modal": record(
        {**_HEAD, "title": plain(24), "blocks": _blocks_for("modal")},
        {
            **_VIEW,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": record({**_HEAD, "blocks": _blocks_for("home")}, _VIEW),
}
