from __future__ import annotations

import pytest

from bot.rules.effects import Effect, Kind
from bot.rules.jobs import Job, State
from bot.ui.blocks import message, section
from bot.ui.card import card
from bot.ui.message import Message
from bot.ui.notices import redirected, undeliverable
from bot.ui.rendering import plain, render
from bot.ui.result import result


def _effect(kind: Kind, detour: str | None = None) -> Effect:
    return Effect(
        id=1,
        key="k",
        kind=kind,
        lane="slack:T0TEAM:C0CHANNEL",
        job_id=1,
        target="C0CHANNEL",
        want=1,
        have=0,
        attempts=0,
        due_at=0.0,
        detour=detour,
    )


@pytest.fixture
def done(job: Job) -> Job:
    return job.changed(state=State.ABANDONED)


def test_in_its_own_channel_a_job_has_a_card_and_a_result(done: Job):
    assert render(_effect(Kind.CARD), done, in_thread=False) == card(done)
    assert render(_effect(Kind.RESULT), done, in_thread=True) == result(done)


def test_what_had_to_leave_its_channel_says_why_once(done: Job):
    why = "is_archived"

    assert render(_effect(Kind.CARD, why), done, in_thread=False) == redirected(card(done), why, "C0CHANNEL")
    assert render(_effect(Kind.RESULT, why), done, in_thread=False) == undeliverable(done, why, "C0CHANNEL")
    assert render(_effect(Kind.RESULT, why), done, in_thread=True) == result(done)


def test_a_refused_message_is_said_in_words_alone():
    assert plain(message("x" * 3_500, [section("x")])) == Message(text="x" * 2_999 + "…")
