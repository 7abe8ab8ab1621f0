"""Every reason why a video cannot be captioned has words, a cost and a next step."""

from __future__ import annotations

import pytest

from bot.rules import preflight
from bot.rules.jobs import Failure, State
from bot.rules.links import Pointer, PointerKind
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import Video
from bot.ui.card import card
from bot.ui.refusals import explain
from bot.ui.replies import HINT, accepted
from bot.ui.result import result
from bot.ui.unfit import FREE, UNFIT
from bot.ui.wording import ids, length, state

REQUEST = CaptionRequest(asset_id="As5et1d", language_code="en")
CODES = sorted(
    value
    for name, value in vars(preflight).items()
    if isinstance(value, str) and value.startswith(preflight.PREFIX) and name != "PREFIX"
)


def test_every_reason_has_a_sentence() -> None:
    assert sorted(UNFIT) == CODES


@pytest.mark.parametrize("code", [*CODES, "preflight_something_new"])
@pytest.mark.parametrize("status", [None, 403, 404])
def test_a_reason_is_told_with_what_it_cost_and_what_to_do_next(code, status) -> None:
    told = explain(Failure(code=code, message="x <y>", status=status), REQUEST)
    assert told.said.endswith((".", ")."))
    assert told.next_step.endswith(".")
    assert told.charged == FREE
    assert "{" not in told.said + told.next_step
    assert "<y>" not in told.said


def test_no_two_reasons_say_the_same() -> None:
    said = {explain(Failure(code=code, message="x"), REQUEST).said for code in CODES}
    assert len(said) == len(CODES)


@pytest.mark.parametrize("replace", [Replace.FAIL, Replace.GENERATED])
def test_a_track_in_the_way_is_named_with_the_ways_around_it(replace) -> None:
    failure = Failure(code=preflight.CONFLICT, message="English (en)")
    told = explain(failure, REQUEST.changed(replace=replace))
    assert (told.parameter, "`English (en)`" in told.said) == ("replace", True)
    assert "--no-upload" in told.next_step


def test_a_waiting_job_says_what_it_waits_for_and_what_it_knows(job) -> None:
    waiting = job.changed(
        state=State.REQUESTED,
        title="Keynote",
        video=Video(asset_id="As5et1d", status="preparing"),
        duration_seconds=90.0,
    )
    text = str(card(waiting).blocks)
    assert "Waiting for Mux to prepare the video; nothing is billed until it is ready" in text
    assert "Length 1 min 30 s" in text
    assert "*Keynote*" in text


def test_the_length_of_a_video_is_left_out_while_it_is_unknown(job) -> None:
    assert length(job) == ""


def test_a_job_that_was_never_sent_does_not_blame_mux(job) -> None:
    refused = job.changed(
        state=State.REFUSED, failure=Failure(code=preflight.LIVE, message="", retryable=True)
    )
    assert state(refused) == "Not started: no job was sent to Mux"
    assert "still being streamed live" in result(refused).text
    assert state(
        job.changed(state=State.REFUSED, failure=Failure(code="x", message="", status=422))
    ) != state(refused)


def test_an_id_that_is_not_yet_known_to_be_an_assets_is_not_called_one(job) -> None:
    pointer = Pointer(kind=PointerKind.PLAYBACK, id="As5et1d", written="As5et1d")
    assert "playback ID `" in ids(job.changed(pointer=pointer))
    assert "asset `" in ids(job)


@pytest.mark.parametrize(
    ("changes", "hinted"),
    [
        ({"language_code": None}, True),
        ({"language_code": None, "replace": Replace.ALL}, False),
        ({"language_code": None, "upload_to_mux": False}, False),
        ({"language_code": "en"}, False),
    ],
)
def test_who_leaves_the_language_to_mux_is_told_what_that_risks(job, changes, hinted) -> None:
    reply = accepted(job.changed(request=REQUEST.changed(**changes)))
    assert (HINT in reply.text) is hinted


def test_a_file_on_its_way_is_said_to_be_sent(job) -> None:
    pointer = Pointer(kind=PointerKind.FILE, id="F1", written="cut.mp4")
    sending = job.changed(state=State.REQUESTED, pointer=pointer, title="cut.mp4")
    text = str(card(sending).blocks)
    assert "Sending the file to Mux" in text
    assert "Slack file `" in ids(sending)
