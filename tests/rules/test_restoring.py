"""What is kept of tracks, and which step comes next on the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules import preflight, restoring, saving
from bot.rules.compare import Changes, Example
from bot.rules.differing import Against, Difference
from bot.rules.edits import CaptionEdit
from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State
from bot.rules.mending import is_in_the_way, is_offered
from bot.rules.policy import Act
from bot.rules.request import CaptionRequest, Replace
from bot.rules.restoring import Do, Problem, Restore, plan
from bot.rules.saving import SavedTrack
from bot.rules.video import TextTrack, Video, matches

SAVED = SavedTrack(id="t0", name="English", language_code="en")
WISH = Restore(by="U1", at=1.0, replacing="t1")
NEW = TextTrack(id="t1", name="English", language_code="en", status="ready")
JOB = Job(
    id="job1",
    state=State.COMPLETED,
    request=CaptionRequest(asset_id="a1", language_code="en", replace=Replace.ALL),
    team_id="T1",
    channel_id="C1",
    user_id="U1",
    created_at=0.0,
    updated_at=0.0,
    outcome=Outcome(track_id="t1", replaced=(ReplacedTrack(id="t0"),)),
    saved=(SAVED,),
)


def step(*tracks: TextTrack, restore: Restore = WISH, job: Job = JOB) -> restoring.Step:
    return plan(job, restore, Video(asset_id="a1", tracks=tracks))


def test_a_name_that_is_taken_by_the_replacement_makes_it_go_first() -> None:
    found = step(NEW)
    assert (found.do, found.track, found.removes) == (Do.DELETE, NEW, True)
    other = replace(NEW, name="English (premium)")
    assert (step(other).do, step(other).saved) == (Do.CREATE, SAVED)
    assert step().do is Do.CREATE


def test_a_track_of_that_name_is_looked_at_before_it_is_believed() -> None:
    there = TextTrack(id="t9", name="english ", status="ready")
    assert (step(there).do, step(there).track) == (Do.COMPARE, there)


@pytest.mark.parametrize(
    ("status", "tries", "do"),
    [
        ("preparing", 1, Do.WAIT),
        ("ready", 1, Do.FINISH),
        ("", 1, Do.FINISH),
        ("errored", 1, Do.DELETE),
        ("errored", restoring.MOST_TRIES, Do.FAIL),
        ("deleted", 1, Do.CREATE),
    ],
)
def test_a_track_that_was_made_is_waited_for_or_made_again(status, tries, do) -> None:
    made = TextTrack(id="t9", name="English", status=status, said="Not VTT.")
    restore = WISH.changed(made={"t0": "t9"}, tries={"t0": tries})
    found = step(made, restore=restore)
    assert found.do is do
    if do is Do.FAIL:
        assert (found.problem, found.detail) == (Problem.UNREADABLE, "Not VTT.")


def test_the_replacement_goes_last_where_the_names_allow_it() -> None:
    other = replace(NEW, name="English (premium)")
    made = TextTrack(id="t9", name="English", status="ready")
    found = step(other, made, restore=WISH.changed(made={"t0": "t9"}))
    assert (found.do, found.track, found.removes) == (Do.DELETE, other, True)


def test_while_one_track_is_waited_for_the_others_are_made() -> None:
    second = SavedTrack(id="t5", name="Deutsch")
    job = JOB.changed(
        saved=(SAVED, second),
        outcome=Outcome(replaced=(ReplacedTrack(id="t0"), ReplacedTrack(id="t5"))),
    )
    waits = TextTrack(id="t9", name="English", status="preparing")
    restore = WISH.changed(made={"t0": "t9"})
    assert step(waits, restore=restore, job=job).saved == second


def test_only_what_mux_deleted_and_we_kept_can_come_back() -> None:
    assert restoring.kept(JOB) == (SAVED,)
    assert restoring.kept(JOB.changed(saved=(replace(SAVED, problem=saving.SIGNED),))) == ()
    assert restoring.kept(JOB.changed(outcome=Outcome())) == ()
    assert restoring.kept(JOB.changed(outcome=None)) == ()
    assert restoring.kept(JOB.changed(state=State.ERRORED)) == ()


def test_it_is_offered_until_it_is_done_or_under_way() -> None:
    assert restoring.can_restore(JOB)
    assert not restoring.can_restore(JOB.changed(saved=()))
    assert not restoring.can_restore(JOB.changed(restore=WISH))
    over = WISH.changed(done_at=2.0)
    assert not restoring.can_restore(JOB.changed(restore=over))
    assert restoring.can_restore(JOB.changed(restore=over.changed(problem="refused")))


def test_values_are_stored_and_read_back() -> None:
    wish = WISH.changed(made={"t0": "t9"}, tries={"t0": 2}, removed=True, done_at=3.0, problem="refused")
    assert Restore.from_json(wish.to_json()) == wish
    assert SavedTrack.from_json(SAVED.to_json() | {"newer": 1}) == SAVED
    changes = Changes(
        changed=1,
        added=0,
        removed=0,
        cues_before=1,
        cues_after=1,
        words_before=2,
        words_after=2,
        names=(("a", "b"),),
        examples=(Example(before="x", after="y", at_ms=1),),
    )
    found = Difference(against=Against.EDITED, name="n", changes=changes, faults_before=1)
    stored = found.to_json()
    stored["changes"]["names"] = [["a", "b"]]
    assert Difference.from_json(stored) == found


@pytest.mark.parametrize(
    ("request_", "edit", "kept"),
    [
        (CaptionRequest(asset_id="a1", language_code="en"), None, []),
        (CaptionRequest(asset_id="a1", replace=Replace.ALL, upload_to_mux=False), None, []),
        (CaptionRequest(asset_id="a1", language_code="en", replace=Replace.ALL), None, ["t1", "t2"]),
        (CaptionRequest(asset_id="a1", replace=Replace.ALL), None, ["t1", "t2", "t3"]),
        (CaptionRequest(asset_id="a1", replace=Replace.GENERATED), None, ["t2"]),
        (CaptionRequest(asset_id="a1"), CaptionEdit(asset_id="a1", track_id="t3"), ["t3"]),
        (CaptionRequest(asset_id="a1"), CaptionEdit(asset_id="a1", track_id="t3", keep_original=True), []),
    ],
)
def test_what_is_at_stake(request_, edit, kept) -> None:
    tracks = (
        NEW,
        TextTrack(id="t2", name="Auto", language_code="en-GB", source="generated_vod"),
        TextTrack(id="t3", name="Deutsch", language_code="de"),
        TextTrack(id="t4", name="Old", language_code="en", status="deleted"),
    )
    video = Video(asset_id="a1", tracks=tracks, policy="public")
    assert [track.id for track in saving.at_stake(video, request_, edit)] == kept
    assert [track.id for track in saving.assessed(video, request_, edit, can_sign=False)] == kept


@pytest.mark.parametrize(
    ("policy", "status", "can_sign", "problem"),
    [
        ("public", "errored", True, saving.NO_TEXT),
        ("public", "ready", False, ""),
        ("signed", "ready", True, ""),
        ("signed", "ready", False, saving.SIGNED),
        ("drm", "ready", True, saving.NOT_PUBLIC),
        (None, "ready", True, saving.NOT_PUBLIC),
    ],
)
def test_whose_text_can_be_read(policy, status, can_sign, problem) -> None:
    video = Video(asset_id="a1", policy=policy)
    assert saving.problem(video, TextTrack(id="t1", status=status), can_sign=can_sign) == problem


def test_a_track_matches_by_language_or_by_name() -> None:
    wanted = CaptionRequest(asset_id="a1", track_name=" ENGLISH")
    assert matches(NEW, wanted)
    assert not matches(NEW, CaptionRequest(asset_id="a1", track_name="Other"))
    assert matches(replace(NEW, language_code="eng"), CaptionRequest(asset_id="a1", language_code="en-US"))


def test_each_end_offers_its_own_ways_on() -> None:
    conflict = JOB.changed(state=State.REFUSED, failure=Failure(code=preflight.CONFLICT, message=""))
    unsaved = JOB.changed(state=State.REFUSED, failure=Failure(code=preflight.UNSAVED, message=""))
    assert is_offered(Act.RETRY, JOB)
    assert is_offered(Act.REPLACE, conflict)
    assert not is_offered(Act.UNSAVED, conflict)
    assert is_offered(Act.UNSAVED, unsaved)
    assert not is_offered(Act.UNSAVED, JOB)
    assert not is_in_the_way(conflict.changed(edit=CaptionEdit(asset_id="a1", track_id="t1")))
