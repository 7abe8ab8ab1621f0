"""What is sent is what Mux's schema and its written rules allow."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.mux.creating import create_body, same_work
from bot.rules.request import CaptionRequest, Replace

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"
REQUEST = CaptionRequest(asset_id="asset1")

REQUESTS = st.builds(
    CaptionRequest,
    asset_id=st.just("asset1"),
    language_code=st.sampled_from([None, "en", "pt-BR"]),
    replace=st.sampled_from(Replace),
    track_name=st.sampled_from([None, "English (reviewed)"]),
    include_speakers=st.booleans(),
    include_words=st.booleans(),
    upload_to_mux=st.booleans(),
    phrases=st.lists(st.sampled_from(["Mux", "HLS ladder", "  "]), max_size=3).map(tuple),
).filter(lambda request: request.upload_to_mux or request.replace is Replace.FAIL)


def test_a_plain_request_is_sent_as_the_guide_writes_it():
    assert create_body(REQUEST.changed(language_code="en", phrases=("Mux", "API")), "captionbot:1") == {
        "parameters": {
            "asset_id": "asset1",
            "language_code": "en",
            "replace_existing": False,
            "include_speakers": False,
            "include_words": False,
            "upload_to_mux": True,
            "phrases": ["Mux", "API"],
        },
        "passthrough": "captionbot:1",
    }


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (Replace.FAIL, {"replace_existing": False}),
        (Replace.ALL, {"replace_existing": True}),
        (Replace.GENERATED, {"replace_existing_tracks": "replace_generated"}),
    ],
)
def test_one_of_the_two_replacing_switches_is_sent(policy, sent):
    parameters = create_body(REQUEST.changed(replace=policy), "p")["parameters"]
    assert {key: value for key, value in parameters.items() if key.startswith("replace")} == sent


@pytest.mark.parametrize("phrases", [(), ("",), ("  ", "\t")])
def test_an_empty_list_of_phrases_is_never_sent(phrases):
    assert "phrases" not in create_body(REQUEST.changed(phrases=phrases), "p")["parameters"]


def test_what_is_not_set_is_left_out():
    assert not {"language_code", "track_name"} & set(create_body(REQUEST, "p")["parameters"])


@pytest.mark.parametrize("passthrough", ["", "x" * 256])
def test_a_stamp_that_mux_would_not_keep_is_a_bug(passthrough):
    with pytest.raises(BotError):
        create_body(REQUEST, passthrough)


@given(request=REQUESTS)
def test_everything_sent_is_within_the_schema(request):
    if not SPEC.exists():
        pytest.skip("Mux's API description is not at hand beside this checkout")
    spec = json.loads(SPEC.read_text(encoding="utf-8"))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/components/schemas/OutgoingGeneratePremiumCaptionsRequest",
        "components": spec["components"],
    }
    jsonschema.validate(create_body(request, "x" * 255), schema)


@given(request=REQUESTS, other=REQUESTS)
def test_only_the_same_request_is_the_same_work(request, other):
    parameters = create_body(request, "p")["parameters"]
    assert same_work(parameters, request)
    spoken = [replaced(request) == replaced(other), same_work(parameters, other)]
    assert spoken in ([True, True], [False, False])


def replaced(request: CaptionRequest) -> CaptionRequest:
    return request.changed(phrases=tuple(phrase for phrase in request.phrases if phrase.strip()))


def test_defaults_left_out_by_mux_count_as_defaults():
    assert same_work({"asset_id": "asset1"}, REQUEST)
    assert same_work({"asset_id": "asset1", "replace_existing_tracks": "fail"}, REQUEST)
    assert same_work(
        {"asset_id": "asset1", "replace_existing_tracks": "replace_all"}, REQUEST.changed(replace=Replace.ALL)
    )
    assert not same_work({"asset_id": "asset1", "phrases": ["Mux"]}, REQUEST)
