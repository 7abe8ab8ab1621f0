"""The form that fixes words: what makes an edit, and what is told at its field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import fixing, preflight
from bot.rules.cues import Captions, Cue
from bot.rules.edits import CaptionEdit, EditOutcome, EditReport, SpeakerEdit, WordEdit
from bot.rules.fixing import FixForm, Row, Speaker, check
from bot.rules.form import FormErrors
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, Signal, State
from bot.rules.request import CaptionRequest
from bot.rules.restoring import Restore
from bot.rules.video import TextTrack, Video

TEXTS = (
    "[speaker_0] Welcome to\nmucks in Berlin",
    "[speaker_1] Thank you, mucks.",
    "[music]",
    "[speaker_0] Bye",
)
CAPTIONS = Captions(
    cues=tuple(
        Cue(index=at + 1, start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, text in enumerate(TEXTS)
    )
)
EDIT = CaptionEdit(asset_id="a1", track_id="t1", words=(WordEdit(find="mucks", replace="Mux"),))


def form(*rows: tuple[str, str], names: tuple[str, ...] = (), match_case: bool = False) -> FixForm:
    speakers = tuple(Speaker(label=f"speaker_{at}", says="Hi", name=name) for at, name in enumerate(names))
    return FixForm(
        job_id="job1",
        track_id="t1",
        rows=tuple(Row(find=find, replace=new) for find, new in rows),
        match_case=match_case,
        speakers=speakers,
    )


def errors(made: FixForm, captions: Captions | None = None) -> dict[str, str]:
    found = check(made, captions, asset_id="a1")
    assert isinstance(found, FormErrors), found
    return dict(found.sentences)


def test_rows_and_names_make_an_edit_and_what_is_empty_is_left_out() -> None:
    made = form(("mucks ", " Mux"), ("", ""), ("Berlin", ""), names=("Ana", "", "speaker_2"))
    assert check(made, CAPTIONS, asset_id="a1") == CaptionEdit(
        asset_id="a1",
        track_id="t1",
        words=(WordEdit(find="mucks", replace="Mux"), WordEdit(find="Berlin", replace="")),
        speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
    )


def test_the_switch_for_case_is_for_every_row() -> None:
    edit = check(form(("it", "It"), ("IT", "I.T."), match_case=True), None, asset_id="a1")
    assert isinstance(edit, CaptionEdit)
    assert all(word.case_sensitive for word in edit.words)


@pytest.mark.parametrize(
    ("made", "field", "saying"),
    [
        (form(("", "")), "find_0", "Nothing is to be changed yet"),
        (form(("", "x")), "find_0", "is missing"),
        (form(("mucks", "mucks")), "replace_0", "same text"),
        (form(("x" * 201, "y")), "find_0", "at most 200"),
        (form(("y", "x" * 201)), "replace_0", "at most 200"),
        (form(("a", "b"), ("A", "c")), "find_1", "Row 1 looks for these"),
        (form(("a", "b"), ("b", "c")), "find_1", "Another row puts these very words in"),
        (form(names=("[Ana]",)), "name_0", "brackets"),
        (form(names=("x" * 81,)), "name_0", "at most 80"),
        (form(names=("speaker_1", "Ben")), "name_0", "Rename one first"),
    ],
)
def test_what_mux_would_refuse_or_guess_at_is_told_at_its_field(made, field, saying) -> None:
    assert saying in errors(made)[field]


def test_words_that_are_nowhere_in_the_captions_are_not_paid_for() -> None:
    assert errors(form(("Hamburg", "Berlin")), CAPTIONS) == {
        "find_0": "These words are nowhere in the captions."
    }
    assert isinstance(check(form(("Hamburg", "Berlin")), None, asset_id="a1"), CaptionEdit)


def test_words_are_found_across_lines_and_whatever_their_case() -> None:
    assert isinstance(check(form(("TO MUCKS", "to Mux")), CAPTIONS, asset_id="a1"), CaptionEdit)


def test_speakers_are_listed_in_order_with_what_they_say_first() -> None:
    assert fixing.speakers(CAPTIONS) == (
        Speaker(label="speaker_0", says="Welcome to mucks in Berlin"),
        Speaker(label="speaker_1", says="Thank you, mucks."),
    )


def test_a_form_grows_until_it_is_full() -> None:
    made = FixForm(job_id="job1", track_id="t1")
    for _ in range(fixing.MOST_ROWS + 3):
        made = made.grown()
    assert (len(made.rows), made.may_grow) == (fixing.MOST_ROWS, False)


@pytest.mark.parametrize(
    ("tracks", "code", "waits"),
    [
        ((), preflight.TRACK_GONE, False),
        ((TextTrack(id="t1", status="deleted"),), preflight.TRACK_GONE, False),
        ((TextTrack(id="t1", status="errored", said="Not VTT."),), preflight.TRACK_ERRORED, False),
        ((TextTrack(id="t1", status="preparing"),), None, True),
        ((TextTrack(id="t1", status="ready"),), None, False),
    ],
)
def test_a_fix_needs_a_ready_track(tracks, code, waits) -> None:
    video = Video(asset_id="a1", tracks=tracks)
    found = fixing.obstacle(video, EDIT)
    assert (None if found is None else found.code) == code
    assert fixing.has_to_wait(video, EDIT) is waits


def test_what_mux_says_of_a_fix_reads_like_what_it_says_of_captions() -> None:
    done = EditReport(
        signal=Signal.COMPLETED,
        mux_id="m1",
        asset_id="a1",
        source_track_id="t1",
        passthrough="p",
        units_consumed=10,
        outcome=EditOutcome(replacements=3, track_id="t2", vtt_url="https://x/v"),
    )
    report = fixing.report_of(done)
    assert report.outcome == Outcome(
        track_id="t2", vtt_url="https://x/v", replacements=3, replaced=(ReplacedTrack(id="t1"),)
    )
    assert (report.signal, report.mux_id, report.units_consumed) == (Signal.COMPLETED, "m1", 10)
    without = replace(done, outcome=EditOutcome(replacements=0))
    assert fixing.report_of(without).outcome == Outcome(replacements=0)
    failed = EditReport(signal=Signal.ERRORED, mux_id="m1", failure=Failure(code="x", message="y"))
    assert (fixing.report_of(failed).outcome, fixing.report_of(failed).failure.code) == (None, "x")


def test_only_what_mux_surely_takes_is_offered_as_a_phrase() -> None:
    put_in = ["Mux", "Mux", "", "42", "a b c d e f", "x" * 50, "Inter-Asterisk Exchange", "a<b"]
    edit = CaptionEdit(
        asset_id="a1",
        track_id="t1",
        words=tuple(WordEdit(find=str(at), replace=new) for at, new in enumerate(put_in)),
        speakers=(SpeakerEdit(find="speaker_0", replace="Ana Costa"),),
    )
    assert fixing.phrases(edit) == ("Mux", "Inter-Asterisk Exchange", "Ana Costa")


JOB = Job(
    id="job1",
    state=State.COMPLETED,
    request=CaptionRequest(asset_id="a1", language_code="de"),
    team_id="T1",
    channel_id="C1",
    user_id="U1",
    created_at=0.0,
    updated_at=0.0,
    outcome=Outcome(track_id="t1"),
)


def test_words_can_be_fixed_while_the_track_of_a_finished_job_is_there() -> None:
    assert fixing.can_fix(JOB)
    assert not fixing.can_fix(JOB.changed(state=State.PROCESSING))
    assert not fixing.can_fix(JOB.changed(outcome=Outcome()))
    assert not fixing.can_fix(JOB.changed(outcome=None))
    back = Restore(by="U1", at=1.0)
    assert fixing.can_fix(JOB.changed(restore=back))
    assert not fixing.can_fix(JOB.changed(restore=back.changed(done_at=2.0)))
    assert fixing.can_fix(JOB.changed(restore=back.changed(done_at=2.0, problem="refused")))


def test_a_jobs_language_is_what_mux_says_then_what_was_asked_for() -> None:
    assert fixing.language_of(JOB) == "de"
    assert fixing.language_of(JOB.changed(outcome=None)) == "de"
    assert fixing.language_of(JOB.changed(outcome=Outcome(detected_language="fr"))) == "fr"
    assert fixing.language_of(JOB.changed(outcome=None, request=CaptionRequest(asset_id="a1"))) == ""


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=6), st.booleans())
def test_whatever_is_typed_makes_an_edit_or_is_told(rows, match_case) -> None:
    found = check(form(*rows, match_case=match_case), None, asset_id="a1")
    if isinstance(found, CaptionEdit):
        assert found.words
        assert all(word.find and word.find != word.replace for word in found.words)
    else:
        assert found.sentences
