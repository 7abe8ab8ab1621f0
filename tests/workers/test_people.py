"""A job of a guest is not sent where guests may not ask; Slack is asked once an hour and person."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotReached, SlackRefused
from bot.rules import preflight
from bot.rules.admission import Admission
from bot.rules.jobs import Job, State
from bot.rules.request import CaptionRequest
from bot.slack.values import Person
from bot.workers.people import FRESH_SECONDS, People, everybody


class Directory:
    """Stands in for Slack's list of people."""

    def __init__(self, **people: Any) -> None:
        self.people = people
        self.asked: list[tuple[str, str]] = []

    async def person(self, token: str, user_id: str) -> Person:
        self.asked.append((token, user_id))
        answer = self.people[user_id]
        if isinstance(answer, Exception):
            raise answer
        return Person.from_user(answer, user_id)


async def token_of(team_id: str) -> str:
    return f"xoxb-{team_id}"


def job(user_id: str) -> Job:
    return Job(
        id="j1",
        state=State.REQUESTED,
        request=CaptionRequest(asset_id="asset1"),
        team_id="T1",
        channel_id="C1",
        user_id=user_id,
        created_at=0.0,
        updated_at=0.0,
    )


def people(directory: Directory, clock: Any, admission: Admission | None = None) -> People:
    admits = admission or Admission()
    return People(directory, token_of, clock, admits)  # type: ignore[arg-type]  # only people are asked


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ({"is_restricted": True}, preflight.GUEST),
        ({"is_ultra_restricted": True, "is_restricted": True}, preflight.GUEST),
        ({"is_stranger": True}, preflight.EXTERNAL),
    ],
)
async def test_a_guest_may_not_start_what_costs_money(clock, user, code):
    failure = await people(Directory(U1=user), clock).obstacle(job("U1"))
    assert failure is not None
    assert failure.code == code


async def test_a_member_may_and_slack_is_asked_once_an_hour(clock):
    directory = Directory(U1={})
    ours = people(directory, clock)
    for _ in range(3):
        assert await ours.obstacle(job("U1")) is None
    assert directory.asked == [("xoxb-T1", "U1")]
    clock.forward(FRESH_SECONDS + 1)
    await ours.obstacle(job("U1"))
    assert len(directory.asked) == 2


async def test_without_the_scope_nobody_is_known_and_slack_is_not_asked_again_at_once(clock):
    refusal = SlackRefused("missing_scope", method="users.info", needed="users:read")
    directory = Directory(U1=refusal)
    ours = people(directory, clock)
    assert await ours.obstacle(job("U1")) is None
    assert await ours.obstacle(job("U1")) is None
    assert len(directory.asked) == 1


async def test_no_answer_is_no_leave_and_is_not_remembered(clock):
    directory = Directory(U1=NotReached("no connection"))
    ours = people(directory, clock)
    with pytest.raises(NotReached):
        await ours.obstacle(job("U1"))
    directory.people["U1"] = {"is_restricted": True}
    failure = await ours.obstacle(job("U1"))
    assert failure is not None


async def test_slack_is_not_asked_where_everybody_may(clock):
    directory = Directory()
    assert await people(directory, clock, Admission(guests=True, external=True)).obstacle(job("U1")) is None
    assert await everybody(job("U1")) is None
    assert directory.asked == []
