"""What is shown of captions that are fixed: what was done, what not, and what that changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules import preflight
from bot.rules.differing import Against, Difference
from bot.rules.jobs import Failure, Job, State
from bot.ui import mend_answers, mend_buttons, mended
from bot.ui.card import card
from bot.ui.result import result
from tests.ui.mending.mended_jobs import CHANGES, DIFFERENCE, EDIT, actions, shown


def test_a_fix_tells_what_it_did_and_offers_its_words(fixed: Job, takes) -> None:
    message = result(fixed)
    takes(message)
    assert (
        "The words in the captions for Launch keynote are fixed. 1,234 places were changed." in message.text
    )
    assert "Words: `mucks` → `Mux` and `um` → nothing" in message.text
    assert "speakers: `[speaker_0]` → `[Ana]`" in message.text
    assert actions(message) == ["job_files", "fix_words", "fix_restore", "fix_phrases"]
    values = [
        each["value"] for block in message.blocks if block["type"] == "actions" for each in block["elements"]
    ]
    assert values == ["job_42", "job_7", "job_42", "job_42"]
    assert "in the track `t1`" in card(fixed).text


@pytest.mark.parametrize(
    ("count", "saying"),
    [(None, "did not say how many"), (0, "Nothing was found to change"), (1, "1 place was changed")],
)
def test_the_number_of_places_is_told_as_mux_gives_it(fixed: Job, count, saying) -> None:
    outcome = replace(fixed.outcome, replacements=count)
    assert saying in result(fixed.changed(outcome=outcome)).text


def test_a_fix_that_only_takes_words_out_offers_no_phrases(fixed: Job) -> None:
    edit = replace(EDIT, words=EDIT.words[1:], speakers=())
    assert "fix_phrases" not in actions(result(fixed.changed(edit=edit)))


def test_facts_of_a_job_that_is_no_fix_are_none(done: Job) -> None:
    assert mended.facts(done, done.outcome) == ()


def test_a_fix_under_way_says_what_it_does(fixed: Job) -> None:
    assert "Mux is fixing the words" in card(fixed.changed(state=State.PROCESSING, outcome=None)).text


def test_the_captions_that_were_fixed_name_the_fix(done: Job) -> None:
    followed = done.changed(next_job="job_9", next_by="U0BEN")
    assert "Words fixed by <@U0BEN> as job `job_9`." in result(followed).text


@pytest.mark.parametrize(
    ("failure", "saying"),
    [
        (Failure(code="not_found", message="No such workflow", status=404), "does not offer to fix words"),
        (
            Failure(code="robots_workflow_not_available", message="", status=403),
            "does not offer to fix words",
        ),
        (Failure(code="unprocessable_entity", message="Track gone", status=422), "did not accept this fix"),
        (Failure(code=preflight.TRACK_GONE, message="t1"), "is not on the video any more"),
        (Failure(code=preflight.TRACK_ERRORED, message="bad"), "could not prepare the track"),
        (Failure(code="unauthorized", message="", status=401), "access token"),
    ],
)
def test_a_fix_that_was_not_done_says_why(fixed: Job, failure, saying, takes) -> None:
    message = result(fixed.changed(state=State.REFUSED, outcome=None, failure=failure))
    takes(message)
    assert "The words in the captions for Launch keynote were not fixed." in message.text
    assert saying in message.text
    assert "job_again" not in actions(message)


def test_a_fix_that_failed_at_mux_says_so(fixed: Job) -> None:
    failed = fixed.changed(state=State.ERRORED, failure=Failure(code="x", message="y"))
    assert "were not fixed" in result(failed).text


def test_the_difference_is_told_in_words_and_examples(done: Job, takes) -> None:
    message = result(done.changed(changes=DIFFERENCE))
    takes(message)
    assert "Compared with the track “English” that was replaced" in message.text
    assert "Words: 3 changed, 1 added, 0 removed (of 1,064)." in message.text
    assert "Captions: 7 before, 8 now." in message.text
    assert "Findings in the quality report: 4 before, 2 now." in message.text
    assert "“mucks” → “Mux” (1:01); “um” → nothing (0:00)" in shown(message)
    assert "`[speaker_0]` → `[Ana]`; no name → `[Ben]`" in shown(message)


def test_the_same_words_are_told_as_the_same(done: Job) -> None:
    same = replace(CHANGES, changed=0, added=0, cues_after=7, names=(), examples=())
    found = Difference(against=Against.EDITED, name="job_7", changes=same)
    message = result(done.changed(changes=found))
    assert "Compared with the captions before the fix" in message.text
    assert "The words are the same. Captions: 7 as before." in message.text
    earlier = result(done.changed(changes=replace(found, against=Against.EARLIER)))
    assert "Compared with the captions of job job_7" in earlier.text
    assert mended.difference(done) == []


def test_phrases_that_were_added_known_or_left_out_are_named(takes) -> None:
    message = mend_answers.phrases(("Mux",), ("Ana",), ("Zed",))
    takes(message)
    assert "Added to this channel's phrases: `Mux`. There already: `Ana`." in message.text
    assert "100 phrases at most: `Zed`." in message.text
    nothing = mend_answers.phrases((), (), ())
    assert nothing.text == "Nothing was added to this channel's phrases."
    takes(mend_answers.nothing_to_add())


def test_the_buttons_have_ids_of_their_own() -> None:
    ids = {mend_buttons.FIX, mend_buttons.RESTORE, mend_buttons.PHRASES, mend_buttons.UNSAVED}
    assert len(ids) == 4
