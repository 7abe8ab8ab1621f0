from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.rules.cues import Cue
from bot.rules.quality import profile
from bot.ui import timeline

ENGLISH = profile("netflix-en", "en")
FAST = (0xC8, 0x50, 0x1E)
CALM = (0x3F, 0x7F, 0xBF)


def cues(*speeds: int, each_ms: int = 2_000) -> tuple[Cue, ...]:
    return tuple(
        Cue(
            index=n + 1,
            start_ms=n * each_ms,
            end_ms=(n + 1) * each_ms - 100,
            text="x" * (speed * each_ms // 1_000),
        )
        for n, speed in enumerate(speeds)
    )


def opened(picture: timeline.Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.png))
    assert image.format == "PNG"
    assert image.size == (timeline.WIDTH, timeline.HEIGHT)
    return image.convert("RGB")


def colours(picture: timeline.Picture) -> set[tuple[int, ...]]:
    found = opened(picture).getcolors(1_000_000) or []
    return {colour for _, colour in found if isinstance(colour, tuple)}


def near(colour: tuple[int, ...], others: set[tuple[int, ...]]) -> bool:
    return any(sum(abs(a - b) for a, b in zip(colour, other, strict=True)) < 12 for other in others)


def test_captions_above_the_limit_have_their_own_colour_and_are_told_in_words():
    picture = timeline.draw(cues(10, 30, 12), ENGLISH, "Launch keynote", duration_seconds=6)

    assert near(FAST, colours(picture))
    assert picture.alt == (
        "Reading speed of Launch keynote over 0:06. Mostly 13 characters a second, at most 32 at 0:02. "
        "1 of 3 captions is above the limit of 20."
    )
    two = timeline.draw(cues(30, 30, 12), ENGLISH, "").alt
    assert "2 of 3 captions are above the limit of 20." in two


def test_captions_within_the_limit_are_all_calm():
    picture = timeline.draw(cues(10, 12), ENGLISH, "")

    assert near(CALM, colours(picture))
    assert not near(FAST, colours(picture))
    assert picture.alt == (
        "Reading speed over 0:03. Mostly 12 characters a second, at most 13 at 0:02. "
        "No caption is above the limit of 20."
    )


def test_long_spans_without_captions_are_shaded_and_told():
    picture = timeline.draw(cues(10, 10), ENGLISH, "", duration_seconds=60)

    assert opened(picture).getpixel((1_300, 200)) != (255, 255, 255)
    assert picture.alt.endswith("The longest span without captions is 0:56 from 0:03.")


@pytest.mark.parametrize("seconds", [12, 40, 400, 4_000, 40_000, 400_000])
def test_spans_of_any_length_find_room_for_their_words_or_have_none(seconds: int):
    assert opened(timeline.draw(cues(10, 10), ENGLISH, "", duration_seconds=seconds))
    late = (
        *cues(10),
        Cue(index=2, start_ms=(seconds + 11) * 1_000, end_ms=(seconds + 13) * 1_000, text="Late"),
    )
    far = timeline.draw(late, ENGLISH, "", duration_seconds=seconds * 20)
    assert opened(far)


def test_a_few_captions_that_nobody_could_read_do_not_flatten_the_others():
    picture = opened(timeline.draw(cues(10, 900, 10, 10), ENGLISH, ""))

    # At a scale that held 900 characters a second, 10 would not be seen at all.
    column = picture.crop((200, 120, 201, 486))
    assert sum(near(CALM, {column.getpixel((0, y))}) for y in range(column.height)) > 50  # type: ignore[arg-type]  # an RGB picture


def test_without_a_limit_speeds_are_drawn_in_characters():
    picture = timeline.draw(cues(10, 12), profile("bbc", "ja"), "")

    assert picture.alt == "Reading speed over 0:03. Mostly 12 characters a second, at most 13 at 0:02."
    assert not near(FAST, colours(picture))
    words = tuple(Cue(index=1, start_ms=0, end_ms=2_000, text="Five words in two seconds.") for _ in range(1))
    assert "150 words a minute" in timeline.draw(words, profile("bbc", "en"), "").alt


def test_no_captions_give_an_empty_picture_that_says_so():
    picture = timeline.draw((), ENGLISH, "Silence", duration_seconds=5)

    assert picture.alt == "Reading speed of Silence over 0:05. There are no captions to measure."
    assert opened(picture)


def test_a_title_is_left_out_of_the_picture_where_it_cannot_be_drawn():
    without = timeline.draw(cues(10), ENGLISH, "")

    for title in ("字幕", "تجربة", "Größe", "👍🏽", "\u202e \x00"):
        assert timeline.draw(cues(10), ENGLISH, title).png == without.png
    assert timeline.draw(cues(10), ENGLISH, "Launch \u2013 keynote").png != without.png
    assert "字幕" in timeline.draw(cues(10), ENGLISH, "字幕").alt


def test_a_long_title_is_cut_so_that_it_fits():
    picture = timeline.draw(cues(10), ENGLISH, "A keynote that goes on " * 40)

    assert {opened(picture).getpixel((x, 40)) for x in range(timeline.WIDTH - 120, timeline.WIDTH)} == {
        (255, 255, 255)
    }
    assert len(picture.alt) < 500


def test_in_a_long_video_only_what_is_above_the_limit_is_marked():
    many = timeline.draw(cues(*([10, 30] * 600)), ENGLISH, "")

    image = opened(many)
    assert near(FAST, colours(many))
    assert near(CALM, {image.getpixel((700, 480))})  # type: ignore[arg-type]  # an RGB picture


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(-5_000, 90_000), st.integers(-5_000, 90_000), st.text(max_size=40)), max_size=12
    ),
    st.text(max_size=60),
)
def test_any_captions_can_be_drawn(drawn: list[tuple[int, int, str]], title: str):
    made = tuple(Cue(index=n, start_ms=a, end_ms=b, text=text) for n, (a, b, text) in enumerate(drawn, 1))

    assert opened(timeline.draw(made, ENGLISH, title))


def test_a_pause_that_is_no_wider_than_a_hair_is_not_shaded():
    long = Cue(index=1, start_ms=0, end_ms=9_000_000, text="Long")
    late = Cue(index=2, start_ms=9_011_000, end_ms=9_012_000, text="Late")

    picture = timeline.draw((long, late), ENGLISH, "")

    assert picture.alt.endswith("The longest span without captions is 0:11 from 2:30:00.")
    # Between two lines of the grid, across the pause.
    assert {opened(picture).getpixel((x, 160)) for x in range(1_450, 1_470)} == {(255, 255, 255)}
