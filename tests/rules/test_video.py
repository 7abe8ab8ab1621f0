"""A video as it was last seen, and the track that would be in a job's way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.request import CaptionRequest
from bot.rules.video import TextTrack, Video, conflict

ENGLISH = TextTrack(id="t1", name="English", language_code="en-US", status="ready", source="uploaded")

tracks = st.builds(TextTrack, id=st.text(), name=st.text(), language_code=st.text(), status=st.text())
videos = st.builds(
    Video,
    asset_id=st.text(),
    title=st.text(),
    duration_seconds=st.none() | st.floats(allow_nan=False),
    is_live=st.booleans(),
    has_audio=st.booleans(),
    playback_id=st.none() | st.text(),
    tracks=st.lists(tracks, max_size=3).map(tuple),
)


@given(videos)
def test_a_stored_video_is_read_back_as_it_was(video) -> None:
    assert Video.from_json(json.loads(json.dumps(video.to_json()))) == video


def test_what_a_newer_version_stored_besides_is_ignored() -> None:
    stored = Video(asset_id="a", tracks=(ENGLISH,)).to_json() | {"mood": "good"}
    stored["tracks"][0]["colour"] = "red"
    assert Video.from_json(stored).tracks == (ENGLISH,)


@pytest.mark.parametrize(
    ("track", "asked", "is_in_the_way"),
    [
        pytest.param({}, {"language_code": "en"}, True, id="same-language-another-region"),
        pytest.param({}, {"language_code": "en-GB"}, True, id="another-region"),
        pytest.param({"language_code": "eng"}, {"language_code": "en"}, True, id="three-letters"),
        pytest.param({"language_code": "no such tag"}, {"language_code": "en"}, False, id="odd-tag"),
        pytest.param({"language_code": ""}, {"language_code": "en"}, False, id="no-tag"),
        pytest.param({}, {"language_code": "de"}, False, id="another-language"),
        pytest.param({}, {}, False, id="detection"),
        pytest.param({}, {"track_name": " ENGLISH "}, True, id="same-name"),
        pytest.param(
            {}, {"language_code": "de", "track_name": "english"}, True, id="same-name-another-language"
        ),
        pytest.param({}, {"track_name": "English (Studio)"}, False, id="another-name"),
        pytest.param({"status": "errored"}, {"language_code": "en"}, True, id="in-whatever-state"),
        pytest.param({"status": "deleted"}, {"language_code": "en"}, False, id="deleted"),
    ],
)
def test_a_track_is_in_the_way_by_language_or_by_name(track, asked, is_in_the_way) -> None:
    values = {"id": "t1", "name": "English", "language_code": "en-US", "status": "ready"} | track
    found = conflict(
        Video(asset_id="a", tracks=(TextTrack(**values),)), CaptionRequest(asset_id="a", **asked)
    )
    assert (found is not None) is is_in_the_way
