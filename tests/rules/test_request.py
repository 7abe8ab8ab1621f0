from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.request import CaptionRequest, Replace

requests = st.builds(
    CaptionRequest,
    asset_id=st.text(min_size=1),
    language_code=st.none() | st.sampled_from(["en", "pt-BR"]),
    replace=st.sampled_from(Replace),
    track_name=st.none() | st.text(min_size=1),
    include_speakers=st.booleans(),
    include_words=st.booleans(),
    upload_to_mux=st.booleans(),
    phrases=st.lists(st.text(min_size=1)).map(tuple),
)


@given(request=requests)
def test_a_stored_request_is_read_back_equal(request: CaptionRequest) -> None:
    assert CaptionRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_a_request_stored_by_an_older_version_gets_the_defaults() -> None:
    assert CaptionRequest.from_json({"asset_id": "abc"}) == CaptionRequest(asset_id="abc")


def test_keys_of_a_newer_version_are_ignored() -> None:
    stored = {**CaptionRequest(asset_id="abc").to_json(), "mood": "cheerful"}
    assert CaptionRequest.from_json(stored) == CaptionRequest(asset_id="abc")


def test_a_stored_request_without_its_asset_is_refused() -> None:
    with pytest.raises(KeyError, match="asset_id"):
        CaptionRequest.from_json({"language_code": "en"})


def test_a_request_is_changed_by_copying() -> None:
    request = CaptionRequest(asset_id="abc")
    assert request.changed(include_words=True) == CaptionRequest(asset_id="abc", include_words=True)
    assert request.include_words is False
