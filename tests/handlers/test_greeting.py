"""What a bot says of itself at start: how it is reached, by whom, and nothing secret."""

from __future__ import annotations

import pytest

from bot import settings as setting
from bot.errors import MuxRefused, NotReached, OperatorError, SlackRefused
from bot.mux.answers import Account
from bot.slack.values import Identity
from handlers import greeting
from handlers.greeting import Found

ONE = {
    "slack_bot_token": "xoxb-secret",
    "slack_signing_secret": "secret-1",
    "mux_token_id": "id",
    "mux_token_secret": "secret-2",
    "database_url": "postgresql+asyncpg://captions:secret-3@db.test/captions",
}
SEVERAL = {
    "slack_client_id": "1.2",
    "slack_client_secret": "secret-4",
    "slack_signing_secret": "secret-5",
    "encryption_keys": "A" * 43 + "=",
    "public_url": "https://bot.test/",
}
LISTENING = "http://127.0.0.1:3000"
FOUND = Found(workspace="Films (T1)", environment="Production of Films (e1)")


def said(**given) -> str:
    return greeting.block(setting.load(None, **given), FOUND, listening=LISTENING)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (ONE, [f"signed requests to {LISTENING}/slack/events, or wherever", "polling: each job after 6 s"]),
        (
            {**ONE, "public_url": "https://bot.test/", "mux_webhook_secret": "secret-6"},
            [
                "signed requests to https://bot.test/slack/events",
                "webhooks to https://bot.test/mux/webhooks,",
            ],
        ),
        ({**ONE, "mux_webhook_secret": "secret-6"}, ["webhooks to this bot at /mux/webhooks"]),
        ({**ONE, "slack_app_token": "xapp-secret"}, ["by socket", "SLACK_SIGNING_SECRET is not used"]),
        ({**SEVERAL, "slack_app_token": "xapp-secret"}, ["by socket, which this bot opened\n"]),
        (SEVERAL, ["webhooks to https://bot.test/mux/webhooks/..."]),
        ({**SEVERAL, **ONE}, ["SLACK_CLIENT_ID is not used"]),
    ],
)
def test_the_block_says_how_the_bot_is_reached_and_shows_no_secret(given, expected):
    block = said(**given)

    assert [words for words in expected if words not in block] == []
    assert "secret" not in block
    assert "Films (T1)" in block
    assert "Production of Films" in block


class Slack:
    def __init__(self, answer) -> None:
        self.answer = answer

    async def auth_test(self, token):
        assert token == "xoxb-1"
        return give(self.answer)


class Mux:
    def __init__(self, answer) -> None:
        self.answer = answer

    async def whoami(self):
        return give(self.answer)


def give(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def identity(team="Films"):
    return Identity(
        team_id="T1",
        team=team,
        url="",
        user_id="U",
        bot_id="B",
        app_id="A",
        enterprise_id="",
        scopes=frozenset(),
    )


ACCOUNT = Account(
    environment_id="e1",
    environment_name="Production",
    organization_id="o",
    organization_name="Films",
    token_name="t",
    permissions=frozenset(),
)


@pytest.mark.parametrize(
    ("slack", "mux", "found"),
    [
        (identity(), ACCOUNT, Found(workspace="Films (T1)", environment="Production of Films (e1)")),
        (identity(""), ACCOUNT, Found(workspace="T1", environment="Production of Films (e1)")),
        (
            SlackRefused("ratelimited_x", method="auth.test"),
            MuxRefused(status=401, code="unauthorized", messages=()),
            Found(
                workspace="not known: Slack refused auth.test (ratelimited_x)",
                environment="not known: Mux did not accept MUX_TOKEN_ID and MUX_TOKEN_SECRET (401)",
            ),
        ),
        (
            NotReached("no way"),
            NotReached("no way"),
            Found(workspace="not known: Slack was not reached", environment="not known: Mux was not reached"),
        ),
    ],
)
async def test_a_vendor_that_is_away_or_odd_at_start_stops_nothing(slack, mux, found):
    assert await greeting.greet(Slack(slack), "xoxb-1", Mux(mux)) == found


async def test_a_dead_token_stops_the_start():
    with pytest.raises(OperatorError, match="does not accept SLACK_BOT_TOKEN"):
        await greeting.greet(Slack(SlackRefused("invalid_auth", method="auth.test")), "xoxb-1", Mux(ACCOUNT))
