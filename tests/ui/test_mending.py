"""What is shown of captions that are fixed, replaced and put back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules import preflight, restoring
from bot.rules.archive import Archive, FilesState, TrackState
from bot.rules.compare import Changes, Example
from bot.rules.differing import Against, Difference
from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit
from bot.rules.effects import Effect, Kind
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State
from bot.rules.request import CaptionRequest, Replace
from bot.rules.restoring import Problem, Restore, Wished
from bot.rules.saving import NO_TEXT, NOT_PUBLIC, SIGNED, UNREAD, SavedTrack
from bot.rules.video import TextTrack, Video
from bot.ui import mend_answers, mend_buttons, mended
from bot.ui.about_video import about
from bot.ui.card import card
from bot.ui.message import Message
from bot.ui.rendering import render
from bot.ui.result import result

TRACK = SavedTrack(id="t0", name="English", language_code="en")
EDIT = CaptionEdit(
    asset_id="As5et1d",
    track_id="t1",
    words=(WordEdit(find="mucks", replace="Mux"), WordEdit(find="um", replace="", case_sensitive=True)),
    speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
)
CHANGES = Changes(
    changed=3,
    added=1,
    removed=0,
    cues_before=7,
    cues_after=8,
    words_before=1_064,
    words_after=1_065,
    names=(("speaker_0", "Ana"), ("", "Ben")),
    examples=(Example(before="mucks", after="Mux", at_ms=61_000), Example(before="um", after="", at_ms=0)),
)
DIFFERENCE = Difference(
    against=Against.REPLACED, name="English", changes=CHANGES, faults_before=4, faults_after=2
)


@pytest.fixture
def done(job: Job) -> Job:
    """Return a job that replaced a track whose text was kept."""
    return job.changed(
        state=State.COMPLETED,
        request=CaptionRequest(asset_id="As5et1d", language_code="en", replace=Replace.ALL),
        outcome=Outcome(language_code="en", track_id="t1", replaced=(ReplacedTrack(id="t0"),)),
        saved=(TRACK,),
        archive=Archive(files=FilesState.KEPT, track=TrackState.READY),
    )


@pytest.fixture
def fixed(done: Job) -> Job:
    """Return a job that fixed words in the captions of another one."""
    outcome = Outcome(track_id="t2", replacements=1_234, replaced=(ReplacedTrack(id="t1"),))
    return done.changed(edit=EDIT, edit_of="job_7", outcome=outcome, saved=(replace(TRACK, id="t1"),))


def actions(message: Message) -> list[str]:
    return [
        element["action_id"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def shown(message: Message) -> str:
    return str(list(message.blocks))


def test_captions_that_replaced_others_can_be_fixed_and_taken_back(done: Job, takes) -> None:
    message = result(done)
    takes(message)
    assert actions(message) == ["job_files", "fix_words", "fix_restore", "job_again"]
    assert actions(card(done)) == actions(message)
    assert "Saved before that: the track `English` (English)." in message.text


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


@pytest.mark.parametrize(
    ("problem", "saying"),
    [
        (SIGNED, "this bot has no signing key. Whoever runs this bot can set"),
        (NOT_PUBLIC, "no public or signed playback ID"),
        (NO_TEXT, "it never had any text"),
        (UNREAD, "Mux did not hand it out"),
        ("odd", "could not be saved: odd."),
    ],
)
def test_what_could_not_be_saved_is_told_plainly(done: Job, problem, saying) -> None:
    message = result(done.changed(saved=(replace(TRACK, problem=problem),)))
    assert saying in message.text
    assert "fix_restore" not in actions(message)


def test_a_replaced_track_that_was_never_seen_is_told(done: Job) -> None:
    assert "could not be saved" in result(done.changed(saved=())).text


@pytest.mark.parametrize(
    ("problem", "warned"),
    [(SIGNED, "no signing key"), (NOT_PUBLIC, "playback ID"), (NO_TEXT, ""), ("", ""), ("odd", ": odd.")],
)
def test_the_card_warns_while_it_can_still_be_stopped(done: Job, problem, warned) -> None:
    going = done.changed(state=State.PROCESSING, outcome=None, saved=(replace(TRACK, problem=problem),))
    said = mended.warning(going)
    assert (warned in said) if warned else said == ""
    assert not mended.warning(done)
    assert not mended.warning(going.changed(request=replace(going.request, replace=Replace.FAIL)))


@pytest.mark.parametrize(
    ("restore", "saying"),
    [
        (Restore(by="U0BEN", at=1.0), "<@U0BEN> wants them back; they are being put back now."),
        (Restore(by="U0BEN", at=1.0, done_at=2.0), "Put back by <@U0BEN>."),
        (Restore(by="U0BEN", at=1.0, done_at=2.0, problem="refused"), "They could not be put back yet."),
    ],
)
def test_the_result_says_how_a_wish_to_restore_stands(done: Job, restore, saying) -> None:
    message = result(done.changed(restore=restore))
    assert saying in message.text
    assert ("fix_restore" in actions(message)) is (bool(restore.problem))


def test_a_restore_ends_with_a_message(done: Job, takes) -> None:
    over = Restore(by="U0BEN", at=1.0, done_at=2.0, replacing="t1")
    message = mended.told(done.changed(restore=over))
    takes(message)
    assert "<@U0BEN>: The previous captions of Launch keynote are back." in message.text
    assert "The track `t1` was deleted. Mux charges nothing for this." in message.text
    assert "On the video again, under a new ID: the track `English` (English)." in message.text
    assert "put back by <@U0BEN>." in card(done.changed(restore=over)).text
    assert "put back by" not in card(done.changed(restore=over.changed(done_at=None))).text
    alone = mended.told(done.changed(restore=over.changed(replacing="")))
    assert "was deleted" not in alone.text


@pytest.mark.parametrize("problem", list(Problem))
def test_a_restore_that_failed_says_why_and_what_to_do(done: Job, problem, takes) -> None:
    over = Restore(by="U0BEN", at=1.0, done_at=2.0, problem=problem, detail="<!channel> no")
    message = mended.told(done.changed(restore=over))
    takes(message)
    assert "could not be put back" in message.text
    assert "*What to do next:*" in message.text
    assert "neither" not in message.text
    emptied = mended.told(done.changed(restore=over.changed(removed=True, detail="", problem="odd")))
    assert "neither the old nor the new captions" in emptied.text


def test_a_restore_under_way_has_a_message_too(done: Job) -> None:
    assert "being put back" in mended.told(done).text


def test_the_effect_of_a_restore_is_its_message(done: Job) -> None:
    effect = Effect(
        id=1, key="job_42:restored:1", kind=Kind.RESTORED, lane="", job_id=1, target="C1", want=1, have=0,
        attempts=0, due_at=0.0,
    )  # fmt: skip
    assert render(effect, done, in_thread=True) == mended.told(done)


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


def test_where_saving_failed_going_on_without_it_is_offered_with_a_warning(done: Job, takes) -> None:
    failure = Failure(code=preflight.UNSAVED, message="broke off", retryable=True)
    message = result(done.changed(state=State.REFUSED, outcome=None, failure=failure))
    takes(message)
    assert actions(message) == ["job_retry", "job_replace_unsaved", "job_again"]
    assert "nobody can bring the old captions back" in shown(message)
    bare = result(done.changed(state=State.REFUSED, outcome=None, failure=failure, saved=()))
    assert "the old tracks" in shown(bare)


@pytest.mark.parametrize(
    ("problem", "saying"), [("", "so that it can be restored"), (SIGNED, "cannot be brought back")]
)
def test_the_button_that_replaces_says_whether_that_can_be_undone(done: Job, problem, saying) -> None:
    failure = Failure(code=preflight.CONFLICT, message="English")
    refused = done.changed(
        state=State.REFUSED, outcome=None, failure=failure, saved=(replace(TRACK, problem=problem),)
    )
    assert saying in shown(result(refused))


def test_several_tracks_and_nameless_ones_are_put_back_too(done: Job) -> None:
    tracks = (TRACK, SavedTrack(id="t9", name="", language_code=""))
    outcome = replace(done.outcome, replaced=(ReplacedTrack(id="t0"), ReplacedTrack(id="t9")))
    several = done.changed(saved=tracks, outcome=outcome)
    message = result(several)
    over = Restore(by="U0BEN", at=1.0, done_at=2.0)
    assert "under new IDs: the track" in mended.told(several.changed(restore=over)).text
    assert "the track `English` (English) and the track `t9`" in shown(message)


@pytest.mark.parametrize("outcome", list(restoring.Outcome))
def test_every_wish_to_restore_has_an_answer(done: Job, outcome, takes) -> None:
    job = None if outcome is restoring.Outcome.UNKNOWN else done
    takes(mend_answers.restoring(Wished(outcome=outcome, job=job)))


def test_phrases_that_were_added_known_or_left_out_are_named(takes) -> None:
    message = mend_answers.phrases(("Mux",), ("Ana",), ("Zed",))
    takes(message)
    assert "Added to this channel's phrases: `Mux`. There already: `Ana`." in message.text
    assert "100 phrases at most: `Zed`." in message.text
    nothing = mend_answers.phrases((), (), ())
    assert nothing.text == "Nothing was added to this channel's phrases."
    takes(mend_answers.nothing_to_add())


@pytest.mark.parametrize(
    ("policy", "can_sign", "saying"),
    [
        ("public", False, "Their text is saved before that"),
        ("signed", True, "Their text is saved before that"),
        ("signed", False, "*Their text cannot be saved before that*"),
        (None, False, "no public or signed playback ID."),
    ],
)
def test_the_form_says_whether_what_mux_deletes_is_saved(policy, can_sign, saying) -> None:
    tracks = (TextTrack(id="t0", name="English", language_code="en", status="ready"),)
    video = Video(asset_id="a1", policy=policy, playback_id="p", tracks=tracks)
    request = CaptionRequest(asset_id="a1", language_code="en", replace=Replace.ALL)
    assert saying in " ".join(about(video, request, can_sign=can_sign))
    assert "saved" not in " ".join(about(video, replace(request, replace=Replace.FAIL)))


def _restores(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.builds(
        Restore,
        by=text,
        at=st.just(1.0),
        replacing=text,
        removed=st.booleans(),
        done_at=st.sampled_from([None, 2.0]),
        problem=st.one_of(st.just(""), st.sampled_from(list(Problem)), text),
        detail=text,
    )


def test_whatever_vendors_and_people_wrote_slack_takes_it_and_nothing_is_pinged(
    draw_jobs, draw_text, takes
) -> None:
    text = draw_text(120)
    tracks = st.builds(
        SavedTrack, id=text, name=text, language_code=text, problem=st.sampled_from(["", SIGNED])
    )
    edits = st.builds(
        CaptionEdit,
        asset_id=st.just("a1"),
        track_id=text,
        words=st.lists(st.builds(WordEdit, find=text, replace=text), max_size=20).map(tuple),
        speakers=st.lists(st.builds(SpeakerEdit, find=text, replace=text), max_size=15).map(tuple),
    )
    examples = st.lists(st.builds(Example, before=text, after=text, at_ms=st.integers(0, 10**8)), max_size=9)
    changes = st.builds(
        lambda found, names: replace(CHANGES, examples=tuple(found), names=tuple(names)),
        examples,
        st.lists(st.tuples(text, text), max_size=9),
    )
    differences = st.builds(Difference, against=st.sampled_from(Against), name=text, changes=changes)
    states = (State.COMPLETED, State.REFUSED, State.ERRORED)

    @given(
        job=draw_jobs(*states),
        saved=st.lists(tracks, max_size=30).map(tuple),
        edit=st.one_of(st.none(), edits),
        restore=st.one_of(st.none(), _restores(text)),
        difference=st.one_of(st.none(), differences),
    )
    @settings(max_examples=120, deadline=None)
    def check(job, saved, edit, restore, difference) -> None:
        gone = tuple(ReplacedTrack(id=track.id) for track in saved)
        outcome = None if job.outcome is None else replace(job.outcome, replaced=gone)
        failure = job.failure or Failure(code=preflight.UNSAVED, message="")
        wild = job.changed(
            saved=saved, edit=edit, restore=restore, changes=difference, outcome=outcome, failure=failure
        )
        for message in (result(wild), card(wild), mended.told(wild)):
            takes(message)

    check()


def test_the_buttons_have_ids_of_their_own() -> None:
    ids = {mend_buttons.FIX, mend_buttons.RESTORE, mend_buttons.PHRASES, mend_buttons.UNSAVED}
    assert len(ids) == 4
