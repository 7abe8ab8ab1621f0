"""Options of selects: readable whatever the data, found by what people type."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import languages
from bot.rules.video import Video
from bot.ui import pickers


def shown(option: dict[str, dict[str, str]]) -> str:
    return option["text"]["text"]


def test_a_video_is_told_by_title_length_state_and_day():
    video = Video(
        asset_id="a", title="Launch", duration_seconds=3_725.4, status="ready", created_at=1_795_305_600.0
    )
    assert shown(pickers.video_option(video)) == "Launch · 1:02:05 · ready · 22 Nov 2026"
    live = Video(asset_id="a", title="Town hall", status="ready", is_live=True)
    assert shown(pickers.video_option(live)) == "Town hall · live"
    assert shown(pickers.video_option(Video(asset_id="As5et1d"))) == "As5et1d"


def test_a_long_title_leaves_the_rest_readable():
    video = Video(asset_id="a", title="T" * 500, duration_seconds=61, status="ready")
    text = shown(pickers.video_option(video))
    assert len(text) == 75
    assert text.endswith("… · 1:01 · ready")


def test_a_title_that_runs_right_to_left_does_not_turn_the_rest_around():
    text = shown(pickers.video_option(Video(asset_id="a", title="שלום עולם" * 20, duration_seconds=61)))
    assert text.startswith("\u2068")
    assert text.endswith("\u2069 · 1:01")
    assert len(text) <= 75


@given(data=st.data())
def test_an_option_is_within_slacks_limits_whatever_the_video_is_called(data, draw_text):
    wild = draw_text(500)
    video = data.draw(
        st.builds(
            Video,
            asset_id=wild,
            title=wild,
            duration_seconds=st.one_of(st.none(), st.floats(-1, 1e9)),
            status=wild,
            is_live=st.booleans(),
            created_at=st.one_of(st.none(), st.floats(-1e12, 1e12)),
        )
    )
    text = shown(pickers.video_option(video))
    assert 1 <= len(text.encode("utf-16-le")) // 2 <= 75
    assert text.strip()


def test_nothing_typed_offers_detection_first_and_no_more_than_slack_takes():
    options = pickers.language_options("")
    assert options[0]["value"] == pickers.DETECT
    assert options[1]["value"] == "en"
    assert len(options) == 100
    assert len({option["value"] for option in options}) == 100


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("auto", "auto"),
        ("det", "auto"),
        ("germ", "de"),
        ("DE", "de"),
        ("pt_br", "pt-BR"),
        ("brazilian portuguese", "pt-BR"),
        ("flemish", "nl-BE"),
        ("pt-AO", "pt-AO"),
        ("Swiss", None),
        ("klingonish", None),
        ("<!channel>", None),
        ("x" * 4_000, None),
        ("\u202eEnglish", "en"),
    ],
)
def test_a_language_is_found_by_any_spelling(query, first):
    options = pickers.language_options(query)
    assert (options[0]["value"] if options else None) == first


@given(st.text())
def test_every_language_that_is_offered_is_one_that_a_job_can_have(query):
    options = pickers.language_options(query)
    assert len(options) <= 100
    json.dumps(options).encode()
    for option in options:
        assert 1 <= len(shown(option)) <= 75
        assert option["value"] == pickers.DETECT or languages.normalise(languages.typed(option["value"]))


def test_every_language_with_a_name_is_found_by_it():
    for tag, name in languages.all_languages():
        assert tag in [option["value"] for option in pickers.language_options(name)], name


def test_a_code_or_a_later_word_half_typed_is_found_before_letters_in_the_middle():
    """Chinese by its code; the languages of a place by the place."""
    assert "zh" in [found["value"] for found in pickers.language_options("zh")]
    halves = [found["value"] for found in pickers.language_options("braz")]
    middles = [found["value"] for found in pickers.language_options("azil")]

    assert "pt-BR" in halves
    assert "pt-BR" in middles
