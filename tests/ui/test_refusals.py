from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.jobs import Failure, Job, State
from bot.rules.request import CaptionRequest, Replace
from bot.ui.blocks import context, message, section
from bot.ui.message import Message
from bot.ui.refusals import Explanation, explain

_FREE = "Nothing was charged: Mux refused before any work began."
_UNSURE = "Whether Mux charged anything is not known."
_LOOK = (
    "Look for the job in the Mux dashboard before you run the command again, so that it "
    "is not paid for twice."
)
_CHOICES = (
    "Choose one and run the command again: `--replace` deletes the old track first, `--name` gives "
    "the new track "
    "a name of its own when only the name is taken, `--no-upload` makes the files and leaves the "
    "asset as it is."
)
_DASHBOARD = "https://dashboard.mux.com/organizations/o1/environments/e1/robots/jobs"


@pytest.fixture
def wanted() -> CaptionRequest:
    return CaptionRequest(
        asset_id="As5et1d",
        language_code="en",
        track_name="English CC",
        phrases=("Vercel", "a" * 50, "one two"),
    )


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
            _FREE,
        ),
        (
            401,
            "insufficient_scope",
            "",
            "This bot's Mux access token may not start Robots jobs.",
            (
                "Ask an administrator to make a new Mux access token with the `robots:*` permission; "
                "it cannot "
                ""
                ""
                "be "
                "added to an existing token."
            ),
            _FREE,
        ),
        (
            403,
            "forbidden",
            f"Accept the terms at {_DASHBOARD}.",
            (
                "Mux does not allow Robots jobs in this environment yet; most often its terms are not "
                "accepted. "
                ""
                ""
                ""
                f"Mux's own words: “Accept the terms at {_DASHBOARD}”."
            ),
            (
                f"Ask an administrator to accept the Robots terms on <{_DASHBOARD}|the Robots page of "
                "the Mux "
                ""
                ""
                ""
                "dashboard>, then run the command again."
            ),
            _FREE,
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
            _FREE,
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
            _FREE,
        ),
        (
            403,
            "robots_workflow_not_available",
            "",
            "The Mux plan of this environment does not include premium captions.",
            "Ask an administrator to change the plan in the Mux dashboard.",
            _FREE,
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
            _FREE,
        ),
        (
            404,
            "not_found",
            "",
            "Mux has no premium captions at the address this bot uses.",
            "Ask an administrator to check `MUX_BASE_URL` and `MUX_ROBOTS_VERSION`.",
            _FREE,
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
                "environment "
                "as this bot."
            ),
            _FREE,
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
                "environment "
                "as this bot."
            ),
            _FREE,
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
                "again; "
                "a DRM playback ID is not enough."
            ),
            _FREE,
        ),
        (
            422,
            "unprocessable_entity",
            "A text track for en exists",
            (
                "The asset already has a text track of that language or name. "
                "Mux's own words: “A text track for en exists”."
            ),
            _CHOICES,
            _FREE,
        ),
        (
            400,
            "invalid_parameters",
            "A text track named 'x' exists already",
            (
                "The asset already has a text track of that language or name. "
                "Mux's own words: “A text track named 'x' exists already”."
            ),
            _CHOICES,
            _FREE,
        ),
        (
            429,
            "too_many_requests",
            "",
            "Mux is getting too many requests from this environment.",
            "Wait a minute, then run the command again.",
            _FREE,
        ),
        (500, "internal_error", "", "Mux had a fault of its own (HTTP 500).", _LOOK, _UNSURE),
        (
            503,
            "",
            "Try later.",
            "Mux had a fault of its own (HTTP 503). Mux's own words: “Try later”.",
            _LOOK,
            _UNSURE,
        ),
        (504, "", "", "Mux did not answer in time.", _LOOK, _UNSURE),
        (0, "timeout", "", "Mux did not answer in time.", _LOOK, _UNSURE),
        (
            418,
            "teapot",
            "",
            "Mux refused the job with an answer that this bot does not know (HTTP 418, `teapot`).",
            _LOOK,
            _UNSURE,
        ),
    ],
    ids=lambda case: f"{case[0]} {case[1]} {case[2]}",
)
def test_every_refusal_has_a_sentence_of_its_own(wanted, case):
    status, code, mux, said, next_step, charged = case

    why = explain(Failure(code=code, message=mux, status=status), wanted)

    assert (why.said, why.next_step, why.charged) == (said, next_step, charged)


