"""How long to wait: after a failure, between posts, between polls. Performs no I/O; chance is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_BACKOFF_SECONDS: Final = 1.0
LONGEST_BACKOFF_SECONDS: Final = 300.0
PARK_SECONDS: Final = 300.0
"""How long a lane rests when only the operator can help (a revoked token, a missing scope)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A limit shared by many lanes: one call each `spacing` seconds, `burst` of them at once."""

    spacing: float
    burst: int


# The ceiling of chat.postMessage over a whole workspace is published as "several hundred a minute".
POSTS: Final = Rate(spacing=0.2, burst=10)
# files.getUploadURLExternal is tier 4 (100 a minute), and a share of files takes up to seven of them.
SHARES: Final = Rate(spacing=5.0, burst=3)
# conversations.history and .replies are tier 3.
READS: Final = Rate(spacing=1.2, burst=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The spans of the delivery protocol, in seconds.

    A request is not sent any more when its intent is older than `send`; it is given up after `request`;
    a vendor may still act on a lost request for `late`. So what is not there `settle` after the intent
    was never done, as long as settle > send + request + late. A lease outlives send + request.

    `posts`, `reads` and `shares` are what a workspace allows altogether.
    """

    send: float = 5.0
    request: float = 10.0
    settle: float = 60.0
    lease: float = 30.0
    idle: float = 1.0
    # https://docs.slack.dev/apis/web-api/rate-limits: about one message a second and channel; the tenth
    # keeps the jitter of two clocks from turning into a 429.
    post_spacing: float = 1.1
    # chat.update is tier 3: 50 a minute and workspace.
    edit_spacing: float = 1.2
    posts: Rate = POSTS
    reads: Rate = READS
    shares: Rate = SHARES


def granted_at(booked: float, now: float, rate: Rate) -> float:
    """Return when a call may be made that was just booked in a bucket under `rate`.

    `booked` is the time up to which the bucket is booked with it: each call adds `spacing` to that time, or
    to `now` once it is past. Calls granted this way never exceed `burst` plus one each `spacing` seconds in
    any window.
    """
    return max(now, booked - rate.spacing * rate.burst)


def hold(next_at: float, until: float, rate: Rate) -> float:
    """Return the bucket's new `next_at` under which no call is granted before `until`, burst or not."""
    return max(next_at, until + rate.spacing * (rate.burst - 1))


def backoff(attempts: int, jitter: float) -> float:
    """Return the seconds to wait after the `attempts`-th failure in a row; `jitter` lies in [0, 1).

    Full jitter over an exponential curve, never under a tenth of it, so that many failures spread out.
    """
    ceiling = min(FIRST_BACKOFF_SECONDS * 2.0 ** min(attempts, 30), LONGEST_BACKOFF_SECONDS)
    return ceiling * (0.1 + 0.9 * jitter)


def poll_delay(polls: int, jitter: float, *, webhooks: bool) -> float:
    """Return the seconds until Mux is asked again about an unfinished job.

    With webhooks polling only repairs losses: 30 s, growing by half up to 15 minutes. Without them it is
    the only source: 6 s, growing slowly up to a minute. Both vary by a fifth.
    """
    first, growth, longest = (30.0, 1.5, 900.0) if webhooks else (6.0, 1.2, 60.0)
    return min(first * growth ** min(polls, 60), longest) * (0.8 + 0.4 * jitter)
