"""The table: medians over the rounds, and ratios within the run."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.load import median

BASE: Final = "bolt-python-pbr"

_RATIOS: Final = (
    ("bot", BASE),
    ("bot", "bolt-python"),
    ("bot", "bolt-js"),
    ("bot-million", "bot"),
    ("bot-postgres", "bot"),
)

ROWS: Final = (
    ("command_p50_ms", "/caption acked, 50/s: p50 ms"),
    ("command_p95_ms", "p95 ms"),
    ("command_p99_ms", "p99 ms"),
    ("command_cpu_us", "CPU us each"),
    ("full_per_s", "/caption at saturation: per second"),
    ("full_cpu_us", "CPU us each"),
    ("worked_p50_ms", "/caption with all its work, 5/s: p50 ms"),
    ("worked_cpu_us", "CPU us each, all work done"),
    ("form_p50_ms", "form acked, 50/s: p50 ms"),
    ("form_cpu_us", "CPU us each"),
    ("press_p50_ms", "button acked, 50/s: p50 ms"),
    ("press_cpu_us", "CPU us each"),
    ("webhook_p50_ms", "webhook acked, 50/s: p50 ms"),
    ("webhook_p99_ms", "p99 ms"),
    ("webhook_cpu_us", "CPU us each, until posted"),
    ("post_p50_ms", "webhook to Slack post, 50/s: p50 ms"),
    ("post_p99_ms", "p99 ms"),
    ("burst_ack_p99_ms", "300 webhooks at once: ack p99 ms"),
    ("burst_last_post_ms", "last post ms"),
    ("mixed_p50_ms", "/caption during such a burst: p50 ms"),
    ("mixed_p99_ms", "p99 ms"),
    ("mixed_max_ms", "max ms"),
    ("store_request_ms", "store alone: a request, ms"),
    ("store_claim_ms", "claim of the next effect, ms"),
    ("store_close_ms", "closing it, ms"),
    ("disk_p50_ms", "the disk alone, 80 kB written and synced 50 times a second: p50 ms"),
    ("disk_p99_ms", "p99 ms"),
    ("start_s", "cold start to ready, s"),
    ("start_cpu_s", "CPU of a start, s"),
    ("idle_mb", "resident idle, MB"),
    ("busy_mb", "resident after load, MB"),
    ("refused", "requests refused"),
    ("lost", "results lost"),
    ("said_twice", "said twice"),
)

Rounds = Mapping[str, Sequence[Mapping[str, float]]]


def medians(rounds: Rounds) -> dict[str, dict[str, float]]:
    """Return the median of each figure of each server."""
    return {
        name: {
            figure: median([one[figure] for one in lives if figure in one])
            for figure in {figure for one in lives for figure in one}
        }
        for name, lives in rounds.items()
    }


def table(rounds: Rounds) -> str:
    """Return the medians as a Markdown table, and behind them the ratios that tell something."""
    found = medians(rounds)
    names = list(found)
    ratios = [(ours, theirs) for ours, theirs in _RATIOS if ours in found and theirs in found]
    head = ["", *names, *(f"{ours} / {theirs}" for ours, theirs in ratios)]
    lines = [" | ".join(head), " | ".join(["---"] * len(head))]
    for figure, label in ROWS:
        if any(figure in found[name] for name in names):
            cells = [_number(found[name].get(figure)) for name in names]
            cells += [_ratio(found[ours].get(figure), found[theirs].get(figure)) for ours, theirs in ratios]
            lines.append(" | ".join([label, *cells]))
    return "\n".join(f"| {line} |" for line in lines)


def say(line: str) -> None:
    """Say how the run goes."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _number(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.0f}" if value >= 100 or value == 0 else f"{value:.3g}"


def _ratio(ours: float | None, theirs: float | None) -> str:
    if not ours or not theirs:
        return ""
    return f"{ours / theirs:.2f}"
