"""Forms as Slack sends them back, and the job that they are about."""

from __future__ import annotations

from typing import Any, Final

from bot.rules.jobs import Job, State
from bot.rules.request import CaptionRequest

INITIAL: Final = {
    "plain_text_input": ("initial_value", "value"),
    "external_select": ("initial_option", "selected_option"),
    "static_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
}


def fill(view: dict[str, Any]) -> dict[str, Any]:
    """Return the view as Slack sends it back when nobody touched anything."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        element = block.get("element")
        if element is not None:
            initial, field = INITIAL[element["type"]]
            value = element.get(initial, [] if field.endswith("s") else None)
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], field: value}}
    return {**view, "state": {"values": values}}


def a_job() -> Job:
    """Return a job that goes well, with nothing unusual about it."""
    return Job(
        id="job_42",
        state=State.PROCESSING,
        request=CaptionRequest(asset_id="As5et1d", language_code="en"),
        team_id="T0TEAM",
        channel_id="C0CHANNEL",
        user_id="U0ANA",
        created_at=1_795_000_000.0,
        updated_at=1_795_000_010.0,
        mux_id="rjob_7",
        title="Launch keynote",
    )
