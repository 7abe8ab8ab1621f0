"""Remembers the signatures of lately answered requests, so that none of them works a second time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from bot.clock import Clock

# A signature is believed for five minutes to either side of its time.
# https://docs.slack.dev/authentication/verifying-requests-from-slack
LIFETIME_SECONDS: Final = 600.0
MOST: Final = 100_000
"""How many are remembered at most: about 20 MB, and more than a workspace can send in that time."""


class Replays:
    """The signatures of this process. What a second process or a restart lets through is still one act.

    Acts are keyed in the store by what Slack makes anew for each (a trigger, a view), so a repetition joins
    the first one; this only refuses it sooner and says so in the log.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[str, float] = OrderedDict()

    def is_new(self, signature: str) -> bool:
        """Remember the signature, and say whether it was not known yet."""
        now = self._clock.now()
        while self._until and (len(self._until) >= MOST or next(iter(self._until.values())) <= now):
            self._until.popitem(last=False)
        if signature in self._until:
            return False
        self._until[signature] = now + LIFETIME_SECONDS
        return True
