"""Modals: submitted, refused, updated, pushed, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.ack import Ack
from bot.sandbox.slack.actions import Actions
from bot.sandbox.slack.blocks import checked_view
from bot.sandbox.slack.commands import Outcome
from bot.sandbox.slack.methods_views import check_external_id
from bot.sandbox.slack.model import Refusal, View
from bot.sandbox.slack.payloads import interaction, place
from bot.sandbox.slack.shapes import view_json
from bot.sandbox.slack.values import typed_value, unacceptable

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOutcome:
    """What came of a submission.

    `errors` are the sentences under the fields, by block id, the bot's or Slack's own; `sent` is False
    where Slack's own were enough. `open_view` is the id of the modal that the person sees now, None when
    none is left. `trouble` is what Slack says when the bot's answer was late or made no sense.
    """

    status: int | None
    timed_out: bool = False
    sent: bool = True
    errors: Mapping[str, str] = field(default_factory=dict)
    open_view: str | None = None
    trouble: str = ""


class Modals(Actions):
    """People who fill in modals."""

    async def submit(
        self, user_id: str, view_id: str, values: Mapping[str, Mapping[str, Any]] | None = None
    ) -> SubmitOutcome:
        """Fill in fields (block id -> action id -> value) and press the submit button.

        Raises:
            Refusal: `view_not_found` when that is not the modal the person sees, `no_submit` when it has no
                such button, `no_such_element`, `no_such_option`.
        """
        view = self._seen(user_id, view_id)
        if not view.payload.get("submit"):
            raise Refusal("no_submit")
        self._fill_in(user_id, view, values or {})
        complaints = unacceptable(view)
        if complaints:
            self._core.workspace.views.show_errors(view, complaints)
            return SubmitOutcome(status=None, sent=False, errors=complaints, open_view=view.id)
        self._core.workspace.views.show_errors(view, {})
        payload = interaction(self._core, "view_submission", user_id) | {
            "trigger_id": self._core.triggers.issue(user_id, view.opened_from.id if view.opened_from else ""),
            "view": view_json(self._core, view),
            "response_urls": self._destinations(user_id, view),
        }
        ack = await self._sender.send_payload("view_submission", payload)
        trouble = self._react(view, ack)
        top = self._core.workspace.views.top(user_id)
        return SubmitOutcome(
            status=ack.status,
            timed_out=ack.timed_out,
            errors=dict(view.errors),
            open_view=top.id if top else None,
            trouble=trouble,
        )

    def _seen(self, user_id: str, view_id: str) -> View:
        top = self._core.workspace.views.top(user_id)
        if top is None or top.id != view_id:
            raise Refusal("view_not_found")
        return top

    def _fill_in(self, user_id: str, view: View, values: Mapping[str, Mapping[str, Any]]) -> None:
        spot = place(self._core, user_id, view_id=view.id)
        for block_id, actions in values.items():
            for action_id, given in actions.items():
                _, element = spot.element(block_id, action_id)
                self._core.workspace.views.type_in(view, block_id, action_id, typed_value(element, given))

    def _destinations(self, user_id: str, view: View) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for block in view.blocks:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            typed = view.state[block["block_id"]][element["action_id"]]
            chosen = typed.get("selected_conversation") or typed.get("selected_channel")
            if chosen:
                url = self._core.response_urls.issue(chosen, user_id)
                found.append(
                    {
                        "response_url": self._core.response_urls.address(url),
                        "channel_id": chosen,
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                    }
                )
        return found

    def _react(self, view: View, ack: Ack) -> str:
        code, extra = "operation_timeout" if ack.timed_out else "dispatch_failed", {}
        if ack.ok:
            try:
                self._follow(view, ack.read())
            except Refusal as refusal:
                code, extra = refusal.code, dict(refusal.extra)
            else:
                return ""
        self._core.journal.add("slack.refused", "view_submission", error=code, **extra)
        self._core.workspace.toast(view.user, TROUBLE)
        return TROUBLE

    def _follow(self, view: View, content: dict[str, Any]) -> None:
        views = self._core.workspace.views
        action = content.get("response_action")
        if action is None and not content:
            views.close(view)
        elif action == "clear":
            views.clear(view.user)
        elif action == "errors":
            views.show_errors(view, _errors(view, content.get("errors")))
        elif action == "update":
            views.update(view, self._modal(content, view))
        elif action == "push":
            views.push(view.user, self._modal(content, None))
        else:
            raise Refusal("invalid_response_action")

    def _modal(self, content: dict[str, Any], own: View | None) -> dict[str, Any]:
        payload = checked_view(content.get("view"))
        if payload["type"] != "modal":
            raise Refusal("invalid_arguments")
        check_external_id(self._core, payload, own)
        return payload

    async def close(self, user_id: str, view_id: str, *, clear: bool = False) -> Outcome:
        """Press Cancel, or with `clear` the x, which takes the whole stack away.

        Raises:
            Refusal: `view_not_found`.
        """
        view = self._seen(user_id, view_id)
        views = self._core.workspace.views
        if clear or view.payload.get("clear_on_close"):
            cleared = views.clear(user_id)
            told, is_cleared = cleared[-1], True
        else:
            views.close(view)
            told, is_cleared = view, False
        if not told.payload.get("notify_on_close"):
            return Outcome(status=None, sent=False)
        payload = interaction(self._core, "view_closed", user_id) | {
            "view": view_json(self._core, told),
            "is_cleared": is_cleared,
        }
        ack = await self._sender.send_payload("view_closed", payload)
        return Outcome(status=ack.status, timed_out=ack.timed_out)


def _errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_errors", known=sorted(inputs))
    if not all(isinstance(sentence, str) and sentence for sentence in errors.values()):
        raise Refusal("invalid_errors", known=sorted(inputs))
    return errors
