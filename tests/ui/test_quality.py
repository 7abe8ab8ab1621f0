from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.cues import Captions, Cue, FormatProblem
from bot.rules.quality import NOT_JUDGED, Report, check, profile
from bot.ui import quality
from bot.ui.blocks import message

LINK = "https://player.mux.com/pb1?time="
NASTY = "<!channel> `x` *y* <https://evil.example|Click> \u202egnirts & " + "z" * 300


def captions(*texts: str) -> tuple[Cue, ...]:
    return tuple(
        Cue(index=n + 1, start_ms=n * 3_000, end_ms=n * 3_000 + 2_800, text=text)
        for n, text in enumerate(texts)
    )


def report_of(
    *texts: str,
    phrases: tuple[str, ...] = (),
    speakers: bool = False,
    seconds: float | None = 12,
    problems: tuple[FormatProblem, ...] = (),
    name: str = "netflix-en",
) -> Report:
    return check(
        Captions(cues=captions(*texts), problems=problems),
        profile=profile(name, "en"),
        language="en",
        duration_seconds=seconds,
        phrases=phrases,
        speakers=speakers,
    )


def texts_of(report: Report, video_link: str = LINK) -> list[str]:
    return [
        text["text"]
        for block in quality.summary(report, video_link=video_link)
        for text in ([block["text"]] if "text" in block else block["elements"])
    ]


@pytest.fixture
def faulty() -> Report:
    fast = "This is much more than anybody on earth could hope to read in so short a time."
    wanted = ("Inter-Asterisk Exchange", "We", "WebRTC")
    return report_of("Hello.", fast, "[Ann] We use enter asterisk exchange.", phrases=wanted, speakers=True)


def test_a_clean_file_is_told_in_one_sentence_and_with_what_is_not_known(takes):
    report = report_of("Hello there.")

    shown = texts_of(report)
    takes(message(quality.spoken(report), quality.summary(report)))
    assert shown == [
        (
            "1 caption in 0:12, measured by the limits of *Netflix, English, adult programmes*: "
            "nothing to point out."
        ),
        (
            "Captions are on screen for 23% of the video; the longest span without any is 0:09 from 0:02. "
            "Reading speed: mostly 4.3 characters a second, at most 4.3."
        ),
        NOT_JUDGED,
    ]


def test_faults_are_counted_in_words_and_the_worst_come_with_links_into_the_video(faulty: Report, takes):
    shown = texts_of(faulty)

    takes(message(quality.spoken(faulty), quality.summary(faulty, video_link=LINK)))
    assert shown[0].endswith(": 1 caption to be read too fast and 1 caption with too long a line.")
    assert shown[1] == (
        "*Worth looking at first:*\n"
        "• <https://player.mux.com/pb1?time=3|0:03>, caption 2: a line of 78 characters (at most 42) and "
        "27.9 characters a second (at most 20): “This is much more than anybody on earth could "
        "hope to read in so shor…”"
    )
    assert "Speakers: Ann." in shown[3]


def test_without_a_public_video_there_are_times_and_no_links(faulty: Report):
    shown = texts_of(faulty, "")

    assert "• 0:03, caption 2:" in shown[1]
    assert "http" not in json.dumps(shown)


def test_phrases_are_told_as_found_or_missed_with_what_stands_there(faulty: Report):
    assert texts_of(faulty)[2] == (
        "*Phrases:* 1 of 3 found in the captions: `We`.\n"
        "Not found, which is right where they are not spoken:\n"
        "• `Inter-Asterisk Exchange`: at 0:06 stands “enter asterisk exchange”\n"
        "• `WebRTC`"
    )
    assert "1 of 1 found in the captions: `Hello`." in texts_of(report_of("Hello.", phrases=("Hello",)))[1]
    many = tuple(f"phrase number {number}q" for number in range(20))
    assert "• 12 more are in the full report." in texts_of(report_of("Hello.", phrases=many))[1]
    assert "0 of 20 found in the captions.\n" in texts_of(report_of("Hello.", phrases=many))[1]


def test_an_odd_file_is_told_with_its_first_problem():
    odd = FormatProblem(line=3, message="A caption has no number.", excerpt="00:00", times=2)

    assert "line 3: A caption has no number." in json.dumps(texts_of(report_of("Hi.", problems=(odd,))))
    assert "1 more in the full report." in json.dumps(texts_of(report_of("Hi.", problems=(odd, odd))))


def test_a_full_cover_and_an_unknown_length_are_told_as_such():
    whole = report_of("Hello.", seconds=2.8)

    assert "Captions are on screen for 100% of the video. Reading" in texts_of(whole)[1]
    assert "on screen for" not in json.dumps(texts_of(report_of("Hello.", seconds=None)))
    assert len(quality.summary(report_of(seconds=None))) == 3


def test_the_full_report_has_limits_sources_phrases_and_every_finding(faulty: Report):
    odd = FormatProblem(line=3, message="A caption has no number.", excerpt="00:00", times=2)
    text = quality.full(replace(faulty, problems=(odd, replace(odd, excerpt="", times=1))))

    assert text.startswith(
        "Caption quality report\n\n3 captions in 0:12, measured by the limits of Netflix, English"
    )
    for part in (
        NOT_JUDGED,
        "- Reading speed: at most 20 characters a second, spaces and line breaks included",
        "- On screen: at least 833 ms",
        "https://partnerhelp.netflixstudios.com/hc/en-us/articles/217350977",
        "- 1 caption to be read too fast",
        " words.",
        "- Speakers: Ann.",
        "- We: found once, first at 0:06",
        "- WebRTC: not found\n",
        "- Inter-Asterisk Exchange: not found; at 0:06 stands “enter asterisk exchange”",
        "- Line 3: A caption has no number. (2 times) There: 00:00",
        "- Line 3: A caption has no number.\n",
        "- 0:03, caption 2: 27.9 characters a second (at most 20)",
    ):
        assert part in text
    assert "found 2 times" in quality.full(report_of("Mux", "Mux", phrases=("Mux",)))
    assert "- nothing to point out" in quality.full(report_of("Hi."))
    assert "at least 1000 ms or none" in quality.full(report_of("Hi.", name="bbc"))


def test_no_report_says_that_captions_meet_a_law(faulty: Report):
    said = quality.full(faulty) + json.dumps(quality.summary(faulty)) + quality.spoken(faulty)

    assert "complian" not in said.casefold()
    assert "wcag" not in said.casefold()


def test_text_of_others_pings_nobody_and_stays_within_slacks_limits(takes):
    many = tuple(f"{n} {NASTY}"[:50] for n in range(100))
    report = report_of(*([NASTY] * 30), phrases=many, speakers=True, seconds=2)

    told = message(quality.spoken(report), quality.summary(report, video_link=LINK))

    takes(told)
    assert "<!" not in json.dumps(told.blocks)
    assert "\u202e" not in quality.full(report)


@given(st.lists(st.text(max_size=80), max_size=8), st.lists(st.text(min_size=1, max_size=50), max_size=5))
def test_any_captions_can_be_told(takes, texts: list[str], phrases: list[str]):
    report = report_of(*texts, phrases=tuple(phrases))

    takes(message(quality.spoken(report), quality.summary(report, video_link=LINK)))
    assert quality.full(report)
