from __future__ import annotations

import pytest

from bot.rules.jobs import Job
from bot.ui import wording


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "1 s"),
        (0.2, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (3_605, "1 h"),
        (7_380, "2 h 3 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds, expected):
    assert wording.duration(seconds) == expected


def test_units_are_counted_with_separators():
    assert [wording.units(count) for count in (0, 1, 12_000)] == ["0 units", "1 unit", "12,000 units"]


def test_everybody_who_waits_is_mentioned_once(job: Job):
    waiting = job.changed(watchers=("U0BEN", "U0ANA", "U0BEN"))

    assert wording.people(waiting, watchers=True) == "<@U0ANA> and <@U0BEN>"
    assert wording.people(waiting, watchers=False) == "<@U0ANA>"


def test_a_language_without_a_name_is_shown_by_its_tag():
    assert wording.language("pt-BR") == "Portuguese (Brazil)"
    assert wording.language("xx<") == "xx&lt;"
