"""What the bot is to reach, as figures of one run: ratios to a peer, or limits that hold by themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.bench.report import BASE

Medians = Mapping[str, Mapping[str, float]]

DEFAULT: Final = "bolt-python"
SCRIPT: Final = "bolt-js"
_BURST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One goal: `measured` gives the figure of a run, which is to be at most (or at least) `limit`."""

    what: str
    limit: float
    measured: Callable[[Medians], float]
    at_least: bool = False
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        """Say whether a figure meets it, within what the table shows of it."""
        shown = round(figure, 2)
        return shown >= self.limit if self.at_least else shown <= self.limit


def _of(server: str, figure: str, *, times: float = 1.0) -> Callable[[Medians], float]:
    return lambda medians: medians.get(server, {}).get(figure, math.nan) * times


def _ratio(figure: str, theirs: str, ours: str = "bot", *, to: str = "") -> Callable[[Medians], float]:
    def ratio(medians: Medians) -> float:
        below = medians.get(theirs, {}).get(to or figure, math.nan)
        return medians.get(ours, {}).get(figure, math.nan) / below if below else math.nan

    return ratio


def _posts(medians: Medians) -> float:
    ours, theirs = (medians.get(name, {}).get("burst_last_post_ms", math.nan) for name in ("bot", SCRIPT))
    return theirs / ours if ours else math.nan


GOALS: Final = (
    Goal(what="`/caption`, median / base", limit=2.0, measured=_ratio("command_p50_ms", BASE)),
    Goal(
        what="`/caption`, median / Bolt as documented", limit=0.25, measured=_ratio("command_p50_ms", DEFAULT)
    ),
    Goal(what="`/caption`, CPU at saturation / base", limit=2.0, measured=_ratio("full_cpu_us", BASE)),
    Goal(
        what="`/caption` a second at saturation / base",
        limit=0.5,
        measured=_ratio("full_per_s", BASE),
        at_least=True,
    ),
    Goal(
        what="`/caption` a second at saturation / Bolt as documented",
        limit=1.0,
        measured=_ratio("full_per_s", DEFAULT),
        at_least=True,
    ),
    Goal(what="form, median / base", limit=2.0, measured=_ratio("form_p50_ms", BASE)),
    Goal(
        what="webhook ack, median / Bolt for JavaScript", limit=1.2, measured=_ratio("webhook_p50_ms", SCRIPT)
    ),
    Goal(
        what="webhook to post, median / Bolt for JavaScript",
        limit=1.2,
        measured=_ratio("post_p50_ms", SCRIPT),
    ),
    Goal(
        what=f"posts a second after a burst of {_BURST} / Bolt for JavaScript",
        limit=0.66,
        measured=_posts,
        at_least=True,
    ),
    Goal(
        what=f"burst of {_BURST} webhooks, ack p99",
        limit=150,
        measured=_of("bot", "burst_ack_p99_ms"),
        unit="ms",
    ),
    Goal(
        what="`/caption` during such a burst, p99 / its own p99 alone",
        limit=4.0,
        measured=lambda medians: _of("bot", "mixed_p99_ms")(medians) / _of("bot", "command_p99_ms")(medians),
    ),
    Goal(what="results lost", limit=0, measured=_of("bot", "lost")),
    Goal(what="results said twice", limit=0, measured=_of("bot", "said_twice")),
    Goal(what="cold start to ready", limit=1.0, measured=_of("bot", "start_s"), unit="s"),
    Goal(what="resident, idle", limit=90, measured=_of("bot", "idle_mb"), unit="MB"),
    Goal(what="resident, after load", limit=130, measured=_of("bot", "busy_mb"), unit="MB"),
    *(
        Goal(
            what=f"{name}, a million jobs / a thousand",
            limit=1.2,
            measured=_ratio(figure, "bot", "bot-million"),
        )
        for figure, name in (
            ("command_p50_ms", "`/caption`, median"),
            ("form_p50_ms", "form, median"),
            ("press_p50_ms", "button, median"),
            ("webhook_p50_ms", "webhook ack, median"),
            ("post_p50_ms", "webhook to post, median"),
            ("store_request_ms", "store: a request"),
            ("store_claim_ms", "store: claim of the next effect"),
            ("store_close_ms", "store: closing it"),
        )
    ),
)


def table(runs: Sequence[Medians], installed_mb: float) -> str:
    """Return the goals and what became of them as a Markdown table; what was not measured is left out.

    Each goal is judged by the first run that can tell.
    """
    size = Goal(what="installed, without Python", limit=100, measured=lambda _: installed_mb, unit="MB")
    lines = ["| what | goal | measured | |", "|---|---|---|---|"]
    for goal in (*GOALS, size):
        figures = [figure for run in runs if not math.isnan(figure := goal.measured(run))]
        lines.extend(_line(goal, figure) for figure in figures[:1])
    return "\n".join(lines)


def _line(goal: Goal, figure: float) -> str:
    bound = "at least" if goal.at_least else "at most"
    unit = f" {goal.unit}" if goal.unit else ""
    shown = f"{figure:.0f}" if figure >= 10 or figure == 0 else f"{figure:.2f}"
    met = "met" if goal.is_met(figure) else "**missed**"
    return f"| {goal.what} | {bound} {goal.limit:g}{unit} | {shown}{unit} | {met} |"
