"""A channel's options: checked like a request, and merged with what a person asks for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.rules import limits
from bot.rules.channel import ChannelOptions, Checked, SettingsForm, check, filled_in, merged
from bot.rules.form import CaptionForm, FormErrors
from bot.rules.request import CaptionRequest

PHRASES = st.lists(st.text("abAB", min_size=1, max_size=4), max_size=100, unique=True).map(tuple)
OPTIONS = st.builds(
    ChannelOptions,
    language_code=st.sampled_from([None, "en", "pt-BR"]),
    phrases=PHRASES,
    include_speakers=st.booleans(),
    include_words=st.booleans(),
)
REQUESTS = st.builds(CaptionRequest, asset_id=st.just("asset1"), phrases=PHRASES)


@given(request=REQUESTS, options=OPTIONS)
def test_a_merged_request_stays_within_the_limits_and_keeps_what_the_person_gave(request, options):
    found = merged(request, options)
    phrases = found.request.phrases
    assert phrases == (*request.phrases, *found.added)
    assert limits.check(asset_id="asset1", phrases=phrases).request.phrases == phrases
    assert found.request.changed(phrases=()) == request.changed(phrases=())
    left_out = {each.casefold() for each in options.phrases} - {each.casefold() for each in phrases}
    assert bool(left_out) == bool(found.warnings)


@given(request=REQUESTS, options=OPTIONS)
def test_merging_again_changes_nothing(request, options):
    once = merged(request, options).request
    again = merged(once, options)
    assert (again.request, again.added) == (once, ())


@given(options=OPTIONS)
def test_options_survive_being_stored_and_being_shown(options):
    assert ChannelOptions.from_json(options.to_json()) == options
    form = SettingsForm.of(options, channel_id="C1")
    assert check(form) == Checked(options=options)


def test_the_persons_own_spelling_of_a_phrase_stays():
    found = merged(
        CaptionRequest(asset_id="a", phrases=("mux",)), ChannelOptions(phrases=("Mux", "HLS", "hls"))
    )
    assert (found.request.phrases, found.added) == (("mux", "HLS"), ("HLS",))


def test_phrases_that_find_no_room_are_named():
    own = tuple(f"own {number}" for number in range(99))
    found = merged(CaptionRequest(asset_id="a", phrases=own), ChannelOptions(phrases=("One", "Two", "Three")))
    assert found.added == ("One",)
    assert found.warnings == (
        "Mux takes at most 100 phrases, so these of the channel's were left out: `Two`, `Three`.",
    )
    many = ChannelOptions(phrases=tuple(f"new {number}" for number in range(20)))
    (warning,) = merged(CaptionRequest(asset_id="a", phrases=own), many).warnings
    assert warning.endswith("`new 10` and 9 more.")


def test_every_mistake_is_told_at_its_field():
    found = check(SettingsForm(language="klingonish", phrases=("x" * 51,)))
    assert isinstance(found, FormErrors)
    assert set(found.sentences) == {"language", "phrases"}
    assert "51 characters" in found.sentences["phrases"]


def test_what_is_accepted_with_a_doubt_is_said():
    found = check(SettingsForm(language="English", phrases=("x" * 50, " Mux ")))
    assert isinstance(found, Checked)
    assert found.options == ChannelOptions(language_code="en", phrases=("x" * 50, "Mux"))
    assert "more than 49" in found.warnings[0]


def test_an_untouched_form_begins_with_the_channels_options():
    options = ChannelOptions(language_code="de", phrases=("Mux",), include_speakers=True, include_words=True)
    assert filled_in(CaptionForm(channel_id="C1", video="a"), options) == CaptionForm(
        channel_id="C1", video="a", language="de", phrases=("Mux",), include_speakers=True, include_words=True
    )
    assert filled_in(CaptionForm(), ChannelOptions()) == CaptionForm()
