"""Who may use the bot at all, by what the operator decided. Performs no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What somebody is to the workspace."""

    MEMBER = "member"
    GUEST = "guest"
    """Invited to some channels only: a single- or multi-channel guest."""
    EXTERNAL = "external"
    """Of another organization, met in a channel shared by Slack Connect."""
    UNKNOWN = "unknown"
    """Slack did not say; it tells only an app with the scope `users:read`."""


class Reason(StrEnum):
    """Why somebody is turned away. The value is stored and logged."""

    USER = "not_allowed_user"
    CHANNEL = "not_allowed_channel"
    GUEST = "guest"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What the operator decided. An empty set allows everybody, and every channel."""

    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    guests: bool = False
    external: bool = False

    def refuse(
        self, *, user_id: str, channel_id: str = "", standing: Standing = Standing.UNKNOWN
    ) -> Reason | None:
        """Say why this person is turned away here, None when they are not.

        Somebody who is named is let in whatever they are. An empty `channel_id` is no channel yet, so the
        list of channels does not speak about it. What Slack did not say is not held against anybody.
        """
        if self.channels and channel_id and channel_id not in self.channels:
            return Reason.CHANNEL
        if user_id in self.users:
            return None
        if self.users:
            return Reason.USER
        if standing is Standing.EXTERNAL and not self.external:
            return Reason.EXTERNAL
        if standing is Standing.GUEST and not self.guests:
            return Reason.GUEST
        return None

    @property
    def asks_about_guests(self) -> bool:
        """Whether it matters what somebody is to the workspace."""
        return not (self.guests and self.external) and not self.users
