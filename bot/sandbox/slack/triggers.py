"""Trigger ids: the right to open a modal, once and within three seconds."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass

from bot.sandbox.clock import SandboxClock
from bot.sandbox.slack.model import Refusal

# https://docs.slack.dev/interactivity/handling-user-interaction
LIFE_SECONDS = 3.0
_REMEMBERED_SECONDS = 3_600.0


@dataclass(slots=True)
class _Trigger:
    user: str
    at: float
    channel_id: str
    used: bool = False


class Triggers:
    """Issues trigger ids and redeems them."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._triggers: dict[str, _Trigger] = {}

    def issue(self, user_id: str, channel_id: str = "") -> str:
        """Return a new trigger id for what this person just did, in that conversation if in any."""
        now = self._clock.now()
        for old in [key for key, one in self._triggers.items() if now - one.at > _REMEMBERED_SECONDS]:
            del self._triggers[old]
        trigger_id = f"{int(now * 1_000)}.{next(self._numbers)}.{secrets.token_hex(4)}"
        self._triggers[trigger_id] = _Trigger(user_id, now, channel_id)
        return trigger_id

    def knows(self, trigger_id: str) -> bool:
        """Say whether this trigger id was issued here."""
        return trigger_id in self._triggers

    def redeem(self, trigger_id: str) -> tuple[str, str]:
        """Use a trigger id up and return whose it was, and the conversation or an empty string.

        Raises:
            Refusal: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self._clock.now() - trigger.at > LIFE_SECONDS:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.user, trigger.channel_id
