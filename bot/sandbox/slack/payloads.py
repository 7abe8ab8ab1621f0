"""The parts of which Slack's interaction payloads are made.

https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.core import Core
from bot.sandbox.slack.model import Channel, Message, Refusal, View
from bot.sandbox.slack.shapes import message_json, view_json
from bot.sandbox.slack.stacks import elements_of

VERIFICATION_TOKEN = "sandbox-verification-token"  # noqa: S105 - deprecated by Slack, and made up


def person(core: Core, user_id: str) -> dict[str, Any]:
    """Return the `user` of a payload.

    Raises:
        Refusal: `user_not_found`.
    """
    found = core.workspace.people.get(user_id)
    if found is None:
        raise Refusal("user_not_found")
    return {
        "id": found.id,
        "username": found.name,
        "name": found.name,
        "team_id": core.workspace.team_of(user_id),
    }


_FROM_A_VIEW = frozenset({"view_submission", "view_closed"})


def channel_label(channel: Channel) -> str:
    """Return the name that payloads give a channel: a placeholder for all but public ones."""
    return {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)


def interaction(core: Core, kind: str, user_id: str) -> dict[str, Any]:
    """Return what every interaction carries."""
    return {
        "type": kind,
        "user": person(core, user_id),
        "api_app_id": core.config.app_id,
        "token": VERIFICATION_TOKEN,
        "team": _team(core, kind, user_id),
        "enterprise": enterprise(core),
        "is_enterprise_install": core.org_wide,
    }


def _team(core: Core, kind: str, user_id: str) -> dict[str, Any]:
    config = core.config
    company = core.workspace.people[user_id].company
    if company is not None and kind in _FROM_A_VIEW:
        # The window stands in that person's own workspace; `app_installed_team_id` says whose app it is.
        return {"id": company.id, "domain": company.domain}
    team = {"id": config.team_id, "domain": config.team_domain}
    if config.enterprise_id:
        team |= {"enterprise_id": config.enterprise_id, "enterprise_name": config.enterprise_name}
    return team


def enterprise(core: Core) -> dict[str, Any] | None:
    """Return the organization that owns the workspace, or None."""
    config = core.config
    return {"id": config.enterprise_id, "name": config.enterprise_name} if config.enterprise_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an element stands: in a view, or in a message of a channel."""

    view: View | None = None
    channel: Channel | None = None
    message: Message | None = None

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """Return the blocks around the element."""
        if self.view is not None:
            return self.view.blocks
        return self.message.blocks if self.message is not None else []

    def element(self, block_id: str, action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a block and its element.

        Raises:
            Refusal: `no_such_element`; a person can only touch what is shown.
        """
        for block in self.blocks:
            if block.get("block_id") == block_id:
                for element in elements_of(block):
                    if element["action_id"] == action_id:
                        return block, element
        raise Refusal("no_such_element")

    def describe(self, core: Core) -> dict[str, Any]:
        """Return `container` and what goes with it."""
        if self.view is not None:
            return {
                "container": {"type": "view", "view_id": self.view.id},
                "view": view_json(core, self.view),
            }
        if self.message is None or self.channel is None:
            raise Refusal("message_not_found")
        container: dict[str, Any] = {
            "type": "message",
            "message_ts": self.message.ts,
            "channel_id": self.channel.id,
            "is_ephemeral": self.message.ephemeral_to is not None,
        }
        if self.message.thread_ts is not None:
            container["thread_ts"] = self.message.thread_ts
        return {
            "container": container,
            "channel": {"id": self.channel.id, "name": channel_label(self.channel)},
            "message": message_json(core.workspace, self.message, all_metadata=True),
        }


def place(core: Core, user_id: str, *, channel_id: str = "", ts: str = "", view_id: str = "") -> Place:
    """Return the place that a person means: a view of theirs, or a message that they can see.

    Raises:
        Refusal: `view_not_found`, `channel_not_found`, `not_in_channel` or `message_not_found`.
    """
    person(core, user_id)
    if view_id:
        view = core.workspace.views.get(view_id)
        if view is None or view.user != user_id:
            raise Refusal("view_not_found")
        return Place(view=view)
    channel = member_channel(core, user_id, channel_id)
    message = channel.messages.get(ts)
    if message is None or message.deleted or message.ephemeral_to not in {None, user_id}:
        raise Refusal("message_not_found")
    return Place(channel=channel, message=message)


def member_channel(core: Core, user_id: str, channel_id: str) -> Channel:
    """Return a channel in which a person may act.

    Raises:
        Refusal: `user_not_found`, `channel_not_found`, `not_in_channel` or `is_archived`.
    """
    person(core, user_id)
    channel = core.workspace.channel(channel_id)
    if user_id not in channel.members:
        raise Refusal("not_in_channel")
    if channel.archived:
        raise Refusal("is_archived")
    return channel
