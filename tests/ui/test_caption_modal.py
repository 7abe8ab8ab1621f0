"""The form: what is filled in is read back, and Slack takes it whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.form import PLAYBACK, CaptionForm, FormErrors
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import TextTrack, Video
from bot.sandbox.slack.blocks import checked_view
from bot.ui import caption_modal, pickers
from tests.ui.filled_views import fill

PLAIN = st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs"))
TYPED = st.characters(exclude_categories=("Cs",), exclude_characters="\n")
IDS = st.text("abcXYZ0123456789", min_size=1, max_size=60)
PHRASE = st.text(TYPED, max_size=25).map(str.strip).filter(bool)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def options_in(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, dict):
        own = [part] if {"text", "value"} <= set(part) else []
        return own + [found for each in part.values() for found in options_in(each)]
    return [found for each in part for found in options_in(each)] if isinstance(part, list) else []


def check_limits(view: dict[str, Any]) -> None:
    checked_view(json.loads(json.dumps(view)))
    json.dumps(view, ensure_ascii=False).encode()
    assert len(json.dumps(view)) < 250_000
    assert units(view["private_metadata"]) <= 3_000
    for option in options_in(view):
        assert 1 <= units(option["text"]["text"]) <= 75
        assert option["text"]["text"].strip()
        assert 1 <= units(option["value"]) <= 150
        assert units(option.get("description", {"text": ""})["text"]) <= 75
    for block in view["blocks"]:
        assert units(block.get("element", {}).get("initial_value", "")) <= 3_000
        assert units(block.get("hint", {"text": ""})["text"]) <= 2_000
    assert len({block.get("block_id", id(block)) for block in view["blocks"]}) == len(view["blocks"])


FORMS = st.builds(
    CaptionForm,
    video=st.one_of(st.just(""), IDS, IDS.map(lambda each: PLAYBACK + each)),
    link=st.text(TYPED, max_size=300),
    language=st.sampled_from(["", "en", "pt-BR", "zh-Hant-TW", "qqq"]),
    replace=st.sampled_from(Replace),
    include_speakers=st.booleans(),
    include_words=st.booleans(),
    upload_to_mux=st.booleans(),
    track_name=st.text(TYPED, max_size=127),
    phrases=st.one_of(
        st.lists(PHRASE, max_size=30).map(tuple), st.just(tuple(f"{'x' * 46} {at:03}" for at in range(100)))
    ),
    channel_id=st.sampled_from(["C1", "D2", "G3"]),
    thread_ts=st.sampled_from(["", "1790000000.000100"]),
)


@pytest.fixture(scope="session")
def videos(draw_text) -> st.SearchStrategy[Video]:
    wild = draw_text()
    tracks = st.builds(
        TextTrack,
        id=wild,
        name=wild,
        language_code=st.one_of(st.just("en"), draw_text(40)),
        source=st.sampled_from(["uploaded", "generated_vod", ""]),
        status=st.sampled_from(["ready", "preparing", "deleted"]),
    )
    return st.builds(
        Video,
        asset_id=st.one_of(st.just("As5et1d"), wild),
        title=draw_text(500),
        duration_seconds=st.one_of(st.none(), st.floats(0, 1e7)),
        status=st.one_of(st.sampled_from(["ready", "preparing", "errored"]), wild),
        is_live=st.booleans(),
        has_audio=st.booleans(),
        created_at=st.one_of(st.none(), st.floats(0, 4e9)),
        policy=st.sampled_from([None, "public", "signed", "drm"]),
        tracks=st.lists(tracks, max_size=40).map(tuple),
    )


@given(form=FORMS)
@settings(max_examples=60, deadline=None)
def test_reading_the_filled_form_gives_back_what_it_was_built_from(form):
    view = caption_modal.build(form)
    check_limits(view)
    assert caption_modal.read(fill(view)) == form


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_slack_takes_the_form_whatever_is_in_it(data, draw_text, videos):
    wild = draw_text(4_000)
    form = data.draw(
        st.builds(
            CaptionForm,
            video=wild,
            link=wild,
            language=draw_text(200),
            replace=st.sampled_from(Replace),
            upload_to_mux=st.booleans(),
            track_name=wild,
            phrases=st.lists(wild, max_size=5).map(tuple),
            channel_id=wild,
            thread_ts=wild,
        )
    )
    video = data.draw(st.one_of(st.none(), videos))
    if video is not None and data.draw(st.booleans()):
        form = form.changed(video=video.asset_id)
    view = caption_modal.build(form, video=video, notice=data.draw(st.sampled_from(["", "A notice."])))
    check_limits(view)
    assert isinstance(caption_modal.read(fill(view)), CaptionForm)


def test_a_job_is_asked_for_again_with_everything_it_was_asked_for_with():
    request = CaptionRequest(
        asset_id="As5et1d",
        language_code="pt-BR",
        replace=Replace.ALL,
        track_name="Studio",
        include_speakers=True,
        include_words=True,
        phrases=tuple(f"{'y' * 45} {at}" for at in range(100)),
    )
    form = CaptionForm.of_request(request, channel_id="C1")
    assert caption_modal.read(fill(caption_modal.build(form))) == form


def test_what_was_typed_before_the_second_field_is_there_counts_too():
    view = fill(caption_modal.build(CaptionForm(channel_id="C1")))
    view["state"]["values"]["phrases"]["caption_phrases"]["value"] = " Mux \n\n  HLS\r\n"
    assert caption_modal.read(view).phrases == ("Mux", "HLS")


@pytest.mark.parametrize("metadata", [None, "", "not json", "[]"])
def test_a_view_of_another_version_is_read_as_far_as_it_goes(metadata):
    assert caption_modal.read({"private_metadata": metadata}) == CaptionForm()
    view = fill(caption_modal.build(CaptionForm(channel_id="C1")))
    view["state"]["values"]["replace"]["caption_replace"]["selected_option"]["value"] = "no such policy"
    assert caption_modal.read(view).replace is Replace.FAIL


def test_errors_land_on_fields_that_the_view_has():
    found = FormErrors(sentences={"link": "One.", "channel": "Two.", "video": "Three."})
    whole = caption_modal.build(CaptionForm(channel_id="C1"))
    in_thread = caption_modal.build(CaptionForm(channel_id="C1", thread_ts="1.2"))
    assert caption_modal.errors(found, whole) == {"link": "One.", "channel": "Two.", "video": "Three."}
    assert caption_modal.errors(found, in_thread) == {"link": "One.", "video": "Two. Three."}


def test_the_video_that_is_chosen_is_shown_by_its_title():
    video = Video(asset_id="As5et1d", title="Launch keynote", duration_seconds=754, status="ready")
    view = caption_modal.build(CaptionForm(video="As5et1d"), video=video)
    shown = next(block for block in view["blocks"] if block.get("block_id") == "video")
    assert shown["element"]["initial_option"]["text"]["text"] == "Launch keynote · 12:34 · ready"
    other = caption_modal.build(CaptionForm(video="An0ther"), video=video)
    assert "Use An0ther" in json.dumps(other)


def test_the_track_that_is_in_the_way_is_named_with_what_becomes_of_it():
    track = TextTrack(id="t1", name="English (Studio)", language_code="en", source="uploaded", status="ready")
    video = Video(asset_id="As5et1d", status="ready", policy="public", tracks=(track,))

    def said(**changes: Any) -> str:
        form = CaptionForm(video="As5et1d", language="en-GB").changed(**changes)
        return json.dumps(caption_modal.build(form, video=video), ensure_ascii=False)

    assert "already has the track “English (Studio)” (English, uploaded)" in said()
    assert "Mux will delete the track “English (Studio)”" in said(replace=Replace.ALL)
    assert "was uploaded, not generated by Mux" in said(replace=Replace.GENERATED)
    assert "before anything is billed." in said(language="")
    assert "English (Studio)" not in said(language="de")
    assert "another name" in said(language="de", track_name=" english (STUDIO)")
    assert "another name" not in said()
    assert "English (Studio)" not in said(upload_to_mux=False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_live": True}, "still being streamed"),
        ({"status": "errored"}, "could not process"),
        ({"has_audio": False}, "has no sound"),
        ({"status": "preparing"}, "still preparing"),
        ({"policy": "drm"}, "no public or signed playback ID"),
    ],
)
def test_what_keeps_a_video_from_being_captioned_is_said_in_the_form(changes, said):
    values = {"asset_id": "As5et1d", "status": "ready", "policy": "public", **changes}
    view = caption_modal.build(CaptionForm(video="As5et1d"), video=Video(**values))
    assert said in json.dumps(view)


def test_the_language_is_detected_when_nothing_is_chosen():
    view = caption_modal.build(CaptionForm(channel_id="C1"))
    shown = next(block for block in view["blocks"] if block.get("block_id") == "language")
    assert shown["element"]["initial_option"]["value"] == pickers.DETECT


def test_a_file_is_chosen_by_name_and_its_cost_is_said_as_long_as_it_is():
    form = CaptionForm(video="file:F0CUT|cut.mp4", channel_id="C1")
    view = caption_modal.build(form)
    assert view["blocks"][0]["element"]["initial_option"]["text"]["text"] == "Use cut.mp4"
    assert "charges for its storage and encoding too" in "".join(caption_modal.remarks(view))
    assert caption_modal.remarks(caption_modal.build(form.changed(video=""))) == []
