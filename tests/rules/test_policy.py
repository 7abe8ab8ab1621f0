"""Who may do what with a job, as a table."""

from __future__ import annotations

import pytest

from bot.rules.jobs import Job, State
from bot.rules.policy import Act, Answer, Asker, decide
from bot.rules.request import CaptionRequest

JOB = Job(
    id="x7k2m9pq4d",
    state=State.PROCESSING,
    request=CaptionRequest(asset_id="asset1"),
    team_id="T1",
    channel_id="C1",
    user_id="U0ANA",
    created_at=1.0,
    updated_at=1.0,
    watchers=("U0BEN",),
)

HERE, ELSEWHERE, DIRECT = "C1", "C2", "D1"

TABLE = [
    # who, where, may see, may cancel, retry, replace and make files only
    pytest.param("U0ANA", HERE, Answer.YES, Answer.YES, id="requester-here"),
    pytest.param("U0ANA", ELSEWHERE, Answer.YES, Answer.YES, id="requester-elsewhere"),
    pytest.param("U0ANA", DIRECT, Answer.YES, Answer.YES, id="requester-in-a-direct-message"),
    pytest.param("U0ANA", "", Answer.YES, Answer.YES, id="requester-nowhere"),
    pytest.param("U0BEN", HERE, Answer.YES, Answer.YES, id="watcher-here"),
    pytest.param("U0BEN", ELSEWHERE, Answer.YES, Answer.YES, id="watcher-elsewhere"),
    pytest.param("U0CARLA", HERE, Answer.YES, Answer.NO, id="member-here"),
    pytest.param("U0CARLA", ELSEWHERE, Answer.UNKNOWN, Answer.UNKNOWN, id="stranger"),
    pytest.param("U0CARLA", "", Answer.UNKNOWN, Answer.UNKNOWN, id="stranger-nowhere"),
    pytest.param("", HERE, Answer.YES, Answer.NO, id="nobody-here"),
    pytest.param("", "", Answer.UNKNOWN, Answer.UNKNOWN, id="nobody"),
]
STEERING = [act for act in Act if act is not Act.SEE]


@pytest.mark.parametrize(("user_id", "channel_id", "see", "steer"), TABLE)
def test_each_person_may_do_what_the_table_says(user_id, channel_id, see, steer):
    asker = Asker(team_id="T1", user_id=user_id, channel_id=channel_id)

    assert decide(Act.SEE, JOB, asker) is see
    assert {decide(act, JOB, asker) for act in STEERING} == {steer}


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("team_id", ["T2", ""])
def test_a_job_of_another_team_does_not_exist_not_even_for_its_requester(act, team_id):
    asker = Asker(team_id=team_id, user_id="U0ANA", channel_id="C1")

    assert decide(act, JOB, asker) is Answer.UNKNOWN
    assert decide(act, JOB.changed(team_id=""), asker) is Answer.UNKNOWN


@pytest.mark.parametrize("act", list(Act))
def test_a_job_that_is_not_there_is_not_there_for_anybody(act):
    assert decide(act, None, Asker(team_id="T1", user_id="U0ANA", channel_id="C1")) is Answer.UNKNOWN


@pytest.mark.parametrize("act", list(Act))
def test_a_job_without_a_channel_is_nobodys_by_being_nowhere(act):
    asker = Asker(team_id="T1", user_id="U0CARLA", channel_id="")

    assert decide(act, JOB.changed(channel_id=""), asker) is Answer.UNKNOWN
