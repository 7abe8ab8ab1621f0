from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.cues import Captions, Cue, seen
from bot.rules.quality import Kind, check, profile
from bot.rules.rewrap import rewrap

ENGLISH = profile("netflix-en", "en")
FITS = {Kind.LINE_TOO_LONG, Kind.TOO_MANY_LINES}
LONG = (
    "First there was nothing. Then somebody had the idea of writing captions for every video that they made, "
    "and soon all of the others did the same, because it helped."
)
WORDS = st.one_of(
    st.sampled_from(
        ["a", "word", "captioning", "end.", "well,", "[Ann]", "- Yes.", "字幕です。", "ก็ดี", "x" * 60]
    ),
    st.text(st.characters(categories=("Lu", "Ll", "Lo", "Mn", "Po")), min_size=1, max_size=12),
)


def one(text: str, ms: int = 6_000) -> Captions:
    return Captions(cues=(Cue(index=7, start_ms=1_000, end_ms=1_000 + ms, text=text),))


def texts(cues: tuple[Cue, ...] | None) -> list[str]:
    return [cue.text for cue in cues or ()]


def faults(cues: tuple[Cue, ...], language: str) -> set[Kind]:
    limits = profile("netflix-en", language)
    report = check(Captions(cues=cues), profile=limits, language=language, duration_seconds=None)
    return FITS & set(report.counts)


def test_what_fits_is_left_as_it_is():
    assert rewrap(one("This fits\nas it is."), ENGLISH) is None
    assert rewrap(Captions(cues=()), ENGLISH) is None
    assert rewrap(one(LONG), replace(ENGLISH, max_line=None)) is None
    assert rewrap(one(LONG), replace(ENGLISH, max_lines=None)) is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "This is a line that is a good deal longer than what fits in a line.",
            ["This is a line that is a good deal\nlonger than what fits in a line."],
        ),
        ("en", "one\ntwo\nthree", ["one two three"]),
        (
            "en",
            "Wait. This line breaks behind its comma,\nwhere readers would draw breath.\nYes.",
            ["Wait. This line breaks behind its comma,\nwhere readers would draw breath. Yes."],
        ),
        ("en", "- Who is at the door,\nplease?\n- Me.", ["- Who is at the door, please?\n- Me."]),
        (
            "en",
            "<i>So this is a very long italic line which doesn't fit.</i>",
            ["<i>So this is a very long italic\nline which doesn't fit.</i>"],
        ),
        (
            "en",
            "So <b>this</b> is a very long <i>italic</i> line, which doesn't fit.",
            ["So <b>this</b> is a very long <i>italic</i> line,\nwhich doesn't fit."],
        ),
        ("en", "x" * 60 + " yes", ["x" * 60 + "\nyes"]),
        ("ja", "この行は一行に収めるには長すぎる文です。", ["この行は一行に収める\nには長すぎる文です。"]),
        (
            "ko",
            "이 줄은 한 줄에 담기에는 너무 긴 글입니다 정말로요.",
            ["이 줄은 한 줄에 담기에는\n너무 긴 글입니다 정말로요."],
        ),
        ("th", "บรรทัดนี้ยาวเกินไปสำหรับหนึ่งบรรทัด ของทุกคนบนหน้าจอ", ["บรรทัดนี้ยาวเกินไปสำหรับหนึ่งบรรทัด\nของทุกคนบนหน้าจอ"]),
    ],
)
def test_lines_are_broken_evenly_behind_signs_and_never_inside_words(
    language: str, text: str, expected: list[str]
):
    assert texts(rewrap(one(text), profile("netflix-en", language))) == expected


def test_a_cue_that_is_too_long_becomes_several_with_time_in_proportion():
    made = rewrap(one(LONG), ENGLISH)

    assert made
    assert [cue.index for cue in made] == [1, 2]
    assert (made[0].start_ms, made[-1].end_ms) == (1_000, 7_000)
    assert made[1].start_ms - made[0].end_ms == 83
    assert " ".join(" ".join(texts(made)).split()) == LONG
    assert not faults(made, "en")


def test_people_who_speak_in_one_cue_are_parted_and_the_short_answer_keeps_its_time():
    made = rewrap(one("- Who is it that is at the door right now, please?\n- Me.", 3_000), ENGLISH)

    assert texts(made) == ["- Who is it that is at the\ndoor right now, please?", "- Me."]
    assert made
    assert min(cue.duration_ms for cue in made) >= 833


def test_italics_around_a_cue_stay_around_each_part():
    made = texts(rewrap(one(f"<i>{LONG}</i>"), ENGLISH))

    assert len(made) == 2
    assert all(text.startswith("<i>") and text.endswith("</i>") for text in made)


@pytest.mark.parametrize(
    ("text", "ms"), [(LONG, 1_500), (LONG.replace("captions", "<b>captions</b>"), 6_000), (LONG, -100)]
)
def test_a_cue_without_the_time_or_with_tags_inside_is_broken_and_not_split(text: str, ms: int):
    made = rewrap(one(text, ms), ENGLISH)

    assert made is not None
    assert len(made) == 1
    assert all(len(seen(line)) <= 42 for line in made[0].text.split("\n"))


def test_rules_where_captions_may_touch_get_no_gap():
    made = rewrap(one(LONG), profile("bbc", "en"))

    assert made
    assert made[0].end_ms == made[1].start_ms


def test_a_text_that_is_no_caption_costs_no_time():
    assert rewrap(one("word " * 100_000), ENGLISH) is None
    assert rewrap(Captions(cues=one(LONG).cues * 20_001), ENGLISH) is None


@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=25), min_size=1, max_size=3),
    st.sampled_from(["en", "ja", "th"]),
)
def test_words_are_never_changed_and_times_stay_within_the_cue(groups: list[list[str]], language: str):
    given_ = one("\n".join(" ".join(words) for words in groups))

    made = rewrap(given_, profile("netflix-en", language)) or given_.cues

    assert "".join("".join(texts(made)).split()) == "".join(given_.cues[0].text.split())
    assert (made[0].start_ms, made[-1].end_ms) == (1_000, 7_000)
    assert all(before.end_ms < after.start_ms for before, after in pairwise(made))


@given(
    st.lists(
        st.sampled_from(["a", "of", "word", "caption", "sentence.", "clause,", "understanding"]),
        min_size=1,
        max_size=40,
    )
)
def test_ordinary_words_with_enough_time_always_fit_afterwards(words: list[str]):
    given_ = one(" ".join(words), 60_000)

    made = rewrap(given_, ENGLISH) or given_.cues

    assert not faults(made, "en")
