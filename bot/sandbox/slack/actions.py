"""Buttons, selects and fields: what happens when a person touches one."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.commands import Commands, Outcome
from bot.sandbox.slack.elements import OPTION, OPTION_GROUP
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.payloads import Place, interaction, place
from bot.sandbox.slack.spec import many
from bot.sandbox.slack.stacks import initial_state, state_field
from bot.sandbox.slack.values import typed_value

# https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
DEFAULT_MIN_QUERY_LENGTH = 3
MAX_OPTIONS = 100


class Actions(Commands):
    """People who press buttons and choose from menus."""

    async def press(
        self,
        user_id: str,
        *,
        block_id: str,
        action_id: str,
        channel_id: str = "",
        ts: str = "",
        view_id: str = "",
        value: Any = None,
    ) -> Outcome:
        """Touch an element of a message or of a view.

        `value` is what was typed or chosen (see `values.typed_value`); a button needs none. A field of an
        input block that does not dispatch actions only remembers it.

        Raises:
            Refusal: what the person means is not there.
        """
        spot = place(self._core, user_id, channel_id=channel_id, ts=ts, view_id=view_id)
        block, element = spot.element(block_id, action_id)
        typed = typed_value(element, value)
        if spot.view is not None and state_field(element["type"]):
            self._core.workspace.views.type_in(spot.view, block_id, action_id, typed)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Outcome(status=None, sent=False)
        payload = self._block_actions(user_id, spot) | {
            "actions": [
                {
                    **_described(element),
                    **typed,
                    "block_id": block_id,
                    "action_id": action_id,
                    "action_ts": self._core.workspace.next_ts(),
                }
            ]
        }
        if spot.message is not None:
            payload["state"]["values"].setdefault(block_id, {})[action_id] = typed
        ack = await self._sender.send_payload("block_actions", payload)
        self._tell_failure(user_id, ack)
        return Outcome(status=ack.status, timed_out=ack.timed_out)

    def _block_actions(self, user_id: str, spot: Place) -> dict[str, Any]:
        core = self._core
        payload = interaction(core, "block_actions", user_id) | spot.describe(core)
        current = spot.channel or (spot.view.opened_from if spot.view is not None else None)
        payload["trigger_id"] = core.triggers.issue(user_id, current.id if current else "")
        if spot.message is not None:
            url = core.response_urls.issue(spot.message.channel, user_id, original=spot.message)
            payload["response_url"] = core.response_urls.address(url)
            payload["state"] = {"values": initial_state(spot.blocks)}
        return payload

    async def suggest(
        self,
        user_id: str,
        *,
        block_id: str,
        action_id: str,
        query: str,
        channel_id: str = "",
        ts: str = "",
        view_id: str = "",
    ) -> list[dict[str, Any]]:
        """Type into a select whose options the bot supplies; return them, option groups flattened.

        Nothing is asked below the element's `min_query_length`. No answer in time, or one that Slack would
        refuse, leaves the person with no options.

        Raises:
            Refusal: what the person means is not there.
        """
        spot = place(self._core, user_id, channel_id=channel_id, ts=ts, view_id=view_id)
        _, element = spot.element(block_id, action_id)
        if len(query) < element.get("min_query_length", DEFAULT_MIN_QUERY_LENGTH):
            return []
        payload = interaction(self._core, "block_suggestion", user_id) | spot.describe(self._core)
        payload |= {"block_id": block_id, "action_id": action_id, "value": query}
        ack = await self._sender.send_payload("block_suggestion", payload)
        try:
            return _options(ack.read()) if ack.ok else []
        except Refusal as refusal:
            self._core.journal.add("slack.refused", "block_suggestion", error=refusal.code)
            return []


def _described(element: dict[str, Any]) -> dict[str, Any]:
    shown = ("text", "value", "style", "url", "placeholder", "confirm")
    return {"type": element["type"], **{name: element[name] for name in shown if name in element}}


def _options(content: dict[str, Any]) -> list[dict[str, Any]]:
    problems: list[str] = []
    groups = content.get("option_groups")
    if groups is not None:
        many(OPTION_GROUP, MAX_OPTIONS)(groups, "/option_groups", problems)
    else:
        many(OPTION, MAX_OPTIONS)(content.get("options"), "/options", problems)
    if problems:
        raise Refusal("; ".join(problems))
    if groups is None:
        return list(content["options"])
    return [option for group in groups for option in group["options"]]
