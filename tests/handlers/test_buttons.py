"""A press is judged on the server, carried out once, and answered privately after the ack."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from bot.errors import NotReached
from bot.rules.jobs import Failure, State
from bot.services import progress
from bot.store import jobs
from bot.ui import buttons


async def job_of(doors, **fields: str):
    """Make a job and return it as it is stored."""
    await doors.command("asset1 en", trigger_id="t-first", **fields)
    return await doors.store.transaction(jobs.by_request, "command:T1:t-first")


async def stored(doors, job):
    return (await doors.store.transaction(jobs.get, job.row_id)).job


async def refuse(doors, job, failure: Failure) -> None:
    await doors.store.transaction(progress.refused, job.row_id, failure)


async def test_the_requester_cancels_with_one_press(doors) -> None:
    job = await job_of(doors)

    told = await doors.press(buttons.CANCEL, job.job.id)

    assert "are cancelled" in told["text"]
    assert (told["url"], told["replace_original"]) == ("http://127.0.0.1/secret", False)
    ended = await stored(doors, job)
    assert (ended.state, ended.stopped_by) == (State.CANCELLED, "U1")


async def test_a_second_press_is_told_what_has_happened_meanwhile(doors) -> None:
    job = await job_of(doors)
    await doors.press(buttons.CANCEL, job.job.id)

    told = await doors.press(buttons.CANCEL, job.job.id)

    assert "nothing left to cancel" in told["text"]


@pytest.mark.parametrize("action_id", [buttons.CANCEL, buttons.RETRY, buttons.REPLACE, buttons.FILES_ONLY])
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"user": "U9", "channel": "C1", "team": "T1"}, "is not yours"),
        ({"user": "U9", "channel": "C2", "team": "T1"}, "There is no job"),
        ({"user": "U1", "channel": "C1", "team": "T2"}, "There is no job"),
        ({"user": "U1", "channel": "C1", "team": ""}, "There is no job"),
    ],
)
async def test_others_are_refused_in_private_and_change_nothing(doors, action_id, where, said) -> None:
    job = await job_of(doors)
    await refuse(doors, job, Failure(code="x", message="a track already exists", status=422))
    before = await doors.counts()

    told = await doors.press(action_id, job.job.id, **where)

    assert said in told["text"]
    assert await doors.counts() == before
    assert (await stored(doors, job)).next_job is None


async def test_a_retry_pressed_twice_makes_one_new_job(doors) -> None:
    job = await job_of(doors)
    await refuse(doors, job, Failure(code="unauthorized", message="", status=401))

    first = await doors.press(buttons.RETRY, job.job.id)
    second = await doors.press(buttons.RETRY, job.job.id)

    assert "Another try for asset1" in first["text"]
    assert "again already" in second["text"]
    assert (await doors.counts())["job"] == 2


@pytest.mark.parametrize(
    ("action_id", "policy", "uploads"),
    [(buttons.REPLACE, "replace_all", True), (buttons.FILES_ONLY, "fail", False)],
)
async def test_a_way_around_a_track_starts_a_job_with_that_change(doors, action_id, policy, uploads) -> None:
    job = await job_of(doors)
    await refuse(doors, job, Failure(code="x", message="a track already exists", status=422))

    await doors.press(action_id, job.job.id)

    following = (await stored(doors, job)).next_job
    new = await doors.store.transaction(jobs.by_public_id, following)
    assert (new.job.request.replace.value, new.job.request.upload_to_mux) == (policy, uploads)


async def test_the_status_button_tells_how_the_job_stands(doors) -> None:
    job = await job_of(doors)

    told = await doors.press(buttons.STATUS, job.job.id, user="U9")

    assert "Asked for by <@U1>" in told["text"]


async def test_a_list_is_turned_in_place(doors) -> None:
    for number in range(12):
        await doors.command(f"asset{number} en", trigger_id=f"t{number}")
    first = (await doors.command("list", trigger_id="list")).json()
    (older,) = first["blocks"][-1]["elements"]

    second = await doors.press(older["action_id"], older["value"], in_private=True)
    (newest,) = second["blocks"][-1]["elements"]
    top = await doors.press(newest["action_id"], newest["value"], in_private=True)

    assert ("asset11:" in first["text"], "asset1:" in first["text"]) == (True, False)
    assert ("asset11:" in second["text"], "asset1:" in second["text"]) == (False, True)
    assert second["replace_original"]
    assert top["text"] == first["text"]


async def test_a_button_that_nobody_knows_is_acked_and_does_nothing(doors) -> None:
    job = await job_of(doors)
    before = await doors.counts()

    assert await doors.press("job_from_another_version", job.job.id) is None
    assert await doors.counts() == before


async def test_an_answer_that_cannot_be_said_costs_nothing_else(doors) -> None:
    job = await job_of(doors)
    doors.told.error = NotReached("nobody there")

    assert await doors.press(buttons.CANCEL, job.job.id) is None
    assert (await stored(doors, job)).state is State.CANCELLED


@pytest.mark.parametrize("body", [{}, {"actions": [{"action_id": "job_cancel"}]}])
async def test_a_press_with_nothing_in_it_steers_nothing(doors, body) -> None:
    job = await job_of(doors)
    raw = urlencode({"payload": json.dumps({"type": "block_actions", **body})}).encode()

    response = await doors.slack(raw, "application/x-www-form-urlencoded")

    assert response.status_code == 400
    assert (await stored(doors, job)).stopped_by is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status", "Asked for by <@U1>"),
        ("status {id}", "Asked for by <@U1>"),
        ("status asset1", "Asked for by <@U1>"),
        ("status nothing", "There is no job or asset `nothing`"),
        ("list", "Jobs that you asked for"),
        ("list channel", "Jobs of this channel"),
        ("cancel {id}", "are cancelled"),
        ("cancel nothing", "There is no job or asset `nothing`"),
        ("retry {id}", "is still under way"),
    ],
)
async def test_the_same_is_said_to_commands(doors, text, said) -> None:
    job = await job_of(doors)

    answer = (await doors.command(text.format(id=job.job.id), trigger_id="second")).json()

    assert answer["response_type"] == "ephemeral"
    assert said in answer["text"]


async def test_a_retry_by_command_that_cannot_help_warns(doors) -> None:
    job = await job_of(doors)
    await refuse(doors, job, Failure(code="invalid_parameters", message="bad", status=400))

    answer = (await doors.command(f"retry {job.job.id}", trigger_id="second")).json()

    assert "Be warned" in answer["text"]
    assert (await doors.counts())["job"] == 2
