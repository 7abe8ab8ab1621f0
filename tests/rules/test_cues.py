from __future__ import annotations

import pytest

from bot.rules.cues import Cue, label, moment, seen, spoken, stamp
from bot.rules.transcript import to_text
from bot.rules.width import characters, columns, full_widths, is_letter, is_unspaced


@pytest.mark.parametrize(
    ("text", "visible", "said", "name"),
    [
        ("Hello there.", "Hello there.", "Hello there.", None),
        ("<i>Hello</i>\n  there. ", "Hello\nthere.", "Hello\nthere.", None),
        ("{\\an8}<font color='red'>Up</font>", "Up", "Up", None),
        ("<v Ann>Hi <00:01.000>you", "Hi you", "Hi you", None),
        ("2 < 3 > 1 {so}", "2 < 3 > 1 {so}", "2 < 3 > 1 {so}", None),
        ("[speaker_0] Hi", "[speaker_0] Hi", "Hi", "speaker_0"),
        ("<i>[Mira]:\nHi</i>", "[Mira]:\nHi", "Hi", "Mira"),
        ("[music]", "[music]", "[music]", None),
        ("We [laughs] do", "We [laughs] do", "We [laughs] do", None),
        ("", "", "", None),
    ],
)
def test_tags_are_not_seen_and_names_are_not_spoken(text: str, visible: str, said: str, name: str | None):
    assert (seen(text), spoken(text), label(seen(text))) == (visible, said, name)


@pytest.mark.parametrize(
    ("ms", "shown"), [(-5, "0:00"), (7_999, "0:07"), (723_000, "12:03"), (3_723_000, "1:02:03")]
)
def test_positions_are_written_as_people_write_them(ms: int, shown: str):
    assert moment(ms) == shown


def test_times_are_written_as_files_write_them():
    assert stamp(3_723_004, ",") == "01:02:03,004"
    assert stamp(360_000_000, ".") == "100:00:00.000"
    assert stamp(-1, ",") == "00:00:00,000"


@pytest.mark.parametrize(
    ("text", "seen_characters", "half_columns"),
    [
        ("Hello", 5, 5),
        ("Größe", 5, 5),
        ("Gro\u0308ße", 5, 5),
        ("soft\u00adhyphen", 10, 10),
        ("字幕です", 4, 8),
        ("ｱｲｳ", 3, 3),
        ("한국어", 3, 6),
        ("\u1112\u1161\u11ab", 1, 2),
        ("مَرْحَبًا", 5, 5),
        ("\u200fשָׁבָּת\u200f", 3, 3),
        ("हिन्दी", 3, 3),
        ("ที่นี่", 2, 2),
        ("👍🏽", 1, 2),
        ("👩‍👩‍👧‍👦", 1, 2),
        ("🇩🇪🇫🇷", 2, 4),
        ("❤️", 1, 2),
        ("", 0, 0),
    ],
)
def test_a_text_is_as_long_as_it_looks(text: str, seen_characters: int, half_columns: int):
    assert (characters(text), columns(text)) == (seen_characters, half_columns)
    assert full_widths(text) == half_columns / 2


def test_letters_and_scripts_without_spaces_are_known():
    assert all(map(is_unspaced, "字かカไ。"))
    assert not any(map(is_unspaced, "aשह한 "))
    assert all(map(is_letter, "aß字7\u0301ि"))
    assert not any(map(is_letter, "- .\u200d"))


def said(*texts: str, gap_ms: int = 200) -> str:
    return to_text(
        Cue(index=n + 1, start_ms=n * 2_000, end_ms=n * 2_000 + 2_000 - gap_ms, text=text)
        for n, text in enumerate(texts)
    )


def test_a_transcript_runs_on_over_cues_and_lines():
    assert (
        said("Hello there,\n<i>all</i> of you.", "", "And goodbye.")
        == "Hello there, all of you. And goodbye.\n"
    )


def test_a_transcript_begins_a_paragraph_where_the_speaker_changes():
    shown = said(
        "[speaker_0] Hi.", "[speaker_0] You there?", "[speaker_1] Yes.", "I am.", "[speaker_0] Good."
    )

    assert shown == "speaker_0: Hi. You there?\n\nspeaker_1: Yes. I am.\n\nspeaker_0: Good.\n"


def test_a_transcript_begins_a_paragraph_behind_a_pause():
    cues = [
        Cue(index=1, start_ms=0, end_ms=1_000, text="Before."),
        Cue(index=2, start_ms=9_000, end_ms=10_000, text="After."),
    ]

    assert to_text(cues) == "Before.\n\nAfter.\n"


def test_a_transcript_puts_no_spaces_where_the_script_has_none():
    assert said("これは", "テスト\nです。", "OK.") == "これはテストです。 OK.\n"


def test_a_transcript_of_nothing_is_empty():
    assert said() == said("", "<i></i>") == ""


def test_a_long_speech_is_parted_behind_a_sentence():
    sentence = "This is one of many sentences that somebody says."

    paragraphs = said(*[f"{sentence} And", "then some."] * 20).strip().split("\n\n")

    assert len(paragraphs) == 2
    assert all(paragraph.endswith("then some.") for paragraph in paragraphs)
