"""What operators can count, in Prometheus' form; each process has one registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Heard = Callable[[int, float], None]
"""Hears how a request to a vendor went: the answer's HTTP status, 0 for none, and how long it took."""

_THROTTLED: Final = 429
_OUTCOMES: Final[Mapping[int, str]] = {2: "ok", 3: "redirected", 4: "refused", 5: "failed"}


class Metrics:
    """The counters of one process; those of a socket only with `socket`.

    What the store knows is written into the gauges when somebody asks, so it costs nothing before.
    """

    def __init__(self, *, socket: bool = False) -> None:
        self.registry = CollectorRegistry()
        self._count_doors()
        self._count_vendors()
        self._count_stored()
        self._watch_socket(registry=self.registry if socket else None)

    def _count_doors(self) -> None:
        self.acks = Counter(
            "caption_bot_slack_requests",
            "Requests from Slack, by kind and outcome.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self.webhooks = Counter(
            "caption_bot_mux_webhooks", "Webhooks from Mux, by outcome.", ["outcome"], registry=self.registry
        )
        self.ack_seconds = Histogram(
            "caption_bot_ack_seconds",
            "From the first byte of a request to its answer.",
            ["door"],
            registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0),
        )

    def _count_vendors(self) -> None:
        self.vendor_seconds = Histogram(
            "caption_bot_vendor_seconds",
            "How long Slack and Mux took to answer, by outcome.",
            ["vendor", "outcome"],
            registry=self.registry,
            buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
        )
        self.throttled = Counter(
            "caption_bot_vendor_throttled",
            "Answers with status 429, by vendor.",
            ["vendor"],
            registry=self.registry,
        )

    def _count_stored(self) -> None:
        self.jobs = Gauge("caption_bot_jobs", "Jobs, by state.", ["state"], registry=self.registry)
        self.units = Gauge(
            "caption_bot_units_consumed", "Units that the jobs consumed at Mux.", registry=self.registry
        )
        self.shares = Gauge(
            "caption_bot_files_shared",
            "Messages with files in Slack.",
            registry=self.registry,
        )
        self.effects = Gauge(
            "caption_bot_effects",
            "What is wanted at Slack and Mux and not done: open, or given up.",
            ["state"],
            registry=self.registry,
        )
        self.late_seconds = Gauge(
            "caption_bot_queue_age_seconds",
            "For how long the oldest open effect has been due.",
            registry=self.registry,
        )
        self.inbox = Gauge(
            "caption_bot_inbox", "Events from Mux that are not applied yet.", registry=self.registry
        )
        self.store_up = Gauge("caption_bot_store_up", "Whether the database answers.", registry=self.registry)

    def _watch_socket(self, registry: CollectorRegistry | None) -> None:
        self.socket_up = Gauge(
            "caption_bot_socket_up", "Whether the socket to Slack is connected.", registry=registry
        )
        self.socket_quiet_seconds = Gauge(
            "caption_bot_socket_quiet_seconds",
            "Time since Slack last answered a ping on its socket.",
            registry=registry,
        )

    def heard_from(self, vendor: str) -> Heard:
        """Return what hears how requests to `vendor` went."""
        for outcome in (*_OUTCOMES.values(), "throttled", "no_answer"):
            self.vendor_seconds.labels(vendor, outcome)
        throttled = self.throttled.labels(vendor)

        def hear(status: int, seconds: float) -> None:
            self.vendor_seconds.labels(vendor, outcome_of(status)).observe(seconds)
            if status == _THROTTLED:
                throttled.inc()

        return hear

    def page(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self.registry)


def outcome_of(status: int) -> str:
    """Return how a request went, by the status of its answer, 0 for none."""
    if status == _THROTTLED:
        return "throttled"
    return _OUTCOMES.get(status // 100, "no_answer")
