"""Which jobs can be mended, and how."""

from __future__ import annotations

import pytest

from bot.rules import mending, preflight
from bot.rules.jobs import Failure, Job, State, is_finished
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import TextTrack, Video

REQUEST = CaptionRequest(asset_id="asset1", language_code="en")
TAKEN = "A text track for the requested language already exists on this asset"


def job(state: State, failure: Failure | None = None, video: Video | None = None) -> Job:
    return Job(
        id="x7k2m9pq4d",
        state=state,
        request=REQUEST,
        team_id="T1",
        channel_id="C1",
        user_id="U1",
        created_at=1.0,
        updated_at=1.0,
        failure=failure,
        video=video,
    )


def refused(status: int | None, code: str = "x", message: str = "") -> Job:
    return job(State.REFUSED, Failure(code=code, message=message, status=status))


def unfit(code: str, *, retryable: bool = False) -> Job:
    """A job that ended before it was sent; Mux's answer to the look may have had a status."""
    status = 404 if code == preflight.ELSEWHERE else None
    return job(State.REFUSED, Failure(code=code, message="", retryable=retryable, status=status))


def errored(message: str = "", *, code: str = "processing_error", retryable: bool = False) -> Job:
    return job(State.ERRORED, Failure(code=code, message=message, retryable=retryable))


@pytest.mark.parametrize(
    ("what", "helps"),
    [
        (job(State.CANCELLED), True),
        (job(State.COMPLETED), False),
        (job(State.ABANDONED), False),
        (job(State.PROCESSING), False),
        (job(State.REFUSED), False),
        (errored(retryable=True), True),
        (errored(), False),
        (errored(TAKEN, retryable=True), False),
        (refused(400, message="phrases[0] is too long"), False),
        (refused(401), True),
        (refused(403), True),
        (refused(404), True),
        (refused(409, code="conflict"), True),
        (refused(422, message="asset not found"), False),
        (refused(422, message="the asset has no public or signed playback ID"), True),
        (refused(422, message=TAKEN), False),
        (refused(429), True),
        (refused(500), True),
        (refused(418), False),
        (unfit(preflight.LIVE, retryable=True), True),
        (unfit(preflight.UNANSWERED), True),
        (unfit(preflight.ELSEWHERE), False),
        (unfit(preflight.NO_AUDIO), False),
        (unfit(preflight.CONFLICT), False),
        (unfit(preflight.JOINED), False),
    ],
)
def test_the_same_request_is_offered_again_only_when_that_can_help(what, helps):
    assert mending.can_help(what) is helps


@pytest.mark.parametrize(
    ("what", "found"),
    [
        (refused(422, message=TAKEN), True),
        (refused(400, message="track_name must be unique among the text tracks"), True),
        (unfit(preflight.CONFLICT), True),
        (errored(TAKEN), True),
        (refused(409, code="conflict", message="captions are being made already"), False),
        (refused(422, message="a track of sound already exists"), False),
        (errored("Nobody knows"), False),
        (job(State.CANCELLED, Failure(code=preflight.CONFLICT, message="")), False),
        (job(State.COMPLETED), False),
    ],
)
def test_a_track_in_the_way_is_recognised_however_it_was_found(what, found):
    assert mending.is_in_the_way(what) is found


def test_the_track_that_would_be_deleted_is_known_when_the_video_was_seen():
    track = TextTrack(id="trk_1", name="English", language_code="en-US", status="ready")
    seen = Video(asset_id="asset1", tracks=(track,))

    assert mending.track_in_the_way(job(State.REFUSED, video=seen)) == track
    assert mending.track_in_the_way(job(State.REFUSED)) is None


@pytest.mark.parametrize("state", list(State))
def test_only_a_job_that_ended_without_captions_may_be_tried_again_at_all(state):
    expected = is_finished(state) and state is not State.COMPLETED
    assert mending.is_worth_asking(job(state)) is expected


def test_the_ways_around_a_track_are_requests_that_mux_takes():
    replacing = mending.replacing(REQUEST.changed(replace=Replace.GENERATED))
    files = mending.files_only(REQUEST.changed(replace=Replace.ALL))

    assert (replacing.replace, replacing.upload_to_mux) == (Replace.ALL, True)
    assert (files.replace, files.upload_to_mux) == (Replace.FAIL, False)
