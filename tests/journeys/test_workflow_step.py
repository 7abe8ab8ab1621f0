"""A workflow's step: from the run that somebody starts to the outputs that the workflow goes on with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import app as sandbox_app
from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faulty import HangupProtocol
from bot.sandbox.slack.functions import Run
from handlers import demo, serving
from handlers.app import Doubles, build, timing

GOOD = "studioTour7Qm2x01"
HAS_ENGLISH = "annualMeeting9Xp6h04"
TWENTY_MINUTES = 1_200.0


class SharedClock:
    """The sandbox's time for the bot as well, so that twenty minutes pass for both at once."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


@dataclass
class Office:
    """A workspace with a workflow, and the bot."""

    sandbox: Any
    http: aiohttp.ClientSession
    url: str

    async def control(self, path: str, **body: Any) -> Any:
        async with self.http.post(f"{self.url}/_sandbox/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def begin(self, user: str = "U0ANA", **inputs: Any) -> Run:
        """Run the step and return the run, as Slack knows it."""
        given = {"video": GOOD, "language": "en", "channel": "C0DEMO", **inputs}
        told = await self.control("slack/run_step", user_id=user, inputs=given)
        assert told["status"] == 200, told
        run: Run = self.sandbox.slack.functions.runs[told["function_execution_id"]]
        return run

    async def end(self, run: Run) -> Run:
        """Wait until a run has ended."""
        for _ in range(2_000):
            if run.state != "running":
                return run
            await asyncio.sleep(0.01)
        raise AssertionError("the run did not end")

    def jobs(self) -> int:
        return len(self.sandbox.slack.journal.find("mux.effect", "job.created"))

    def calls(self, method: str) -> list[Any]:
        return list(self.sandbox.slack.journal.find("slack.call", method))


@pytest.fixture
async def office(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """`request.param` is how many seconds Mux takes for a job."""
    async with AsyncExitStack() as stack:
        page = stack.enter_context(serving.listen("127.0.0.1", 0))
        doors = stack.enter_context(serving.listen("127.0.0.1", 0))
        url = f"http://127.0.0.1:{page.getsockname()[1]}"
        config = SandboxConfig(
            bot_url=f"http://127.0.0.1:{doors.getsockname()[1]}",
            public_url=url,
            job_seconds=getattr(request, "param", 0.3),
            list_lag_seconds=0.1,
        )
        app = sandbox_app.build(config)
        sandbox = app.state.sandbox
        await stack.enter_async_context(
            serving.serving(app, page, protocol=HangupProtocol, before_stop=sandbox.end_streams)
        )
        settings = demo.settings_for(config, database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
        doubles = Doubles(
            clock=SharedClock(sandbox.clock), timing=timing(settings), reached=lambda _boundary: None
        )
        await stack.enter_async_context(serving.serving(build(settings, doubles), doors))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Office(sandbox, http, url)


async def test_a_step_makes_captions_and_the_workflow_goes_on_with_them(office):
    run = await office.end(await office.begin())

    assert run.state == "completed"
    assert run.outputs["language"] == "en"
    assert run.outputs["track_id"]
    assert run.outputs["units"] > 0
    assert "/archives/C0DEMO/p" in run.outputs["captions_url"]
    assert len(str(run.outputs)) < 1_000
    assert office.jobs() == 1


@pytest.mark.parametrize("office", [TWENTY_MINUTES], indirect=True)
async def test_a_job_of_twenty_minutes_ends_its_step_with_the_apps_own_token(office):
    run = await office.begin()
    for _ in range(1_000):
        if office.jobs():
            break
        await asyncio.sleep(0.01)
    assert run.state == "running"

    await office.control("clock", advance_seconds=TWENTY_MINUTES + 1)

    assert (await office.end(run)).state == "completed"
    assert office.sandbox.clock.now() - run.started_at > 15 * 60
    assert office.sandbox.slack.app.grants.tokens[run.token.value].dead or run.token.expires_at


async def test_an_event_that_comes_twice_makes_one_job_and_ends_the_run_once(office):
    run = await office.begin()
    await office.control("slack/redeliver", number=1, reason="http_timeout")

    await office.end(run)
    await office.control("slack/redeliver", number=2, reason="http_timeout")

    assert run.state == "completed"
    assert office.jobs() == 1
    assert len(office.calls("functions.completeSuccess")) == 1


async def test_two_workflows_that_want_the_same_share_a_job_and_both_go_on(office):
    first, second = await office.begin(), await office.begin(user="U0BEN")

    assert (await office.end(first)).outputs["job_id"] == (await office.end(second)).outputs["job_id"]
    assert office.jobs() == 1


async def test_a_job_without_captions_fails_the_step_with_muxs_reason_in_plain_words(office):
    run = await office.end(await office.begin(video=HAS_ENGLISH))

    assert run.state == "failed"
    assert "--replace" in run.error
    assert not set("<>`") & set(run.error)
    assert office.jobs() == 0


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        ({"language": "klingonese"}, "Nothing was started."),
        ({"video": "one-asset-Qm2x01 two-asset-Qm2x02"}, "one video for each step"),
        ({"video": "help"}, ""),
    ],
)
async def test_a_step_that_cannot_be_understood_fails_at_once(office, inputs, why):
    run = await office.end(await office.begin(**inputs))

    assert run.state == "failed"
    assert why in run.error
    assert office.jobs() == 0


async def test_an_end_whose_answer_is_lost_is_told_again_and_counts_once(office):
    await office.control("faults", kind="drop_after", target="slack:functions.completeSuccess")

    run = await office.end(await office.begin())
    for _ in range(1_000):
        if len(office.calls("functions.completeSuccess")) > 1:
            break
        await asyncio.sleep(0.01)

    assert run.state == "completed"
    [done, again] = office.calls("functions.completeSuccess")
    assert (done.data["ok"], again.data["error"]) == (True, "execution_not_in_running_state")


async def test_an_app_of_an_older_manifest_still_gets_the_output_that_there_always_was(office):
    text = {"type": "string", "is_required": True}
    channel, person = ({"type": f"slack#/types/{kind}_id"} for kind in ("channel", "user"))
    await office.control(
        "slack/declare",
        callback_id="generate_captions",
        title="Generate captions",
        inputs={"video": text, "language": {"type": "string"}, "channel": channel, "requester": person},
        outputs={"job_id": text},
    )

    run = await office.end(await office.begin(requester="U0ANA"))

    assert run.state == "completed"
    assert set(run.outputs) == {"job_id"}


async def test_a_workflow_goes_on_without_a_link_when_slack_gives_none(office):
    await office.control("faults", kind="refuse", target="slack:chat.getPermalink", code="message_not_found")

    run = await office.end(await office.begin())

    assert run.state == "completed"
    assert "captions_url" not in run.outputs


async def test_a_step_of_another_app_is_left_alone(office):
    await office.control(
        "slack/declare",
        callback_id="count",
        title="Count",
        inputs={"channel": {"type": "string"}},
        outputs={},
    )
    told = await office.control("slack/run_step", user_id="U0ANA", callback_id="count", inputs={})

    assert told["status"] == 200
    assert office.calls("functions.completeError") == []
