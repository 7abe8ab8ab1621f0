"""What is said of tracks that will be replaced: whether they are saved, and can come back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rules import preflight
from bot.rules.jobs import Failure, Job, State
from bot.rules.request import CaptionRequest, Replace
from bot.rules.saving import NO_TEXT, NOT_PUBLIC, SIGNED, UNREAD
from bot.rules.video import TextTrack, Video
from bot.ui import mended
from bot.ui.about_video import about
from bot.ui.result import result
from tests.ui.mending.mended_jobs import TRACK, actions, shown


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
