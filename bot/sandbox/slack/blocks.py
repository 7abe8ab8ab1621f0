"""Judges blocks and views as Slack would: the fields by the tables, then what concerns several at once."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack.block_kit import SURFACES
from bot.sandbox.slack.elements import ELEMENTS
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.spec import problem
from bot.sandbox.slack.stacks import elements_of

# Slack publishes no number; reports put it at 12,000 to 13,200 characters of a message's block text.
MAX_BLOCK_CHARACTERS = 12_000
MAX_VIEW_BYTES = 250_000


def checked_blocks(
    blocks: Any, *, most_characters: int | None = MAX_BLOCK_CHARACTERS
) -> list[dict[str, Any]]:
    """Return a message's blocks with their ids filled in; None stands for no blocks.

    `most_characters` is None for messages through a response_url, which Slack does not measure.

    Raises:
        Refusal: `invalid_blocks` with a JSON pointer in every message, or `msg_blocks_too_long`.
    """
    problems: list[str] = []
    blocks = [] if blocks is None else blocks
    SURFACES["message"](blocks, "/blocks", problems)
    if not problems:
        _judge_together(blocks, "/blocks", problems)
        if sum(block["type"] == "table" for block in blocks) > 1:
            problem(problems, "only_one_table_allowed", "/blocks")
    if problems:
        raise Refusal("invalid_blocks", errors=_bare(problems), response_metadata={"messages": problems})
    if most_characters is not None and sum(map(len, _texts(blocks))) > most_characters:
        raise Refusal("msg_blocks_too_long")
    return _with_ids(blocks)


def checked_view(view: Any) -> dict[str, Any]:
    """Return a view with the ids of its blocks filled in.

    Raises:
        Refusal: `invalid_arguments` with a JSON pointer in every message, or `view_too_large`.
    """
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        _refuse_view(["[ERROR] must be a modal or a home view [json-pointer:/view/type]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > MAX_VIEW_BYTES:
        raise Refusal("view_too_large")
    problems: list[str] = []
    SURFACES[view["type"]](view, "/view", problems)
    if not problems:
        _judge_together(view["blocks"], "/view/blocks", problems)
        has_input = any(block["type"] == "input" for block in view["blocks"])
        if view["type"] == "modal" and has_input and not view.get("submit"):
            problem(problems, "missing required field: submit", "/view")
    if problems:
        _refuse_view(problems)
    return {**view, "blocks": _with_ids(view["blocks"])}


def _refuse_view(problems: list[str]) -> None:
    raise Refusal("invalid_arguments", response_metadata={"messages": problems})


def _bare(problems: list[str]) -> list[str]:
    return [one.removeprefix("[ERROR] ") for one in problems]


def _judge_together(blocks: list[dict[str, Any]], pointer: str, problems: list[str]) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        here = f"{pointer}/{index}"
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            problem(problems, f'"block_id" "{block_id}" already exists', f"{here}/block_id")
        seen.add(block_id or "")
        _judge_block(block, here, problems)


def _judge_block(block: dict[str, Any], pointer: str, problems: list[str]) -> None:
    kind = block["type"]
    if kind == "section" and not (block.get("text") or block.get("fields")):
        problem(problems, "missing required field: text", pointer)
    if kind == "image" and not (block.get("image_url") or block.get("slack_file")):
        problem(problems, "missing required field: image_url", pointer)
    if kind == "container" and not (block.get("title") or block.get("rich_text_title")):
        problem(problems, "missing required field: title", pointer)
    actions: set[str] = set()
    for element in elements_of(block):
        action_id = element["action_id"]
        if action_id in actions:
            problem(problems, f'"action_id" "{action_id}" already exists', f"{pointer}/elements")
        actions.add(action_id)
    for element in _elements(block):
        _judge_element(element, pointer, problems)


def _judge_element(element: dict[str, Any], pointer: str, problems: list[str]) -> None:
    kind = str(element.get("type"))
    if kind in {"static_select", "multi_static_select"}:
        if bool(element.get("options")) == bool(element.get("option_groups")):
            problem(problems, "must provide either options or option_groups", pointer)
            return
        groups = element.get("option_groups") or [element]
        offered = [option["value"] for group in groups for option in group["options"]]
    elif kind in {"checkboxes", "radio_buttons"}:
        offered = [option["value"] for option in element["options"]]
    else:
        return
    chosen = [*(element.get("initial_options") or [])]
    if element.get("initial_option"):
        chosen.append(element["initial_option"])
    if any(option["value"] not in offered for option in chosen):
        problem(problems, "initial option must match one of the options", pointer)


def _elements(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    return (element for element in found if isinstance(element, dict))


def _texts(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if name == "text":
            yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, name)


def _with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Slack invents the ids that the app left out; they are stable within one version of the payload.
    filled = copy.deepcopy(blocks)
    taken = {block.get("block_id") for block in filled}
    free = (f"b{number:04x}" for number in itertools.count(1))
    for block in filled:
        if not block.get("block_id"):
            block["block_id"] = next(one for one in free if one not in taken)
        for index, element in enumerate(_elements(block)):
            if element.get("type") in ELEMENTS and element["type"] != "image":
                element.setdefault("action_id", f"{block['block_id']}-{index}")
    return filled
