"""Slack's rate limits, as token buckets that run on the sandbox's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass

# https://docs.slack.dev/apis/web-api/rate-limits: calls a minute, for each method and workspace. The page
# says "burst is tolerated" without a number; a fifth of a minute's worth is what we let through at once.
TIERS: dict[int, int] = {1: 1, 2: 20, 3: 50, 4: 100}
BURST_DIVISOR = 5

# chat.postMessage is special: about one a second in each channel, short bursts tolerated, and a ceiling
# for the workspace of several hundred a minute. The figures below are our reading of that.
POSTS_PER_SECOND = 1.0
POST_BURST = 4
WORKSPACE_POSTS_PER_MINUTE = 300
WORKSPACE_POST_BURST = 60

# A bot that is asked to reconnect may do so more than once a minute, whatever the tier of the method says.
_SPECIAL_PER_MINUTE = {"auth.test": 300, "chat.getPermalink": 300, "apps.connections.open": 60}


@dataclass(slots=True)
class Bucket:
    """A token bucket: `burst` calls at once, then `per_second` a second."""

    per_second: float
    burst: float
    tokens: float
    at: float

    def wait_seconds(self, now: float) -> float:
        """Return how long until the next call may be made; 0 when it may be made now."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.per_second)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.per_second

    def take(self) -> None:
        """Use up one call."""
        self.tokens -= 1


class Limits:
    """Decides for each call whether it comes too soon."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def retry_after(self, method: str, tier: int, channel: str, now: float) -> int:
        """Return 0 and count the call, or the seconds to wait, rounded up, and count nothing.

        `channel` matters to chat.postMessage only.
        """
        if method == "chat.postMessage":
            buckets = [
                self._bucket("posts", WORKSPACE_POSTS_PER_MINUTE / 60, WORKSPACE_POST_BURST, now),
                self._bucket(f"posts:{channel}", POSTS_PER_SECOND, POST_BURST, now),
            ]
        else:
            per_minute = _SPECIAL_PER_MINUTE.get(method, TIERS[tier])
            burst = max(1, per_minute // BURST_DIVISOR)
            buckets = [self._bucket(method, per_minute / 60, burst, now)]
        wait_seconds = max(bucket.wait_seconds(now) for bucket in buckets)
        if wait_seconds > 0:
            return max(1, math.ceil(wait_seconds))
        for bucket in buckets:
            bucket.take()
        return 0

    def _bucket(self, key: str, per_second: float, burst: float, now: float) -> Bucket:
        if key not in self._buckets:
            self._buckets[key] = Bucket(per_second, burst, burst, now)
        return self._buckets[key]
