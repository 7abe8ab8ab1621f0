"""Says something to a person where they are looking: under a command, at a field, or in private."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from slack_bolt import BoltResponse

from bot.ui import caption_modal
from bot.ui.message import Message
from handlers.acting import Press
from handlers.modals import Modals
from handlers.replying import afterwards, ephemeral


def answer(
    body: Mapping[str, Any],
    context: MutableMapping[str, Any],
    modals: Modals,
    *,
    message: Message,
    plain: str,
) -> BoltResponse:
    """Return the answer to a request from Slack that says `message`, or `plain` where only text fits.

    A form keeps what was typed into it. `context` takes what follows when the answer has left.
    """
    match body.get("type"):
        case "block_suggestion":
            return BoltResponse(status=200, body={"options": []})
        case "view_submission":
            return BoltResponse(status=200, body=_at_a_field(body["view"], plain))
        case "block_actions" | "message_action" if url := str(body.get("response_url", "")):
            tell = modals.through(url)
            afterwards(context, lambda: tell(message))
        case "block_actions" | "shortcut":
            tell = modals.directly(Press.from_body(body).asker)
            afterwards(context, lambda: tell(message))
        case None:
            return BoltResponse(status=200, body=ephemeral(message))
    return BoltResponse(status=200, body="")


def _at_a_field(view: Mapping[str, Any], plain: str) -> dict[str, Any]:
    """Return the answer to a form: the sentence at its first field, and nothing that was typed is lost."""
    fields = (str(block["block_id"]) for block in view.get("blocks") or () if block.get("type") == "input")
    return {"response_action": "errors", "errors": {next(fields, caption_modal.VIDEO): plain}}
