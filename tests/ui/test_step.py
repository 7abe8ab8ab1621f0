"""What a workflow is told: short outputs, and errors in plain words."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import BadCommand, UserError
from bot.rules.jobs import Failure, Job, Outcome, State
from bot.rules.request import CaptionRequest
from bot.ui import step

JOB = Job(
    id="x7k2m9pq4d",
    state=State.COMPLETED,
    request=CaptionRequest(asset_id="asset1"),
    team_id="T1",
    channel_id="C1",
    user_id="U1",
    created_at=0.0,
    updated_at=0.0,
)


def test_outputs_hold_what_there_is_and_leave_out_what_there_is_not():
    full = replace(JOB, outcome=Outcome(language_code="en", track_id="t1"), units_consumed=7)
    assert step.outputs(full, "https://slack.example/p1") == {
        "job_id": "x7k2m9pq4d",
        "captions_url": "https://slack.example/p1",
        "track_id": "t1",
        "language": "en",
        "units": 7,
    }
    assert step.outputs(JOB, "") == {"job_id": "x7k2m9pq4d", "units": 0}


def test_an_error_is_plain_text_without_markup():
    failed = replace(
        JOB,
        state=State.REFUSED,
        failure=Failure(code="forbidden", message="Captions & subtitles need `terms`.", status=403),
    )
    said = step.failed(failed)
    assert said
    assert not set("<>`") & set(said)
    assert "&amp;" not in said
    assert len(said) <= 500


def test_a_refusal_says_that_nothing_was_started_and_what_to_write():
    assert step.refused(UserError("No.")) == "No. Nothing was started."
    assert step.refused(BadCommand("No.", fix="write `x`")) == "No. Nothing was started. To mend it: write x."
