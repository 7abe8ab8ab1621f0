"""A form as Slack would send it, and what is on disk afterwards."""

from __future__ import annotations

import json
from typing import Any

from bot.errors import StoreError
from bot.rules.form import CaptionForm
from bot.rules.video import TextTrack, Video
from bot.ui import caption_modal

ASSET = "As5et1dAs5et1dAs5et1d"
TRACK = TextTrack(id="t1", name="English (Studio)", language_code="en", source="uploaded", status="ready")
VIDEO = Video(
    asset_id=ASSET,
    title="Launch keynote",
    status="ready",
    duration_seconds=61,
    policy="public",
    playback_id="PlayBack1dPlayBack1d",
    tracks=(TRACK,),
)


class LostStoreError(StoreError):
    """What the store raises when it is gone."""


def filled(form: CaptionForm, **changes: Any) -> dict[str, Any]:
    """Return the view that Slack would send for a form; `changes` are what somebody typed, by block."""
    view = caption_modal.build(form)
    values: dict[str, Any] = {}
    fields = {
        "plain_text_input": ("initial_value", "value"),
        "checkboxes": ("initial_options", "selected_options"),
        "conversations_select": ("initial_conversation", "selected_conversation"),
    }
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            initial, name = fields.get(element["type"], ("initial_option", "selected_option"))
            value = changes.get(block["block_id"], element.get(initial))
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], name: value}}
    return {**view, "id": "V1", "hash": "1.abc", "team_id": "T1", "state": {"values": values}}


def shown(view: dict[str, Any]) -> str:
    return json.dumps(view, ensure_ascii=False)


async def jobs(doors: Any) -> list[Any]:
    def read(tx: Any) -> list[Any]:
        rows = tx.conn.exec_driver_sql("SELECT public_id, channel_id, thread_ts, asset_id, params FROM job")
        return list(rows)

    return await doors.store.transaction(read)


def filled_from(view: dict[str, Any]) -> dict[str, Any]:
    """Return an opened view as Slack sends it back untouched."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            value = next((element[name] for name in element if name.startswith("initial_")), None)
            names = {"plain_text_input": "value", "checkboxes": "selected_options"}
            names |= {"conversations_select": "selected_conversation"}
            field = names.get(element["type"], "selected_option")
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], field: value}}
    return {**view, "state": {"values": values}}
