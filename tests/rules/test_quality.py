from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadValue
from bot.rules.cues import Captions, Cue, FormatProblem
from bot.rules.quality import (
    NAMES,
    NOT_JUDGED,
    Finding,
    Kind,
    Profile,
    Report,
    check,
    describe,
    profile,
    tally,
)
from bot.rules.quality.checks import MOST_FINDINGS
from bot.rules.quality.measures import speeds

ENGLISH = profile("netflix-en", "en")
PAUSE_MS = 200


def captions(*texts: str, each_ms: int = 2_000) -> Captions:
    return Captions(
        cues=tuple(
            Cue(index=n + 1, start_ms=n * each_ms, end_ms=(n + 1) * each_ms - PAUSE_MS, text=text)
            for n, text in enumerate(texts)
        )
    )


def report_of(
    given_: Captions,
    limits: Profile = ENGLISH,
    *,
    duration_seconds: float | None = None,
    phrases: tuple[str, ...] = (),
    speakers: bool = False,
) -> Report:
    return check(
        given_,
        profile=limits,
        language=limits.language,
        duration_seconds=duration_seconds,
        phrases=phrases,
        speakers=speakers,
    )


def kinds(report: Report) -> list[Kind]:
    return [finding.kind for finding in report.findings]


def test_every_profile_names_its_pages_and_comes_back_from_storage():
    for name in NAMES:
        for language in ("en", "", "pt-BR", "ja", "ko", "zh-Hant", "yue", "ar", "hi", "th", "de"):
            chosen = profile(name, language)
            assert chosen.sources
            assert all(source.url.startswith("https://") for source in chosen.sources)
            assert Profile.from_json(json.loads(json.dumps({**chosen.to_json(), "newer": 1}))) == chosen


@pytest.mark.parametrize(
    ("language", "speed", "line", "full_width"),
    [
        ("en", 20, 42, False),
        ("en_GB", 20, 42, False),
        ("", 20, 42, False),
        ("fr", 17, 42, False),
        ("ja", 4, 13, True),
        ("ko-KR", 12, 16, True),
        ("zh-Hans", 9, 16, True),
        ("yue", 9, 16, True),
        ("ar", 20, 42, False),
        ("hi", 22, 42, False),
        ("th", 17, 35, False),
    ],
)
def test_netflix_has_its_limits_for_each_language(language: str, speed: float, line: int, full_width: bool):
    chosen = profile("netflix-en", language)

    assert (chosen.max_speed, chosen.max_line, chosen.full_width) == (speed, line, full_width)
    assert (chosen.max_lines, chosen.min_ms, chosen.max_ms, chosen.min_gap_ms) == (2, 833, 7_000, 83)
    assert chosen.name == f"netflix-{chosen.language}"


def test_rules_that_count_words_do_not_judge_speed_where_words_have_no_spaces():
    assert profile("bbc", "en").max_speed == 180
    assert (profile("bbc", "ja").max_speed, profile("bbc", "th").min_ms_a_word) == (None, None)
    assert kinds(report_of(captions("とても" * 5), profile("dcmp", "ja"))) == [Kind.TOO_SHORT]


def test_a_profile_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(BadValue) as refused:
        profile("hulu", "en")

    assert refused.value.fix == "Use netflix-en, bbc, dcmp."


def test_a_file_without_cues_gives_a_report_without_findings():
    report = report_of(Captions(cues=()), phrases=("Mux",), speakers=True)

    assert (report.cues, report.findings, report.typical_speed, report.top_speed) == (0, (), None, None)
    assert report.missed == report.phrases
    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_a_video_without_any_caption_is_one_long_span():
    report = report_of(Captions(cues=()), duration_seconds=90)

    assert report.findings == (Finding(kind=Kind.UNCAPTIONED, cue=0, at_ms=0, measured=90_000, limit=30_000),)
    assert (report.coverage.share, report.coverage.longest_ms) == (0, 90_000)


def test_coverage_counts_time_once_and_only_within_the_video():
    cues = (
        Cue(index=1, start_ms=1_000, end_ms=5_000, text="One"),
        Cue(index=2, start_ms=2_000, end_ms=3_000, text="Two"),
        Cue(index=3, start_ms=9_000, end_ms=12_000, text="Three"),
    )

    coverage = report_of(Captions(cues=cues), duration_seconds=10).coverage

    assert (coverage.captioned_ms, coverage.share) == (5_000, 0.5)
    assert (coverage.longest_ms, coverage.longest_at_ms, coverage.past_end_ms) == (4_000, 5_000, 2_000)


def test_a_caption_that_ends_with_the_video_leaves_nothing_uncaptioned():
    coverage = report_of(captions("A", each_ms=2_200), duration_seconds=2).coverage

    assert (coverage.share, coverage.longest_ms) == (1, 0)


def test_speakers_who_were_asked_for_and_never_named_are_missed():
    said = captions("Hello.", "Hi.")

    assert kinds(report_of(said, speakers=True)) == [Kind.NO_SPEAKER]
    assert tally(report_of(said, speakers=True)) == ("speakers were asked for and none is named",)
    assert kinds(report_of(captions("[Ann] Hello.", "Hi."), speakers=True)) == []


def test_names_that_were_not_asked_for_are_told_only_when_they_must_be_names():
    said = captions("[speaker_1] Hello.", "[laughs] Hi.")

    assert report_of(said).speakers == ("speaker_1",)
    assert report_of(said, speakers=True).speakers == ("speaker_1", "laughs")


