"""The door for workflow steps: what it refuses, and how a run without a job ends."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SlackRefused
from bot.rules.admission import Admission
from handlers.workflow import Workflow


class Slack:
    """Hears how runs end; `code` is what it refuses that with."""

    def __init__(self, code: str = "") -> None:
        self.ended: list[tuple[str, str, str]] = []
        self._code = code

    async def fail_step(self, token: str, execution_id: str, error: str) -> None:
        self.ended.append((token, execution_id, error))
        if self._code:
            raise SlackRefused(self._code, method="functions.completeError")


async def given(name: str) -> str:
    return f"of {name}"


def step(doors: Any, slack: Slack, admission: Admission) -> Workflow:
    return Workflow(
        store=doors.store,
        slack=slack,  # type: ignore[arg-type]  # how a run ends is all that is told here
        token_of=given,
        account_of=given,
        admission=admission,
        poll_in_seconds=30.0,
    )


def run(**inputs: str) -> dict[str, Any]:
    return {
        "type": "function_executed",
        "function": {"callback_id": "generate_captions"},
        "function_execution_id": "Fx1",
        "inputs": {"video": "asset1", "channel": "C1", "requester": "U1", **inputs},
    }


async def test_whom_the_operator_did_not_admit_gets_the_reason_and_no_job(doors):
    slack = Slack()
    workflow = step(doors, slack, Admission(channels=frozenset({"C2"})))

    await workflow.executed({"team_id": "T1"}, run())

    [(token, execution, why)] = slack.ended
    assert (token, execution) == ("of T1", "Fx1")
    assert "may not be used in this channel" in why
    assert (await doors.counts())["job"] == 0


async def test_a_run_without_a_video_ends_with_what_to_give(doors):
    slack = Slack()
    await step(doors, slack, Admission()).executed({"team_id": "T1"}, run(video=" "))
    assert "give an asset id of Mux" in slack.ended[0][2]


async def test_a_run_that_has_ended_before_is_no_error(doors):
    over = Slack("execution_not_in_running_state")
    await step(doors, over, Admission()).executed({"team_id": "T1"}, run(video=""))
    assert len(over.ended) == 1


async def test_an_end_that_slack_does_not_take_is_an_error_so_that_the_event_comes_again(doors):
    with pytest.raises(SlackRefused):
        await step(doors, Slack("token_revoked"), Admission()).executed({"team_id": "T1"}, run(video=""))


async def test_the_token_that_comes_with_a_run_is_stored_nowhere(doors, tmp_path):
    await step(doors, Slack(), Admission()).executed(
        {"team_id": "T1"}, {**run(), "bot_access_token": "xwfp-secret"}
    )

    assert (await doors.counts())["job"] == 1
    assert not [file for file in tmp_path.iterdir() if b"xwfp-secret" in file.read_bytes()]
