"""The words with which files are shared."""

from __future__ import annotations

import pytest

from bot.rules.archive import SHARED
from bot.rules.jobs import Job
from bot.rules.sharing import Asked, Wish
from bot.ui.shared import answer, comment


def test_the_words_above_the_files_are_short_and_cannot_ping_anybody(job: Job):
    said = comment(job.changed(title="<!channel> & *friends*" * 50), SHARED)
    assert len(said) < 700
    assert "<!" not in said
    assert "SRT, WebVTT, plain text, word timings (JSON)" in said


@pytest.mark.parametrize("wish", Wish)
def test_every_wish_for_files_has_its_answer(wish, takes):
    told = answer(Asked(wish=wish), name="<x>")
    takes(told)
    assert told.text.endswith(".")
    assert "<x>" not in told.text


def test_somebody_elsewhere_is_told_that_the_files_come_as_a_direct_message():
    assert "direct message" in answer(Asked(wish=Wish.SHARED, to_person=True), name="x").text
