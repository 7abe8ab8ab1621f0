"""Everybody's stack of modals and Home tab."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.journal import Journal
from bot.sandbox.slack.conversations import preselected
from bot.sandbox.slack.ids import Ids
from bot.sandbox.slack.model import Channel, Refusal, View, ViewKind

# https://docs.slack.dev/surfaces/modals: at most three views on one stack.
MAX_DEPTH = 3


class ViewStacks:
    """Holds at most one stack of modals and one Home tab for each person.

    `changed(user_id, view_id, kind)` is called after every change.
    """

    def __init__(
        self,
        clock: SandboxClock,
        journal: Journal,
        changed: Callable[[str, str, ViewKind], None],
        ids: Ids,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._changed = changed
        self._ids = ids
        self._hashes = itertools.count(1)
        self._stacks: dict[str, list[View]] = {}
        self.home: dict[str, View] = {}

    def stack(self, user_id: str) -> list[View]:
        """Return a person's modals, the lowest first; the last one is what the person sees."""
        return list(self._stacks.get(user_id, []))

    def top(self, user_id: str) -> View | None:
        """Return the modal that a person sees, or None."""
        stack = self._stacks.get(user_id)
        return stack[-1] if stack else None

    def get(self, view_id: str) -> View | None:
        """Return an open modal or a Home tab by its id, or None."""
        everything = itertools.chain(*self._stacks.values(), self.home.values())
        return next((view for view in everything if view.id == view_id), None)

    def by_external_id(self, external_id: str) -> View | None:
        """Return the open view to which the bot gave this id, or None."""
        everything = itertools.chain(*self._stacks.values(), self.home.values())
        return next((view for view in everything if view.payload.get("external_id") == external_id), None)

    def open(self, user_id: str, payload: dict[str, Any], opened_from: Channel | None = None) -> View:
        """Show a modal in place of whatever stack the person had."""
        view_id = self._new_id()
        view = self._made(view_id, user_id, payload, root_id=view_id, opened_from=opened_from)
        self._stacks[user_id] = [view]
        self._effect("opened", view)
        return view

    def push(self, user_id: str, payload: dict[str, Any]) -> View:
        """Put a modal on top of the person's stack.

        Raises:
            Refusal: `push_limit_reached`, or `not_found` when no modal is open.
        """
        stack = self._stacks.get(user_id) or []
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= MAX_DEPTH:
            raise Refusal("push_limit_reached")
        view = self._made(
            self._new_id(),
            user_id,
            payload,
            root_id=stack[0].id,
            previous=stack[-1].id,
            opened_from=stack[-1].opened_from,
        )
        stack.append(view)
        self._effect("pushed", view)
        return view

    def update(self, view: View, payload: dict[str, Any]) -> View:
        """Replace a view's content; its id stays, its hash changes.

        What the person typed survives where block id, action id and the element's type are unchanged.
        """
        old = view.state
        view.payload = payload
        view.hash = self._new_hash()
        view.errors = {}
        view.state = _kept(old, initial_state(view.blocks, view.opened_from))
        self._effect("updated", view)
        return view

    def publish(self, user_id: str, payload: dict[str, Any]) -> View:
        """Set a person's Home tab."""
        if (view := self.home.get(user_id)) is not None:
            return self.update(view, payload)
        view_id = self._new_id()
        view = self._made(view_id, user_id, payload, root_id=view_id, kind="home")
        self.home[user_id] = view
        self._effect("published", view)
        return view

    def close(self, view: View) -> None:
        """Take one modal off its stack."""
        stack = self._stacks.get(view.user, [])
        self._stacks[view.user] = [other for other in stack if other.id != view.id]
        self._effect("closed", view)

    def clear(self, user_id: str) -> list[View]:
        """Take all of a person's modals away and return them, the topmost first."""
        closed = list(reversed(self._stacks.pop(user_id, [])))
        for view in closed:
            self._effect("closed", view)
        return closed

    def type_in(self, view: View, block_id: str, action_id: str, value: dict[str, Any]) -> None:
        """Remember what a person typed or chose: Slack's typed value."""
        view.state.setdefault(block_id, {})[action_id] = value

    def show_errors(self, view: View, errors: dict[str, str]) -> None:
        """Put sentences under the fields, by block id."""
        view.errors = dict(errors)
        self._effect("errors", view)

    def _made(
        self,
        view_id: str,
        user_id: str,
        payload: dict[str, Any],
        *,
        root_id: str,
        previous: str | None = None,
        opened_from: Channel | None = None,
        kind: ViewKind = "modal",
    ) -> View:
        view = View(
            id=view_id,
            user=user_id,
            kind=kind,
            payload=payload,
            hash=self._new_hash(),
            root_id=root_id,
            previous_id=previous,
            opened_from=opened_from,
        )
        view.state = initial_state(view.blocks, opened_from)
        return view

    def _new_id(self) -> str:
        return self._ids.next("V")

    def _new_hash(self) -> str:
        return f"{int(self._clock.now())}.{next(self._hashes):08x}"

    def _effect(self, what: str, view: View) -> None:
        self._journal.add(
            "slack.effect",
            f"view.{what}",
            view_id=view.id,
            user=view.user,
            type=view.kind,
            callback_id=view.callback_id,
            errors=dict(view.errors),
        )
        self._changed(view.user, view.id, view.kind)


# How an element's initial value becomes its state: element type -> (initial field, field in the state).
_STATE_FIELDS: dict[str, tuple[str, str]] = {
    "plain_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "email_text_input": ("initial_value", "value"),
    "url_text_input": ("initial_value", "value"),
    "rich_text_input": ("initial_value", "rich_text_value"),
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "checkboxes": ("initial_options", "selected_options"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "users_select": ("initial_user", "selected_user"),
    "multi_users_select": ("initial_users", "selected_users"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "file_input": ("", "files"),
}


def state_field(element_type: str) -> str | None:
    """Return the name under which Slack sends such an element's value; None for a button and the like."""
    fields = _STATE_FIELDS.get(element_type)
    return fields[1] if fields else None


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the interactive elements of a block: an input's, a section's accessory, an actions row."""
    found = [block.get("element"), block.get("accessory"), *(block.get("elements") or [])]
    return [element for element in found if isinstance(element, dict) and element.get("action_id")]


def initial_state(blocks: list[dict[str, Any]], current: Channel | None = None) -> dict[str, dict[str, Any]]:
    """Return the state of fresh blocks: one typed value for EVERY stateful element, empty ones too.

    `current` is the conversation that a select may stand at from the start.
    """
    state: dict[str, dict[str, Any]] = {}
    for block in blocks:
        for element in elements_of(block):
            fields = _STATE_FIELDS.get(element["type"])
            if fields is None:
                continue
            value = preselected(element, current) or element.get(fields[0])
            if value is None and fields[1].endswith("s"):
                value = []
            state.setdefault(block["block_id"], {})[element["action_id"]] = {
                "type": element["type"],
                fields[1]: value,
            }
    return state


def _kept(old: dict[str, dict[str, Any]], fresh: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    for block_id, actions in fresh.items():
        for action_id, value in actions.items():
            typed = old.get(block_id, {}).get(action_id)
            if typed is not None and typed["type"] == value["type"]:
                actions[action_id] = typed
    return fresh
