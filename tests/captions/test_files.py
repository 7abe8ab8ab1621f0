"""Hand-made SRT files whose faults are known: each is found with its cue, and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from bot.rules import srt
from bot.rules.quality import Kind, Report, check, describe, profile, tally

FILES: Final = Path(__file__).parent / "files"

LANGUAGES: Final = {
    "japanese": "ja",
    "chinese": "zh-Hans",
    "korean": "ko",
    "arabic": "ar",
    "hebrew": "he",
    "hindi": "hi",
    "thai": "th",
}
DURATIONS: Final = {"past-end": 6.0, "uncaptioned": 80.0, "clean": 15.0}
PHRASES: Final = ("Inter-Asterisk Exchange", "Digium", "PBX", "WebRTC", "Web Real-Time")

# The file, the number that it gives the cue, and what was measured there.
KNOWN: Final[dict[str, list[tuple[Kind, int, float | None]]]] = {
    "arabic": [(Kind.TOO_FAST, 3, 34)],
    "bbc": [
        (Kind.SMALL_GAP, 3, 500),
        (Kind.LINE_TOO_LONG, 4, 44),
        (Kind.TOO_FAST, 4, 400),
        (Kind.TOO_SHORT, 4, 1_500),
    ],
    "chinese": [(Kind.LINE_TOO_LONG, 2, 19), (Kind.TOO_FAST, 3, 14)],
    "clean": [],
    "dcmp": [(Kind.TOO_SHORT, 2, 1_500), (Kind.LINE_TOO_LONG, 3, 36), (Kind.TOO_FAST, 4, 288)],
    "empty": [(Kind.EMPTY, 2, 0), (Kind.EMPTY, 3, 0)],
    "hebrew": [],
    "hindi": [(Kind.TOO_FAST, 2, 30)],
    "japanese": [(Kind.LINE_TOO_LONG, 2, 20), (Kind.TOO_FAST, 3, 9)],
    "korean": [(Kind.LINE_TOO_LONG, 2, 25.5)],
    "long-line": [(Kind.LINE_TOO_LONG, 2, 47)],
    "lost-characters": [(Kind.BROKEN_TEXT, 2, 2)],
    "no-time": [(Kind.NO_TIME, 2, 0), (Kind.NO_TIME, 3, -100)],
    "out-of-order": [(Kind.OUT_OF_ORDER, 3, 4_000)],
    "overlap": [(Kind.OVERLAP, 2, 200)],
    "past-end": [(Kind.PAST_END, 3, 2_600)],
    "phrases": [],
    "repeated": [(Kind.REPEATED, 3, 3), (Kind.REPEATED, 4, 3)],
    "several": [
        (Kind.LINE_TOO_LONG, 1, 70),
        (Kind.TOO_FAST, 1, 140),
        (Kind.TOO_SHORT, 1, 500),
        (Kind.TOO_MANY_LINES, 2, 3),
        (Kind.TOO_LONG, 2, 8_600),
        (Kind.OVERLAP, 2, 100),
        (Kind.SMALL_GAP, 3, 50),
    ],
    "small-gaps": [(Kind.SMALL_GAP, 2, 0), (Kind.SMALL_GAP, 3, 50)],
    "speakers": [],
    "thai": [(Kind.LINE_TOO_LONG, 2, 41)],
    "three-lines": [(Kind.TOO_MANY_LINES, 2, 3)],
    "too-fast": [(Kind.TOO_FAST, 2, 30)],
    "too-long": [(Kind.TOO_LONG, 2, 8_000)],
    "too-short": [(Kind.TOO_SHORT, 2, 600)],
    "uncaptioned": [(Kind.UNCAPTIONED, 2, 41_800), (Kind.UNCAPTIONED, 3, 30_800)],
}


def measured(name: str) -> Report:
    captions = srt.read((FILES / f"{name}.srt").read_bytes())
    chosen = name if name in {"bbc", "dcmp"} else "netflix-en"
    return check(
        captions,
        profile=profile(chosen, LANGUAGES.get(name, "en")),
        language=LANGUAGES.get(name, "en"),
        duration_seconds=DURATIONS.get(name),
        phrases=PHRASES if name == "phrases" else (),
        speakers=name == "speakers",
    )


def test_every_file_has_its_faults_written_down():
    assert sorted(path.stem for path in FILES.glob("*.srt")) == sorted(KNOWN)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_each_known_fault_is_found_with_its_cue_and_nothing_else_is(name: str):
    report = measured(name)

    found = [(finding.kind, finding.cue, finding.measured) for finding in report.findings]
    assert found == [(kind, cue, pytest.approx(value)) for kind, cue, value in KNOWN[name]]
    assert sum(report.counts.values()) == len(found) == sum(bool(words) for words in found)
    assert report.problems == ()


@pytest.mark.parametrize("name", sorted(name for name in KNOWN if KNOWN[name]))
def test_each_finding_can_be_said_in_words(name: str):
    report = measured(name)

    assert all(tally(report))
    assert all(len(describe(finding, report.profile)) > 5 for finding in report.findings)
    assert report.worst or report.counts.keys() == {Kind.UNCAPTIONED}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_report_comes_back_from_storage_as_it_was(name: str):
    report = measured(name)

    assert Report.from_json(report.to_json()) == report


def test_the_worst_cue_comes_first_and_says_everything_that_is_wrong_with_it():
    worst = measured("several").worst

    assert [each.cue for each in worst] == [1, 2, 3]
    assert [finding.kind for finding in worst[0].findings] == [
        Kind.TOO_FAST,
        Kind.LINE_TOO_LONG,
        Kind.TOO_SHORT,
    ]
    assert worst[0].text.startswith("A very long sentence")


def test_phrases_are_found_across_cues_and_missed_ones_come_with_what_stands_there():
    exchange, digium, pbx, webrtc, web = measured("phrases").phrases

    assert (exchange.times, exchange.cue) == (1, 2)
    assert (digium.times, web.times, web.cue) == (1, 1, 4)
    assert (pbx.times, pbx.near, pbx.cue, pbx.at_ms) == (0, "P.B.X", 3, 7_200)
    assert (webrtc.times, webrtc.near, webrtc.cue) == (0, "", None)


def test_speakers_are_named_and_sounds_in_brackets_are_none():
    assert measured("speakers").speakers == ("speaker_0", "speaker_1")
    assert measured("clean").speakers == ()