_BANNED = "`&lt; &gt; { } [ ] \\`"
_FIX_PHRASE = (
    f"Shorten or remove that phrase: at most 49 characters and 5 words, and none of {_BANNED}. "
    "Then run the command again."
)


@pytest.mark.parametrize(
    ("mux", "parameter", "named", "next_step"),
    [
        (
            "phrases[1] must be a string of 1 to 49 characters",
            "phrases",
            f"the phrase `{'a' * 50}`, which has 50 characters and 1 word",
            _FIX_PHRASE,
        ),
        (
            "each phrase must be short",
            "phrases",
            f"the phrase `{'a' * 50}`, which has 50 characters and 1 word",
            _FIX_PHRASE,
        ),
        (
            "the phrase 'one two' is odd",
            "phrases",
            "the phrase `one two`, which has 7 characters and 2 words",
            _FIX_PHRASE,
        ),
        (
            "phrases[0] is odd",
            "phrases",
            "the phrase `Vercel`, which has 6 characters and 1 word",
            _FIX_PHRASE,
        ),
        (
            "track_name must be unique",
            "track_name",
            "the track name `English CC`",
            "Choose another name with `--name`, then run the command again.",
        ),
        (
            "parameters.language_code: not a BCP 47 tag",
            "language_code",
            "the language `en`",
            "Give the language as a tag such as `en` or `pt-BR`, or leave it out to have it detected.",
        ),
        (
            "asset_id is required",
            "asset_id",
            "the asset ID `As5et1d`",
            "Copy the asset ID from the Mux dashboard, then run the command again.",
        ),
        (
            "replace_existing_tracks must be one of fail",
            "replace",
            "the choice about existing tracks `fail`",
            "Run the command again without `--replace`.",
        ),
        (
            "include_words must be a boolean",
            "include_words",
            "the choice about word timings `false`",
            "Run the command again with that option changed.",
        ),
        (
            "no idea",
            None,
            "one of the options",
            "Compare the options with `/caption help`, then run the command again.",
        ),
    ],
)
def test_muxs_complaint_is_put_on_the_very_value(wanted, mux, parameter, named, next_step):
    why = explain(Failure(code="invalid_parameters", message=mux, status=400), wanted)

    assert why == Explanation(
        parameter=parameter,
        said=f"Mux did not accept {named}. Mux's own words: “{mux}”.",
        next_step=next_step,
        charged=_FREE,
    )


def test_a_complaint_about_all_phrases_counts_them(wanted):
    many = wanted.changed(phrases=("fine",) * 101)

    why = explain(
        Failure(code="invalid_parameters", message="phrases[900] is one too many", status=400), many
    )

    assert why.said.startswith("Mux did not accept the list of phrases, which has 101 phrases.")


def test_a_value_that_was_never_given_is_not_invented(wanted):
    bare = wanted.changed(language_code=None)

    why = explain(Failure(code="invalid_parameters", message="language_code is odd", status=422), bare)

    assert why.said.startswith("Mux did not accept the language. ")


def test_options_that_exclude_each_other_are_named_together(wanted):
    files = wanted.changed(upload_to_mux=False, replace=Replace.ALL)
    mux = "replace_existing must be false when upload_to_mux is false"

    why = explain(Failure(code="invalid_parameters", message=mux, status=400), files)

    assert why.parameter == "replace"
    assert why.next_step == "Use `--replace` or `--no-upload`, not both, then run the command again."


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
                "A retry will most likely fail in the same way. Check in the Mux dashboard that the "
                "video plays "
                ""
                ""
                "and "
                "has speech, then run the command again."
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
            _CHOICES,
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
                "Mux does not say that a retry can help. Show this message to an administrator, who "
                "can ask Mux "
                ""
                ""
                ""
                "about the job by its ID."
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


@settings(deadline=None)
@given(data=st.data())
def test_no_explanation_says_what_we_did_not(
    data, draw_jobs: Callable[..., st.SearchStrategy[Job]], takes: Callable[[Message], None]
):
    job = data.draw(draw_jobs(State.ERRORED))
    why = explain(job.failure or Failure(code="", message="", status=400), job.request)

    takes(message(why.said, [section(why.said), section(why.next_step), context(why.charged)]))
