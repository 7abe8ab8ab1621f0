"""Mux's complaint is put on the very value that it is about."""

from __future__ import annotations

import pytest

from bot.rules.jobs import Failure
from bot.rules.request import Replace
from bot.ui.refusals import Explanation, explain
from tests.ui.said_of_refusals import FREE

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
        charged=FREE,
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
