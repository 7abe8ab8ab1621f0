"""Every way in which Mux refuses a job has a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.jobs import Failure, Job, State
from bot.rules.request import Replace
from bot.ui.blocks import context, message, section
from bot.ui.message import Message
from bot.ui.refusals import explain
from tests.ui.said_of_refusals import CHOICES, FREE, LOOK, UNSURE

_DASHBOARD = "https://dashboard.mux.com/organizations/o1/environments/e1/robots/jobs"


@pytest.mark.parametrize(
    "case",
    [
        (
            401,
            "unauthorized",
            "",
            "Mux did not accept this bot's access token.",
            (
                "Ask an administrator to check `MUX_TOKEN_ID` and `MUX_TOKEN_SECRET`, then run the command "
                "again."
            ),
            FREE,
        ),
        (
            401,
            "insufficient_scope",
            "",
            "This bot's Mux access token may not start Robots jobs.",
            (
                "Ask an administrator to make a new Mux access token with the `robots:*` permission; it "
                "cannot be added to an existing token."
            ),
            FREE,
        ),
        (
            403,
            "forbidden",
            f"Accept the terms at {_DASHBOARD}.",
            (
                "Mux does not allow Robots jobs in this environment yet; most often its terms are not "
                f"accepted. Mux's own words: “Accept the terms at {_DASHBOARD}”."
            ),
            (
                f"Ask an administrator to accept the Robots terms on <{_DASHBOARD}|the Robots page of the "
                "Mux dashboard>, then run the command again."
            ),
            FREE,
        ),
        (
            403,
            "forbidden",
            "",
            "Mux does not allow Robots jobs in this environment yet; most often its terms are not accepted.",
            (
                "Ask an administrator to accept the Robots terms on the Mux dashboard, then run the command "
                "again."
            ),
            FREE,
        ),
        (
            403,
            "robots_units_limit_exceeded",
            "",
            "This job needs more units than the Mux plan has left.",
            (
                "A shorter video may still fit; otherwise wait until the allowance is renewed, or ask an "
                "administrator to change the plan."
            ),
            FREE,
        ),
        (
            403,
            "robots_workflow_not_available",
            "",
            "The Mux plan of this environment does not include premium captions.",
            "Ask an administrator to change the plan in the Mux dashboard.",
            FREE,
        ),
        (
            403,
            "<odd>",
            "",
            "Mux does not allow this job (`&lt;odd&gt;`).",
            (
                "Ask an administrator to check the plan, the terms and the token's permissions in the Mux "
                "dashboard."
            ),
            FREE,
        ),
        (
            404,
            "not_found",
            "",
            "Mux has no premium captions at the address this bot uses.",
            "Ask an administrator to check `MUX_BASE_URL` and `MUX_ROBOTS_VERSION`.",
            FREE,
        ),
        (
            404,
            "not_found",
            "The requested asset does not exist",
            (
                "Mux has no asset `As5et1d` in this bot's environment. "
                "Mux's own words: “The requested asset does not exist”."
            ),
            (
                "Copy the asset ID from the Mux dashboard, and check that the asset is in the same Mux "
                "environment as this bot."
            ),
            FREE,
        ),
        (
            409,
            "conflict",
            "",
            "The same job is already running at Mux.",
            "Wait until it has finished. For different captions, change the language or an option.",
            "Nothing was charged for asking again.",
        ),
        (
            422,
            "unprocessable_entity",
            "Asset not found",
            "Mux has no asset `As5et1d` in this bot's environment. Mux's own words: “Asset not found”.",
            (
                "Copy the asset ID from the Mux dashboard, and check that the asset is in the same Mux "
                "environment as this bot."
            ),
            FREE,
        ),
        (
            422,
            "unprocessable_entity",
            "Asset needs a public or signed playback ID",
            (
                "The asset `As5et1d` has no public or signed playback ID, which Mux needs to read its sound. "
                "Mux's own words: “Asset needs a public or signed playback ID”."
            ),
            (
                "Add a public or signed playback ID to the asset in the Mux dashboard, then run the command "
                "again; a DRM playback ID is not enough."
            ),
            FREE,
        ),
        (
            422,
            "unprocessable_entity",
            "A text track for en exists",
            (
                "The asset already has a text track of that language or name. "
                "Mux's own words: “A text track for en exists”."
            ),
            CHOICES,
            FREE,
        ),
        (
            400,
            "invalid_parameters",
            "A text track named 'x' exists already",
            (
                "The asset already has a text track of that language or name. "
                "Mux's own words: “A text track named 'x' exists already”."
            ),
            CHOICES,
            FREE,
        ),
        (
            429,
            "too_many_requests",
            "",
            "Mux is getting too many requests from this environment.",
            "Wait a minute, then run the command again.",
            FREE,
        ),
        (500, "internal_error", "", "Mux had a fault of its own (HTTP 500).", LOOK, UNSURE),
        (
            503,
            "",
            "Try later.",
            "Mux had a fault of its own (HTTP 503). Mux's own words: “Try later”.",
            LOOK,
            UNSURE,
        ),
        (504, "", "", "Mux did not answer in time.", LOOK, UNSURE),
        (0, "timeout", "", "Mux did not answer in time.", LOOK, UNSURE),
        (
            418,
            "teapot",
            "",
            "Mux refused the job with an answer that this bot does not know (HTTP 418, `teapot`).",
            LOOK,
            UNSURE,
        ),
    ],
    ids=lambda case: f"{case[0]} {case[1]} {case[2]}",
)
def test_every_refusal_has_a_sentence_of_its_own(wanted, case):
    status, code, mux, said, next_step, charged = case

    why = explain(Failure(code=code, message=mux, status=status), wanted)

    assert (why.said, why.next_step, why.charged) == (said, next_step, charged)


def test_a_premium_track_is_not_replaced_as_a_generated_one(wanted):
    careful = wanted.changed(replace=Replace.GENERATED)

    why = explain(Failure(code="x", message="An uploaded text track exists", status=422), careful)

    assert why.next_step.startswith("An uploaded track is in the way, and earlier premium captions count as")


def test_a_cheaper_job_is_offered_when_the_units_do_not_suffice(wanted):
    failure = Failure(code="robots_units_limit_exceeded", message="", status=403)

    why = explain(failure, wanted.changed(include_words=True))

    assert why.next_step.startswith(
        "The same job without word timings costs less and may fit. A shorter video"
    )


@settings(deadline=None)
@given(data=st.data())
def test_no_explanation_says_what_we_did_not(
    data, draw_jobs: Callable[..., st.SearchStrategy[Job]], takes: Callable[[Message], None]
):
    job = data.draw(draw_jobs(State.ERRORED))
    why = explain(job.failure or Failure(code="", message="", status=400), job.request)

    takes(message(why.said, [section(why.said), section(why.next_step), context(why.charged)]))
