"""What people wish of a job that is there, and what Mux says of it."""

from __future__ import annotations

from typing import Any

from bot.rules.jobs import Failure, Job, Report, Signal
from bot.rules.policy import Asker
from bot.services.steering import Wish

ANA = Asker(team_id="T1", user_id="U1", channel_id="C1")
TAKEN = Failure(code="validation_error", message="A text track of that language already exists", status=422)


def wish(job: Job, **changes: Any) -> Wish:
    values: dict[str, Any] = {"asker": ANA, "name": job.id, "key": "one", "mux_account": "default", **changes}
    return Wish(**values)


def by(user_id: str, channel_id: str = "C1", team_id: str = "T1") -> Asker:
    return Asker(team_id=team_id, user_id=user_id, channel_id=channel_id)


def report(signal: Signal, mux_id: str = "m1", **more: Any) -> Report:
    return Report(signal=signal, mux_id=mux_id, **more)
