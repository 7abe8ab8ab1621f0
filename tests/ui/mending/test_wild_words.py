"""Whatever vendors and people wrote, Slack takes what is shown of mended captions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules import preflight
from bot.rules.compare import Example
from bot.rules.differing import Against, Difference
from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit
from bot.rules.jobs import Failure, ReplacedTrack, State
from bot.rules.restoring import Problem, Restore
from bot.rules.saving import SIGNED, SavedTrack
from bot.ui import mended
from bot.ui.card import card
from bot.ui.result import result
from tests.ui.mending.mended_jobs import CHANGES


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
