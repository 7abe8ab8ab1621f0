"""A job that Mux completed, as the doors find it in the store."""

from __future__ import annotations

from typing import Any

from bot.rules.jobs import Outcome, Report, Signal
from bot.rules.request import CaptionRequest
from bot.services import captions, progress
from bot.services.captions import Ask
from bot.store import jobs
from bot.store.tx import Tx


def completed(tx: Tx, request: CaptionRequest, *, request_key: str, track_id: str) -> jobs.StoredJob:
    """Ask for a job and bring it to its end; return it as it was before that."""
    values: dict[str, Any] = {"team_id": "T1", "channel_id": "C1", "user_id": "U1", "mux_account": "default"}
    job = captions.request(tx, Ask(request=request, request_key=request_key, **values)).job
    stored = jobs.by_public_id(tx, job.id)
    assert stored is not None
    report = Report(signal=Signal.COMPLETED, mux_id="m1", outcome=Outcome(track_id=track_id))
    progress.apply(tx, stored.row_id, report)
    return stored
