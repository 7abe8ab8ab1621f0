"""The bot in each of its modes, on the local Slack and the local Mux of another process."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import OperatorError

GOOD = "studioTour7Qm2x01"
TOKENS = ("SLACK_BOT_TOKEN", "MUX_TOKEN_ID", "MUX_TOKEN_SECRET")
SOCKET = "SLACK_APP_TOKEN"
REQUESTS = "SLACK_SIGNING_SECRET"
WEBHOOKS = ("MUX_WEBHOOK_SECRET", "PUBLIC_URL")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        pytest.param((SOCKET,), ("by socket", "polling: each job"), id="socket"),
        pytest.param((REQUESTS, *WEBHOOKS), ("signed requests to", "webhooks to"), id="http"),
        pytest.param((SOCKET, *WEBHOOKS), ("by socket", "webhooks to"), id="mixed"),
    ],
)
async def test_each_mode_brings_captions_and_says_at_start_which_it_is(sandbox, configured, run, mode, said):
    block = await run(configured(*TOKENS, *mode))

    assert not [name for name in (*TOKENS, SOCKET, REQUESTS) if sandbox.printed[name] in block]
    assert f"Slack        {said[0]}" in block
    assert f"Mux          {said[1]}" in block
    assert "T0SANDBOX" in block
    assert GOOD in await sandbox.says(f"{GOOD} en")
    (result,) = await sandbox.eventually("result")
    assert "track_en_" in result


async def test_of_app_token_and_signing_secret_the_socket_is_taken_and_requests_find_no_door(
    sandbox, configured, run
):
    block = await run(configured(*TOKENS, SOCKET, REQUESTS))

    assert "SLACK_SIGNING_SECRET is not used" in block
    async with sandbox.http.post(f"{sandbox.bot_url}/slack/events", data=b"{}") as answer:
        assert answer.status == 404
    async with sandbox.http.get(f"{sandbox.bot_url}/readyz") as answer:
        assert answer.status == 200
    async with sandbox.http.get(f"{sandbox.bot_url}/metrics") as answer:
        assert "caption_bot_socket_up 1.0" in await answer.text()


async def test_a_wrong_app_token_stops_the_start(configured, run):
    with pytest.raises(OperatorError, match="does not accept SLACK_APP_TOKEN"):
        await run(configured(*TOKENS, slack_app_token="xapp-wrong"))


@pytest.mark.parametrize("act", ["disconnect", "drop"])
async def test_a_socket_that_slack_renews_or_drops_comes_back(sandbox, configured, run, act):
    await run(configured(*TOKENS, SOCKET))
    (before,) = (await sandbox.look("slack/sockets"))["connections"]

    reason = {"reason": "refresh_requested"} if act == "disconnect" else {}
    await sandbox.control(f"slack/{act}", **reason)
    async with asyncio.timeout(30):
        while not (there := await connections(sandbox)) or before["id"] in there:  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(0.1)

    assert GOOD in await sandbox.says(f"{GOOD} en")
    assert len(await sandbox.eventually("result")) == 1


async def test_two_replicas_on_one_database_answer_each_command_once(sandbox, configured, run, postgres_url):
    """Slack gives each envelope to one of them, and both work off what the other has taken."""
    for _ in range(2):
        await run(configured(*TOKENS, SOCKET, database_url=postgres_url, port=0))
    assert len((await sandbox.look("slack/sockets"))["connections"]) == 2

    for _ in range(4):
        await sandbox.says(f"{GOOD} en --no-upload")

    assert len(await sandbox.eventually("result")) == 1


async def connections(sandbox):
    return [each["id"] for each in (await sandbox.look("slack/sockets"))["connections"]]
