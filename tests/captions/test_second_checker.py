"""Other people's code measures the same in the hand-made files; where it is not installed the tests skip."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.captions import second_checker
from tests.captions.second_checker import FILES, ours

PAGE: Final = Path(__file__).parents[2] / "docs" / "quality.md"
TIMES: Final = frozenset({"no_time", "overlap", "out_of_order"})
# Unicode counts an Indian conjunct as one character since 15.1; we count its two consonants.
DIFFERENT: Final = {("hindi", "too_fast", 2): (30, 29)}


def rows_of_page() -> list[list[str]]:
    """Return the cells of the table with both measurements."""
    lines = PAGE.read_text().partition("| file | rule |")[2].splitlines()[2:]
    table = lines[: next(at for at, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_the_page_shows_the_figures_that_we_measure():
    shown = {
        (file, rule, int(cue), float(figure))
        for file, rule, cue, figure, _ in rows_of_page()
        if cue and figure
    }

    assert shown == {(*row[:3], round(row[3], 2)) for name in second_checker.names() for row in ours(name)}
    assert {row[0] for row in rows_of_page()} == set(second_checker.names())


@pytest.mark.parametrize("name", second_checker.names())
def test_a_second_measurement_finds_the_same_faults_with_the_same_figures(name: str):
    pytest.importorskip("pysubs2", reason="the second measurement needs pysubs2")
    pytest.importorskip("wcwidth", reason="the second measurement needs wcwidth")

    first = {row[:3]: row[3] for row in ours(name)}
    second = {row[:3]: row[3] for row in second_checker.second(name)}

    assert first.keys() == second.keys()
    for key, measured in first.items():
        expected = DIFFERENT.get(key, (second[key], second[key]))
        assert (measured, second[key]) == (pytest.approx(expected[0]), pytest.approx(expected[1]))


def test_a_second_checker_of_times_finds_the_same_cues():
    for name in second_checker.names():
        try:
            found = second_checker.validated(name)
        except FileNotFoundError:
            pytest.skip("srt-validator (npm) is not here: name its node_modules in SRT_VALIDATOR")
        if any(code.startswith("parserError") for code, _ in found):
            # It gives up at the first empty caption, which is a finding of ours too.
            assert any(rule == "empty" for _, rule, _, _ in ours(name))
            continue
        lines = (FILES / f"{name}.srt").read_text().split("\n")
        times = [at + 1 for at, line in enumerate(lines) if "-->" in line]
        theirs = {times.index(line) + 1 for _, line in found}
        assert theirs == {cue for _, rule, cue, _ in ours(name) if rule in TIMES}
