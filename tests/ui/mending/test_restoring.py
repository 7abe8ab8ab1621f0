"""What is shown of tracks that are put back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules import restoring
from bot.rules.effects import Effect, Kind
from bot.rules.jobs import Job, ReplacedTrack
from bot.rules.restoring import Problem, Restore, Wished
from bot.rules.saving import SavedTrack
from bot.ui import mend_answers, mended
from bot.ui.card import card
from bot.ui.rendering import render
from bot.ui.result import result
from tests.ui.mending.mended_jobs import TRACK, actions, shown


def test_captions_that_replaced_others_can_be_fixed_and_taken_back(done: Job, takes) -> None:
    message = result(done)
    takes(message)
    assert actions(message) == ["job_files", "fix_words", "fix_restore", "job_again"]
    assert actions(card(done)) == actions(message)
    assert "Saved before that: the track `English` (English)." in message.text


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
