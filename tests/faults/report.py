"""The table at the end of a run."""

from __future__ import annotations

import sys
from collections import Counter

from tests.faults.bot_process import BOUNDARIES
from tests.faults.chaos import AT_RANDOM, ChaosPlan, Outcome
from tests.faults.judge import Verdict
from tests.faults.moving import Move

_PLACES = ("webhook", "slack", "mux")
_REMARKS = 12


def say(*lines: str) -> None:
    """Print lines at once."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def tell(title: str, plan: ChaosPlan, outcome: Outcome, verdict: Verdict) -> None:
    """Print what happened in a run and what came of it."""
    asked = len(outcome.evidence.asked)
    acked = sum(one.acked for one in outcome.evidence.asked)
    say("", title, "=" * len(title))
    say(
        f"commands {asked}, answered {acked}, jobs {verdict.jobs + verdict.unpaid} "
        f"({verdict.unpaid} of them cancelled before they were paid), processes {plan.replicas}"
    )
    for move in outcome.moves:
        _tell_move(move, plan.jobs)
    say("", f"{'faults':<18}" + "".join(f"{place:>9}" for place in _PLACES) + f"{'all':>9}")
    kinds = sorted({kind for kind, _ in outcome.thrown})
    for kind in kinds:
        counts = [outcome.thrown[kind, place] for place in _PLACES]
        say(f"{kind:<18}" + "".join(f"{count:>9}" for count in counts) + f"{sum(counts):>9}")
    say(f"{'all kinds':<18}{outcome.thrown.total():>36}", f"{'replayed at end':<18}{outcome.replayed:>36}")
    say("", f"{'kill -9':<24}{'times':>6}")
    for boundary in (*BOUNDARIES, AT_RANDOM):
        say(f"{boundary:<24}{outcome.kills[boundary]:>6}")
    say(f"{'all':<24}{outcome.kills.total():>6}", f"{'orderly stops':<24}{outcome.stops:>6}")
    say("", f"{'':<14}{'doubled':>9}{'lost':>9}{'healed':>9}")
    for what in _rows(verdict):
        say(f"{what:<14}{verdict.doubles[what]:>9}{verdict.losses[what]:>9}{verdict.healed[what]:>9}")
    say("", f"at rest {outcome.rest_seconds:.1f} s after the last fault, {outcome.wall_seconds:.0f} s in all")
    if outcome.unrest:
        say(f"NOT AT REST: {outcome.unrest}")
    for remark in verdict.remarks[:_REMARKS]:
        say(f"  {remark}")
    if len(verdict.remarks) > _REMARKS:
        say(f"  ... and {len(verdict.remarks) - _REMARKS} more")


def _tell_move(move: Move, jobs: int) -> None:
    say(
        f"moved after {move.kills} kills, {move.jobs_asked} of {jobs} jobs asked, "
        f"{move.jobs_answered} answered: "
        f"{move.unfinished.jobs} jobs unfinished, {move.unfinished.effects} effects open, "
        f"{move.unfinished.in_flight} in flight",
        f"{move.moved.rows} rows in {move.moved.seconds:.1f} s; counts equal in the file, as printed, and at "
        "the server",
    )


def _rows(verdict: Verdict) -> list[str]:
    always = ["paid jobs", "cards", "results", "ends", "final cards", "places", "files"]
    seen: Counter[str] = verdict.doubles + verdict.losses + verdict.healed
    return [*always, *sorted(set(seen) - set(always))]