def test_cues_with_the_same_number_keep_their_own_faults():
    twice = Captions(
        cues=(
            Cue(index=1, start_ms=0, end_ms=100, text="Short"),
            Cue(index=1, start_ms=1_000, end_ms=3_000, text="Fine"),
        )
    )

    report = report_of(twice)

    assert [len(worst.findings) for worst in report.worst] == [2]


def test_more_findings_than_anybody_reads_are_counted_and_not_kept():
    report = report_of(captions(*(str(number) for number in range(MOST_FINDINGS + 10)), each_ms=500))

    assert report.counts[Kind.TOO_SHORT] == MOST_FINDINGS + 10
    assert len(report.findings) == MOST_FINDINGS
    assert tally(report) == ("5,010 captions shown too briefly",)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("No.", "No."), 0),
        (("No.", "No.", "No."), 2),
        (("Thank you for watching.", "THANK YOU\nfor watching."), 1),
        (("字幕をご覧いただきありがとうございます", "字幕をご覧いただきありがとうございます"), 1),
        (("<i></i>", "<i></i>", "<i></i>"), 0),
    ],
)
def test_what_people_say_twice_is_no_loop(texts: tuple[str, ...], found: int):
    assert kinds(report_of(captions(*texts))).count(Kind.REPEATED) == found


@pytest.mark.parametrize(
    ("texts", "phrase", "times", "near"),
    [
        (("We use the Inter-\nAsterisk Exchange.",), "Inter-Asterisk Exchange", 1, ""),
        (("We use the Inter-", "Asterisk Exchange."), "Inter-Asterisk Exchange", 1, ""),
        (("the Inter Asterisk", "Exchange is"), "Inter-Asterisk Exchange", 0, "Inter Asterisk Exchange"),
        (("enter asterisk exchange",), "Inter-Asterisk Exchange", 0, "enter asterisk exchange"),
        (("MUX, Mux and mux.", "muxed"), "Mux", 3, ""),
        (("ＭＵＸ ｉｓ ｗｉｄｅ",), "Mux", 1, ""),  # noqa: RUF001 - full-width letters are meant
        (("The STRASSE",), "Straße", 1, ""),
        (("a b c",), "Mux", 0, ""),
        (("we met at digeum",), "Digium", 0, "digeum"),
        (("P B X",), "PBX", 0, "P B X"),
        (("cat",), "cut", 0, ""),
        (("東京", "電力です"), "東京電力", 1, ""),
        (("関西電カの話です",), "関西電力", 0, "関西電"),
        (("हम राम के पास",), "राम", 1, ""),
        (("हम रामा के पास",), "राम", 0, ""),
        (("I said naïve café things",), "naive cafe", 0, "naïve café"),
        (("hello",), " ", 0, ""),
        (("",), "Mux", 0, ""),
        (("[Mux] hello",), "Mux", 0, ""),
        (("Mux社です",), "Mux", 1, ""),
        (("Max社-ですMaxim",), "Mux社です", 0, "Max社-です"),
        (("x " * 5_000 + "zq",), "x x", 2_500, ""),
        (("x\u0301y zebra-",), "zebra", 1, ""),
    ],
)  # fmt: skip
def test_phrases_are_found_as_words_and_near_misses_are_shown(
    texts: tuple[str, ...], phrase: str, times: int, near: str
):
    (found,) = report_of(captions(*texts), phrases=(phrase,)).phrases

    assert (found.phrase, found.times, found.near) == (phrase, times, near)
    assert (found.cue is None) == (not times and not near)


@given(st.lists(st.text(max_size=40), max_size=8), st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_and_any_phrase_can_be_reported(texts: list[str], phrases: list[str]):
    report = report_of(captions(*texts), phrases=tuple(phrases), duration_seconds=60)

    assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report
    assert {found.phrase for found in report.phrases} == set(phrases)


@given(st.lists(st.tuples(st.integers(-5_000, 90_000), st.integers(-5_000, 90_000)), max_size=30))
def test_any_times_can_be_reported(times: list[tuple[int, int]]):
    cues = tuple(Cue(index=n, start_ms=a, end_ms=b, text="Hello you") for n, (a, b) in enumerate(times, 1))

    report = report_of(Captions(cues=cues), duration_seconds=60)

    assert sum(report.counts.values()) == len(report.findings)
    assert 0 <= report.coverage.captioned_ms <= 60_000
    assert all(describe(finding, ENGLISH) for finding in report.findings)


def test_problems_of_the_format_are_part_of_the_report():
    odd = FormatProblem(line=3, message="Odd.", excerpt="x", times=2)

    assert report_of(Captions(cues=captions("Hi").cues, problems=(odd,))).problems == (odd,)


def test_speeds_are_those_of_cues_that_can_be_read():
    cues = (
        Cue(index=1, start_ms=0, end_ms=1_000, text="Ten chars."),
        Cue(index=2, start_ms=1_000, end_ms=1_000, text="No time"),
        Cue(index=3, start_ms=1_000, end_ms=2_000, text=""),
    )

    assert list(speeds(cues, ENGLISH)) == [(cues[0], 10.0)]


def test_what_no_program_can_judge_is_said():
    assert "No program can judge" in NOT_JUDGED
