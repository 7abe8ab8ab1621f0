"""A job that failed at Mux says why, what it cost, and what to do."""

from __future__ import annotations

import pytest

from bot.rules.jobs import Failure
from bot.ui.refusals import explain
from tests.ui.said_of_refusals import CHOICES


@pytest.mark.parametrize(
    "case",
    [
        (
            "validation_error",
            "The asset has no audio track",
            False,
            (
                "Mux cannot make captions of this video with these options. "
                "Mux's own words: “The asset has no audio track”."
            ),
            "A retry will fail in the same way. Change what Mux names, then run the command again.",
        ),
        (
            "validation_error",
            "language_code is odd",
            False,
            "Mux did not accept the language `en`. Mux's own words: “language_code is odd”.",
            "Give the language as a tag such as `en` or `pt-BR`, or leave it out to have it detected.",
        ),
        (
            "processing_error",
            "",
            False,
            "Mux failed while it worked on this video.",
            (
                "A retry will most likely fail in the same way. Check in the Mux dashboard that the video "
                "plays and has speech, then run the command again."
            ),
        ),
        (
            "processing_error",
            "A text track with this name already exists.",
            False,
            (
                "Mux made the captions but could not attach them: a track of that language or name is there. "
                "Mux's own words: “A text track with this name already exists”."
            ),
            CHOICES,
        ),
        (
            "timeout_error",
            "",
            True,
            "Mux ran out of time while it worked on this video.",
            "Mux says that a retry can help: run the same command again.",
        ),
        (
            "timeout_error",
            "",
            False,
            "Mux ran out of time while it worked on this video.",
            "A retry will most likely take too long again. Try a shorter version of the video.",
        ),
        (
            "weird",
            "",
            False,
            "Mux gave up on this video for a reason that this bot does not know (`weird`).",
            (
                "Mux does not say that a retry can help. Show this message to an administrator, who can ask "
                "Mux about the job by its ID."
            ),
        ),
    ],
    ids=lambda case: f"{case[0]} {case[1]} {case[2]}",
)
@pytest.mark.parametrize(
    ("units", "charged"), [(0, "Mux reports 0 units used."), (1_200, "Mux charged 1,200 units.")]
)
def test_a_job_that_failed_at_mux_says_why_and_what_it_cost(wanted, case, units, charged):
    code, mux, retryable, said, next_step = case

    why = explain(Failure(code=code, message=mux, retryable=retryable), wanted, units_consumed=units)

    assert (why.said, why.next_step, why.charged) == (said, next_step, charged)
