"""Files that are no captions, half captions, or made to hurt: each has a clear outcome, at once."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Final

import pytest

from bot.errors import NotCaptions
from bot.rules import srt
from bot.rules.compare import compare
from bot.rules.quality import check, profile
from bot.rules.rewrap import rewrap
from bot.ui import quality, timeline
from bot.ui.mrkdwn import plain

GOOD: Final = "1\n00:00:01,000 --> 00:00:03,000\nHello there.\n\n2\n00:00:04,000 --> 00:00:06,000\nGoodbye.\n"


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("captions.srt", "0" * 1_000_000)
    return file.getvalue()


# What is refused, with the reason that programs see.
REFUSED: Final[dict[str, tuple[bytes, str]]] = {
    "nothing": (b"", "empty"),
    "only blanks": (b"\xef\xbb\xbf \r\n\t\n", "empty"),
    "an HTML error page": (b"<!DOCTYPE html>\n<html><title>403 Forbidden</title></html>", "markup"),
    "HTML behind a comment": (b"\n <!-- edge --> <html><body>00:00:01,000 --> 00:00:02,000</body>", "markup"),
    "an XML error of an object store": (
        b'<?xml version="1.0"?><Error><Code>ExpiredToken</Code></Error>',
        "markup",
    ),
    "bare XML": (b"<Error><Code>AccessDenied</Code></Error>", "markup"),
    "a script": (b"<script>alert(1)</script>", "markup"),
    "a JSON error": (b'{"error": {"type": "not_found", "messages": ["gone"]}}', "json"),
    "a JSON list": (b'[{"text": "hello"}]', "json"),
    "WebVTT": (b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "webvtt"),
    "ASS subtitles": (b"[Script Info]\nTitle: x\n[Events]\nDialogue: 0,0:00:01.00", "other_format"),
    "plain text": (b"Hello there.\nThis is a transcript.\n", "no_cues"),
    "only a number": (b"1\n", "no_cues"),
    "cut in the first times": (b"1\n00:00:01,0", "no_cues"),
    "times that are none": (b"1\n00:00:0x,000 --> 00:00:02,000\nHello\n", "no_cues"),
    "gzip, as by a content encoding that was not undone": (gzip.compress(GOOD.encode()), "binary"),
    "a gzip bomb": (gzip.compress(b"0" * 5_000_000), "binary"),
    "a ZIP": (zipped(), "binary"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "binary"),
    "50 MB": (GOOD.encode() * (50 * 1024**2 // len(GOOD)), "too_large"),
    "Latin-1": ("1\n00:00:01,000 --> 00:00:02,000\nCafé au lait\n".encode("latin-1"), "encoding"),
    "UTF-16 without its mark": (GOOD.encode("utf-16-le"), "encoding"),
    "broken UTF-16": (
        b"\xff\xfe" + "1\n".encode("utf-16-le") + b"\x00\xd8\x41\x00" + b"\x42\x00",
        "encoding",
    ),
    "noise": (bytes(range(128, 256)) * 40, "encoding"),
    "NUL bytes": (bytes(1_000), "encoding"),
    "more captions than a day has": (
        b"".join(b"%d\n00:00:01,000 --> 00:00:02,000\nHi\n\n" % n for n in range(1, 50_002)),
        "too_large",
    ),
    "a megabyte of digits": (b"1" * 1_000_000, "no_cues"),
    "a megabyte of empty lines": (b"x" + b"\n" * 1_000_000, "no_cues"),
    "a megabyte of arrows": (b"-->" * 333_000, "no_cues"),
}

# What can be read, with the texts of its cues and a part of what is said of its format.
READ: Final[dict[str, tuple[bytes, list[str], str]]] = {
    "good": (GOOD.encode(), ["Hello there.", "Goodbye."], ""),
    "a mark and CRLF": (
        b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(),
        ["Hello there.", "Goodbye."],
        "",
    ),
    "CR only": (GOOD.replace("\n", "\r").encode(), ["Hello there.", "Goodbye."], ""),
    "UTF-16": (GOOD.encode("utf-16"), ["Hello there.", "Goodbye."], ""),
    "UTF-32": (GOOD.encode("utf-32"), ["Hello there.", "Goodbye."], ""),
    "no numbers": (
        b"00:00:01,000 --> 00:00:02,000\nOne\n\n00:00:03,000 --> 00:00:04,000\nTwo\n",
        ["One", "Two"],
        "has no number",
    ),
    "wrong numbers": (
        GOOD.replace("2\n00", "7\n00").encode(),
        ["Hello there.", "Goodbye."],
        "not numbered from 1",
    ),
    "points for commas": (GOOD.replace(",", ".").encode(), ["Hello there.", "Goodbye."], "not written as"),
    "no hours": (b"1\n00:01,500 --> 00:02,500\nOne\n", ["One"], "not written as"),
    "no empty line": (
        GOOD.replace("\n\n", "\n").encode(),
        ["Hello there.", "Goodbye."],
        "no empty line before",
    ),
    "an empty line inside": (
        GOOD.replace("Hello ", "Hello\n\n").encode(),
        ["Hello\nthere.", "Goodbye."],
        "inside",
    ),
    "text before the first": (
        b"Made by me\n\n" + GOOD.encode(),
        ["Hello there.", "Goodbye."],
        "was left out",
    ),
    "a number apart": (GOOD.replace("2\n00", "2\n\n00").encode(), ["Hello there.", "Goodbye."], ""),
    "cut in the second times": (GOOD.encode()[:-35], ["Hello there."], "breaks off"),
    "cut behind a number": (GOOD.encode()[:-40], ["Hello there."], "breaks off"),
    "cut in a character": (
        "1\n00:00:01,000 --> 00:00:02,000\nCafé".encode()[:-1],
        ["Caf"],
        "middle of a character",
    ),
    "UTF-16 cut in a character": (
        "1\n00:00:01,000 --> 00:00:02,000\nOK".encode("utf-16")[:-1],
        ["O"],
        "middle of a character",
    ),
    "one unreadable time": (GOOD.replace("04,000", "0x,000").encode(), ["Hello there."], "cannot be read"),
    "a negative time": (
        GOOD.replace("00:00:01", "-00:00:01").encode(),
        ["Hello there.", "Goodbye."],
        "before the start",
    ),
    "99 minutes": (GOOD.replace("00:00:06", "00:99:06").encode(), ["Hello there.", "Goodbye."], "59 minutes"),
    "coordinates": (
        GOOD.replace("03,000", "03,000 X1:1 X2:2 Y1:3 Y2:4").encode(),
        ["Hello there.", "Goodbye."],
        "",
    ),
    "control characters": (
        GOOD.replace("there", "\x00\x1b[31mthere\x07").encode(),
        ["Hello [31mthere.", "Goodbye."],
        "Control",
    ),
    "a script in the text": (
        GOOD.replace("there", "<script>alert(1)</script>").encode(),
        ["Hello <script>alert(1)</script>.", "Goodbye."],
        "",
    ),
    "a ping in the text": (
        GOOD.replace("there", "<!channel> <@U0ANA>").encode(),
        ["Hello <!channel> <@U0ANA>.", "Goodbye."],
        "",
    ),
    "an arrow in the text": (GOOD.replace("there", "a --> b").encode(), ["Hello a --> b.", "Goodbye."], ""),
    "text turned around": (
        GOOD.replace("there", "\u202egnirts\u202c").encode(),
        ["Hello \u202egnirts\u202c.", "Goodbye."],
        "",
    ),
    "a cue of digits": (
        GOOD.replace("Hello there.", "1" * 100_000).encode(),
        ["1" * 100_000, "Goodbye."],
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_captions_is_refused_with_its_reason_and_place(name: str):
    raw, code = REFUSED[name]

    with pytest.raises(NotCaptions) as refused:
        srt.read(raw)

    assert refused.value.code == code
    assert refused.value.line >= 1
    assert len(refused.value.excerpt) <= 80
    assert str(refused.value).endswith(".")
    assert "<" not in plain(refused.value.excerpt)


@pytest.mark.parametrize("name", READ)
def test_what_can_be_read_is_read_and_what_is_odd_about_it_is_said(name: str):
    raw, texts, odd = READ[name]

    captions = srt.read(raw)

    assert [cue.text for cue in captions.cues] == texts
    said = " ".join(problem.message for problem in captions.problems)
    assert odd in said
    assert odd or not said or name == "a number apart"


@pytest.mark.parametrize("name", READ)
def test_nothing_in_a_file_pings_anybody_or_becomes_markup(name: str):
    captions = srt.read(READ[name][0])
    limits = profile("netflix-en", "en")
    phrases = ("<!channel>", "<script>")
    report = check(
        captions, profile=limits, language="en", duration_seconds=9, phrases=phrases, speakers=True
    )

    blocks = json.dumps(quality.summary(report, video_link="https://player.mux.com/p?time="))

    assert "<!" not in blocks
    assert "<@" not in blocks
    assert "<script" not in blocks
    assert "<script" not in srt.to_vtt(captions.cues)
    assert srt.to_vtt(captions.cues).count("-->") == len(captions.cues)
    assert timeline.draw(captions.cues, limits, name).png
    assert quality.full(report)
    assert compare(captions, captions).same_words
    assert rewrap(captions, limits) is None or name == "a cue of digits"


def test_times_without_hours_are_minutes_and_seconds():
    (cue,) = srt.read(READ["no hours"][0]).cues

    assert (cue.start_ms, cue.end_ms) == (1_500, 2_500)


def test_at_least_thirty_such_files_are_kept():
    assert len(REFUSED) + len(READ) >= 30
