"""A job that ended well."""

from __future__ import annotations

import pytest

from bot.rules.jobs import Job, Outcome, State


@pytest.fixture
def done(job: Job) -> Job:
    return job.changed(
        state=State.COMPLETED,
        finished_at=job.created_at + 125,
        units_consumed=3_000,
        outcome=Outcome(
            language_code="en",
            track_id="tr1",
            language_confidence=1.0,
            srt_url="https://f.example/a.srt?x=1&y=2",
        ),
    )
