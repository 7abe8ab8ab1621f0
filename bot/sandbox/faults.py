"""Faults that the stand-ins throw on demand."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase


class FaultKind(StrEnum):
    """What goes wrong with one call or one webhook."""

    RATE_LIMITED = "rate_limited"
    """429 with Retry-After `seconds`, without effect."""
    ERROR_BEFORE = "error_before"
    """5xx (`status`), without effect."""
    ERROR_AFTER = "error_after"
    """5xx (`status`) although the effect took place."""
    TIMEOUT_BEFORE = "timeout_before"
    """No answer for `seconds`, then the connection closes; no effect."""
    TIMEOUT_AFTER = "timeout_after"
    """The effect takes place, the answer never comes."""
    DROP_BEFORE = "drop_before"
    """The connection is closed without an answer; no effect."""
    DROP_AFTER = "drop_after"
    """The effect takes place, then the connection is closed without an answer."""
    LATE = "late"
    """The connection is closed, and the effect takes place `seconds` later."""
    REFUSE = "refuse"
    """A definite no with the vendor's `code` (and `status`, for Mux)."""
    LOSE = "lose"
    """Webhooks: this delivery never happens, nor its retries; envelopes. Shares: the file is not shared."""
    DUPLICATE = "duplicate"
    """Webhooks and envelopes: delivered again although it was answered."""
    DELAY = "delay"
    """Webhooks, envelopes, answers and shares: `seconds` late, so that later ones overtake."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """A standing order: for calls whose name matches, throw `kind` with `probability`, `times` times.

    `target` is a glob over names such as `slack:chat.postMessage`, `mux:create`, `mux:list`,
    `mux:get`, `mux:cancel`, `webhook:robots.job.*`, `share:C0DEMO` (an uploaded file that Slack took and
    now shares), `socket:slash_commands`, `socket:events_api`. `times` of None means without end.
    """

    kind: FaultKind
    target: str
    probability: float = 1.0
    times: int | None = 1
    seconds: float = 1.0
    status: int = 500
    code: str = ""


@dataclass(slots=True)
class Faults:
    """The standing orders, asked once for each call; seeded, so that a run can be repeated."""

    seed: int = 0
    orders: list[Fault] = field(default_factory=list)
    thrown: Counter[str] = field(default_factory=Counter)
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - faults are to be repeatable, not secret

    def add(self, fault: Fault) -> None:
        """Give an order; earlier orders are asked first."""
        self.orders.append(fault)

    def clear(self) -> None:
        """Withdraw every order; the counts stay."""
        self.orders.clear()

    def draw(self, name: str) -> Fault | None:
        """Return the fault for this call, if one is due, and use up one of its times."""
        for order in self.orders:
            if order.times == 0 or not fnmatchcase(name, order.target):
                continue
            if self._random.random() >= order.probability:
                continue
            if order.times is not None:
                order.times -= 1
            self.thrown[order.kind.value] += 1
            return order
        return None
