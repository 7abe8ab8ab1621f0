"""Block Kit as HTML: everything that is shown; what can be pressed or typed in is in `inputs`.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bot.sandbox.page.html import Html, join, link, tag
from bot.sandbox.page.inputs import element, input_block
from bot.sandbox.page.markdown import markdown
from bot.sandbox.page.mrkdwn import text_object
from bot.sandbox.page.rich_text import rich_text, unsupported
from bot.sandbox.page.scene import Scene

Block = Mapping[str, Any]


def render_blocks(blocks: Iterable[Block], scene: Scene) -> Html:
    """Return all blocks of a message or view; one that cannot be drawn becomes a visible box."""
    return join(_render(block, scene) for block in blocks)


def _render(block: Any, scene: Scene) -> Html:
    kind = str(block.get("type")) if isinstance(block, Mapping) else "none"
    draw = _BLOCKS.get(kind)
    if draw is None:
        return unsupported(f"block “{kind}”")
    return draw(block, scene)


def _section(block: Block, scene: Scene) -> Html:
    text = block.get("text")
    fields = [tag("div", text_object(field, scene.names)) for field in block.get("fields") or []]
    body = [
        tag("div", text_object(text, scene.names), class_="text") if text else None,
        tag("div", *fields, class_="fields") if fields else None,
    ]
    accessory = block.get("accessory")
    if accessory is None:
        return tag("div", *body, class_="block section")
    return tag(
        "div",
        tag("div", *body, class_="section-body"),
        tag("div", _accessory(accessory, block, scene), class_="accessory"),
        class_="block section with-accessory",
    )


def _accessory(accessory: Block, block: Block, scene: Scene) -> Html:
    if accessory.get("type") == "image":
        return _picture(accessory, scene, "thumbnail")
    return element(accessory, str(block.get("block_id", "")), scene)


def _header(block: Block, scene: Scene) -> Html:
    return tag("h3", text_object(block.get("text"), scene.names), class_="block header")


def _divider(_block: Block, _scene: Scene) -> Html:
    return tag("hr", class_="block")


def _context(block: Block, scene: Scene) -> Html:
    parts = [
        _picture(part, scene, "icon") if part.get("type") == "image" else _context_text(part, scene)
        for part in block.get("elements") or []
    ]
    return tag("div", *parts, class_="block context")


def _context_text(part: Block, scene: Scene) -> Html:
    if part.get("type") not in {"mrkdwn", "plain_text"}:
        return unsupported(f"context element “{part.get('type')}”")
    return tag("div", text_object(part, scene.names))


def _actions(block: Block, scene: Scene) -> Html:
    block_id = str(block.get("block_id", ""))
    parts = [element(part, block_id, scene) for part in block.get("elements") or []]
    return tag("div", *parts, class_="block actions")


def _image(block: Block, scene: Scene) -> Html:
    title = text_object(block.get("title"), scene.names)
    return tag(
        "figure",
        tag("figcaption", title) if title else None,
        _picture(block, scene, "picture"),
        class_="block",
    )


def _picture(part: Block, scene: Scene, size: str) -> Html:
    url = str(part.get("image_url") or "")
    spoken = str(part.get("alt_text") or "")
    path = scene.picture(url)
    if path is None:
        # The page loads nothing from elsewhere, so a foreign picture is its description and a link.
        return tag("span", "Picture: ", link(url, spoken or "picture"), class_=f"foreign {size}")
    return tag("img", src=path, alt=spoken, class_=size, loading="lazy")


def _rich_text(block: Block, scene: Scene) -> Html:
    return tag("div", rich_text(block, scene.names), class_="block")


def _markdown(block: Block, _scene: Scene) -> Html:
    return tag("div", markdown(str(block.get("text", ""))), class_="block")


def _alert(block: Block, scene: Scene) -> Html:
    level = str(block.get("level") or "default")
    shown = level if level in {"info", "warning", "error", "success"} else "default"
    return tag("div", text_object(block.get("text"), scene.names), class_=f"block alert {shown}", role="note")


def _table(block: Block, scene: Scene) -> Html:
    settings = block.get("column_settings") or []
    head, *rows = block.get("rows") or [[]]
    return tag(
        "div",
        tag(
            "table",
            tag("thead", _row(head, "th", settings, scene)),
            tag("tbody", *(_row(row, "td", settings, scene) for row in rows)),
        ),
        class_="block table",
        tabindex=0,
    )


def _row(cells: Iterable[Block], name: str, settings: list[Any], scene: Scene) -> Html:
    out = []
    for index, cell in enumerate(cells):
        setting = settings[index] if index < len(settings) and isinstance(settings[index], Mapping) else {}
        align = setting.get("align") if setting.get("align") in {"center", "right"} else "left"
        out.append(tag(name, _cell(cell, scene), class_=f"align-{align}"))
    return tag("tr", *out)


def _cell(cell: Block, scene: Scene) -> Html:
    kind = cell.get("type")
    if kind == "rich_text":
        return rich_text(cell, scene.names)
    if kind == "raw_text":
        return join([str(cell.get("text", ""))])
    if kind == "raw_number":
        return join([str(cell.get("text") or cell.get("value", ""))])
    return unsupported(f"table cell “{kind}”")


def _input(block: Block, scene: Scene) -> Html:
    return input_block(block, scene)


_BLOCKS: Mapping[str, Callable[[Block, Scene], Html]] = MappingProxyType(
    {
        "section": _section,
        "header": _header,
        "divider": _divider,
        "context": _context,
        "context_actions": _actions,
        "actions": _actions,
        "image": _image,
        "rich_text": _rich_text,
        "markdown": _markdown,
        "alert": _alert,
        "table": _table,
        "input": _input,
    }
)
