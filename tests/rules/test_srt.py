from __future__ import annotations

from datetime import timedelta

import pytest
import srt as other
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotCaptions
from bot.rules import srt
from bot.rules.cues import Cue
from bot.rules.vtt import read_vtt

MOST_MS = 999 * 3_600_000
LINES = st.one_of(
    st.sampled_from(
        [
            "42",
            "-7",
            "12:30",
            "a --> b",
            "00:00:01,000 --> 00:00:02,000",
            "1:2 -> 3:4",
            "0:00:01 → 0:00:02",
            "WEBVTT",
            "NOTE",
            "<i>Hi</i> & <b>bye</b>",
            "&amp; <script>",
            "שלום",
            "字幕",
            "{\\an8}Up",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60),
).map(str.strip)
TEXTS = st.lists(LINES.filter(bool), max_size=3).map("\n".join)


@st.composite
def files(draw: st.DrawFn) -> tuple[Cue, ...]:
    times = draw(
        st.lists(st.tuples(st.integers(0, MOST_MS), st.integers(0, MOST_MS), TEXTS), min_size=1, max_size=6)
    )
    return tuple(
        Cue(index=number, start_ms=start, end_ms=end, text=text)
        for number, (start, end, text) in enumerate(times, 1)
    )


def words(cue: Cue) -> tuple[int, int, int, str]:
    return cue.index, cue.start_ms, cue.end_ms, cue.text.replace("\u2060", "")


@given(files())
def test_what_is_written_is_read_back_as_it_was(cues: tuple[Cue, ...]):
    read = srt.read(srt.to_srt(cues).encode())

    # Only a line that would be taken for a time gets its invisible mark.
    assert list(map(words, read.cues)) == list(map(words, cues))
    assert read.problems == ()
    assert srt.read(srt.to_srt(read.cues).encode()) == read


@given(files())
def test_web_players_are_given_the_same_cues_and_no_markup_of_others(cues: tuple[Cue, ...]):
    written = srt.to_vtt(cues)

    assert written.startswith("WEBVTT\n")
    assert written.count("-->") == len(cues)
    for tag in ("<i>", "</i>", "<b>", "</b>", "<u>", "</u>"):
        written = written.replace(tag, "")
    assert "<" not in written
    read = read_vtt(srt.to_vtt(cues).encode()).cues
    assert [(cue.start_ms, cue.end_ms, shape(cue.text)) for cue in read] == [
        (cue.start_ms, cue.end_ms, shape(cue.text)) for cue in cues
    ]


def shape(text: str) -> str:
    """Return a text as far as WebVTT keeps it: lower-case tags, and no blanks at the ends of lines."""
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line).replace("<I>", "<i>").replace("</I>", "</i>")


@given(files())
def test_another_reader_finds_the_same_cues_in_what_we_write(cues: tuple[Cue, ...]):
    plain = tuple(
        Cue(index=cue.index, start_ms=cue.start_ms, end_ms=cue.end_ms, text="Hello.") for cue in cues
    )

    found = list(other.parse(srt.to_srt(plain)))

    assert [
        (cue.start // timedelta(milliseconds=1), cue.end // timedelta(milliseconds=1)) for cue in found
    ] == [(cue.start_ms, cue.end_ms) for cue in plain]


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_either_captions_or_refused(raw: bytes):
    try:
        captions = srt.read(raw)
    except NotCaptions as refused:
        assert str(refused)  # noqa: PT017 - either outcome is right
    else:
        assert captions.cues


@given(
    st.lists(
        st.sampled_from(["1", "2", "", " ", "00:00:01,000 --> 00:00:02,000", "00:00:0", "x", "-->"]),
        max_size=12,
    )
)
def test_pieces_of_captions_in_any_order_are_either_captions_or_refused(lines: list[str]):
    try:
        captions = srt.read("\n".join(lines).encode())
    except NotCaptions as refused:
        assert refused.code in {"no_cues", "empty"}  # noqa: PT017 - either outcome is right
    else:
        assert all((cue.start_ms, cue.end_ms) == (1_000, 2_000) for cue in captions.cues)


@pytest.mark.parametrize(
    ("line", "start_ms", "end_ms"),
    [
        ("00:00:01,000 --> 00:00:02,500", 1_000, 2_500),
        ("0:00:01.5 --> 0:00:02.50", 1_500, 2_500),
        ("00:01,500-->00:02,500", 1_500, 2_500),
        ("00:00:01 -> 00:00:02", 1_000, 2_000),
        ("00:00:01:500 --> 00:00:02:500", 1_500, 2_500),
        ("00：00：01，500 → 00：00：02，500", 1_500, 2_500),  # noqa: RUF001 - full-width signs are meant
        ("100:00:00,000 --> 101:00:00,000", 360_000_000, 363_600_000),
        ("  00:00:01,000 --> 00:00:02,500 position:50%", 1_000, 2_500),
        ("00:00:01,000 --&gt; 00:00:02,500", 1_000, 2_500),
    ],
)
def test_times_are_read_in_all_their_forms(line: str, start_ms: int, end_ms: int):
    (cue,) = srt.read(f"1\n{line}\nHello\n".encode()).cues

    assert (cue.start_ms, cue.end_ms, cue.text) == (start_ms, end_ms, "Hello")


def test_a_problem_that_comes_often_is_said_once_with_its_first_line_and_count():
    blocks = "".join(
        f"{number}\n00:00:0{number}.000 --> 00:00:0{number}.500\nHi\n\n" for number in range(1, 6)
    )

    (problem,) = srt.read(blocks.encode()).problems

    assert (problem.line, problem.times, problem.excerpt) == (2, 5, "00:00:01.000 --> 00:00:01.500")


def test_empty_lines_in_a_text_are_not_written_because_they_would_end_the_cue():
    cue = Cue(index=1, start_ms=0, end_ms=1_000, text="One\n\n  \nTwo")

    assert srt.to_srt([cue]) == "1\n00:00:00,000 --> 00:00:01,000\nOne\nTwo\n"
    assert srt.to_vtt([cue]) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nOne\nTwo\n"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"WEBVTT\n", "empty"),
        (b"WEBVTT\n\nNOTE nobody speaks\n\nSTYLE\n::cue {}\n", "empty"),
        (b"<html></html>", "markup"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHi", "other_format"),
        (b"WEBVTT\n\n00:xx --> 00:02.000\nHi", "no_cues"),
    ],
)
def test_what_is_no_webvtt_is_refused(raw: bytes, code: str):
    with pytest.raises(NotCaptions) as refused:
        read_vtt(raw)

    assert refused.value.code == code


def test_webvtt_is_read_with_hours_or_without_names_settings_and_entities():
    raw = (
        "\ufeffWEBVTT - made by Mux\nKind: captions\n\nNOTE\nnot shown\n\n"
        "intro\n00:01.000 --> 00:02.500 align:start line:90%\n  <i>Fish</i> &amp; chips &lt;3\n\n"
        "00:00:xx.000 --> 00:00:04.000\nlost\n\njust text\n\n"
        "01:00:03.000 --> 01:00:04.000\nOne\nTwo"
    ).encode()

    captions = read_vtt(raw)

    assert [(cue.index, cue.start_ms, cue.end_ms, cue.text) for cue in captions.cues] == [
        (1, 1_000, 2_500, "<i>Fish</i> & chips <3"),
        (2, 3_603_000, 3_604_000, "One\nTwo"),
    ]
    assert [(problem.line, problem.excerpt) for problem in captions.problems] == [
        (11, "00:00:xx.000 --> 00:00:04.000")
    ]
