"""What operators can count, in Prometheus' form; each process has one registry of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """The counters of one process; those of a socket only with `socket`."""

    def __init__(self, *, socket: bool = False) -> None:
        self.registry = CollectorRegistry()
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
        self.socket_up = Gauge(
            "caption_bot_socket_up", "Whether the socket to Slack is connected.", registry=None
        )
        self.socket_quiet_seconds = Gauge(
            "caption_bot_socket_quiet_seconds",
            "Time since Slack last answered a ping on its socket.",
            registry=None,
        )
        if socket:
            self.registry.register(self.socket_up)
            self.registry.register(self.socket_quiet_seconds)

    def page(self) -> bytes:
        """Return the text that Prometheus scrapes."""
        return generate_latest(self.registry)
