"""The form's content: what it makes, and every mistake in it at its own field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import form as rules
from bot.rules.form import CaptionForm, FormErrors, Wanted
from bot.rules.links import PointerKind
from bot.rules.request import CaptionRequest, Replace

ASSET = "As5et1dAs5et1dAs5et1d"
GOOD = CaptionForm(video=ASSET, channel_id="C1")
WILD = st.text(max_size=80)
FORMS = st.builds(
    CaptionForm,
    video=WILD,
    link=WILD,
    language=WILD,
    replace=st.sampled_from(Replace),
    include_speakers=st.booleans(),
    include_words=st.booleans(),
    upload_to_mux=st.booleans(),
    track_name=WILD,
    phrases=st.lists(WILD, max_size=5).map(tuple),
    channel_id=WILD,
    thread_ts=WILD,
)


def wanted(form: CaptionForm) -> Wanted:
    found = rules.check(form)
    assert isinstance(found, Wanted), found
    return found


def sentences(form: CaptionForm) -> dict[str, str]:
    found = rules.check(form)
    assert isinstance(found, FormErrors), found
    return dict(found.sentences)


@given(form=FORMS)
def test_a_form_that_is_put_away_comes_back_as_it_was(form):
    assert CaptionForm.from_json(json.loads(json.dumps(form.to_json()))) == form
    assert CaptionForm.from_json({"later": 1}) == CaptionForm()


@given(form=FORMS)
def test_every_form_makes_a_job_or_is_told_what_to_mend(form):
    found = rules.check(form)
    if isinstance(found, FormErrors):
        assert found.sentences
        assert set(found.sentences) <= {
            *("video", "link", "language", "replace", "track_name", "phrases", "channel"),
        }
        assert all(sentence.strip() for sentence in found.sentences.values())
    else:
        assert found.request.asset_id


def test_a_filled_form_is_the_request_that_it_asks_for():
    form = GOOD.changed(
        language="pt-BR",
        replace=Replace.ALL,
        include_speakers=True,
        include_words=True,
        track_name=" Studio ",
        phrases=("Mux", "Mux", "HLS"),
    )
    assert wanted(form).request == CaptionRequest(
        asset_id=ASSET,
        language_code="pt-BR",
        replace=Replace.ALL,
        track_name="Studio",
        include_speakers=True,
        include_words=True,
        phrases=("Mux", "HLS"),
    )
    assert wanted(form).pointer.kind is PointerKind.ASSET


@pytest.mark.parametrize("upload", [True, False])
def test_the_form_of_a_request_asks_for_the_same_again(upload):
    request = CaptionRequest(asset_id=ASSET, language_code="en", upload_to_mux=upload, phrases=("Mux",))
    assert wanted(CaptionForm.of_request(request, channel_id="C1")).request == request


def test_a_playback_id_is_handed_on_as_a_pointer():
    pasted = wanted(CaptionForm(link="https://player.mux.com/PlayBack1d?x=1", channel_id="C1"))
    assert (pasted.pointer.kind, pasted.pointer.id) == (PointerKind.PLAYBACK, "PlayBack1d")
    assert pasted.request.asset_id == "PlayBack1d"
    chosen = rules.value_of(pasted.pointer)
    assert wanted(CaptionForm(video=chosen, channel_id="C1")).pointer.kind is PointerKind.PLAYBACK
    again = CaptionForm.of_request(pasted.request, channel_id="C1", pointer=pasted.pointer, thread_ts="1.2")
    assert again == CaptionForm(video=chosen, channel_id="C1", thread_ts="1.2")


def test_a_pasted_asset_id_needs_no_looking_up():
    assert wanted(CaptionForm(link=f" <{ASSET}> ", channel_id="C1")).pointer.kind is PointerKind.ASSET


def test_the_same_video_chosen_and_pasted_is_no_mistake():
    assert wanted(GOOD.changed(link=ASSET)).request.asset_id == ASSET


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        (GOOD.changed(video=""), "video", "Choose a video here"),
        (GOOD.changed(link="An0therAsset"), "link", "Empty one of the two"),
        (
            GOOD.changed(link="https://youtu.be/x"),
            "link",
            "\u201chttps://youtu.be/x\u201d is a link to YouTube",
        ),
        (GOOD.changed(video="not an id"), "link", "a space"),
        (GOOD.changed(language="klingonish"), "language", "is not a language"),
        (GOOD.changed(track_name="n" * 300), "track_name", "at most 255"),
        (GOOD.changed(phrases=("p" * 51,)), "phrases", "at most 50"),
        (GOOD.changed(phrases=("a{b",)), "phrases", "Leave"),
        (GOOD.changed(upload_to_mux=False, replace=Replace.ALL), "replace", "none can be replaced"),
        (GOOD.changed(channel_id=""), "channel", "Choose where"),
    ],
)
def test_a_mistake_is_told_at_its_field(form, field, said):
    found = sentences(form)
    assert set(found) == {field}
    assert said in found[field]


def test_every_mistake_is_told_at_once():
    form = CaptionForm(language="klingonish", track_name="n" * 300, phrases=("p" * 51,))
    assert set(sentences(form)) == {"video", "language", "track_name", "phrases", "channel"}


def test_what_is_accepted_with_a_warning_carries_it():
    assert "49" in wanted(GOOD.changed(phrases=("p" * 50,))).warnings[0]


def test_a_form_is_compared_with_a_video_before_it_is_complete():
    form = CaptionForm(language="en", track_name=" ", upload_to_mux=False)
    assert rules.request_of(form, "A") == CaptionRequest(
        asset_id="A", language_code="en", upload_to_mux=False
    )
