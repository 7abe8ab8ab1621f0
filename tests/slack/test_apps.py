"""What an app asks Slack for with its own credentials."""

from __future__ import annotations

import base64

import pytest
from aiohttp import web

from bot.errors import OutcomeUnknown, SlackRefused
from bot.slack import apps
from bot.slack.client import open_session

GRANT = {
    "access_token": "xoxb-1",
    "refresh_token": "xoxe-1",
    "expires_in": 43_200,
    "scope": "commands,chat:write",
    "bot_user_id": "UBOT",
    "team": {"id": "T1", "name": "Films"},
    "enterprise": None,
    "authed_user": {"id": "U1"},
    "is_enterprise_install": False,
}


@pytest.fixture
async def app_client(slack):
    async with open_session(total_seconds=2.0) as session:
        yield apps.connect(f"{slack.url}/api/", session)


async def test_a_socket_address_is_asked_for_with_the_app_token(slack, app_client):
    slack.says({"url": "wss://slack.test/link?ticket=1"})

    assert await app_client.connections_open("xapp-1") == "wss://slack.test/link?ticket=1"
    assert slack.requests[0].headers["Authorization"] == "Bearer xapp-1"


@pytest.mark.parametrize("url", [None, "", "https://slack.test"])
async def test_an_answer_without_a_socket_address_is_worth_nothing(slack, app_client, url):
    slack.says({"url": url})

    with pytest.raises(OutcomeUnknown):
        await app_client.connections_open("xapp-1")


def test_a_grant_is_read_whole_and_shows_no_token():
    grant = apps.read_grant(GRANT)

    assert (grant.token, grant.refresh_token, grant.expires_in) == ("xoxb-1", "xoxe-1", 43_200.0)
    assert (grant.team_id, grant.team_name, grant.installer_id) == ("T1", "Films", "U1")
    assert grant.scopes == {"commands", "chat:write"}
    assert "xox" not in repr(grant)


def test_an_organizations_grant_belongs_to_no_workspace():
    grant = apps.read_grant(
        {**GRANT, "is_enterprise_install": True, "team": None, "enterprise": {"id": "E1", "name": "Org"}}
    )

    assert (grant.team_id, grant.enterprise_id, grant.enterprise_name) == ("", "E1", "Org")


def test_a_grant_without_a_bot_token_is_none():
    with pytest.raises(OutcomeUnknown):
        apps.read_grant({**GRANT, "access_token": None})


def test_a_token_that_does_not_end_has_no_end():
    assert apps.read_grant({**GRANT, "expires_in": 0}).expires_in is None


async def test_a_refused_code_says_slacks_reason_and_no_secret():
    """The credentials travel as Basic auth, the code in the body, and nothing in the address."""
    asked: list[web.Request] = []
    forms: list[dict[str, str]] = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request)
        forms.append({name: str(value) for name, value in (await request.post()).items()})
        return web.json_response({"ok": False, "error": "invalid_code"})

    vendor = web.Application()
    vendor.router.add_post("/api/oauth.v2.access", refuse)
    runner = web.AppRunner(vendor)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with open_session(total_seconds=2.0) as session:
        client = apps.connect(f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session)
        with pytest.raises(SlackRefused, match="invalid_code") as caught:
            await client.exchange(
                "c0de", redirect_uri="https://b.test", client_id="1.2", client_secret="s3cret"
            )
        with pytest.raises(SlackRefused):
            await client.refresh("xoxe-1", client_id="1.2", client_secret="s3cret")
    await runner.cleanup()

    assert "s3cret" not in str(caught.value)
    assert forms[0] == {"code": "c0de", "redirect_uri": "https://b.test"}
    assert forms[1] == {"grant_type": "refresh_token", "refresh_token": "xoxe-1"}
    for request in asked:
        assert request.headers["Authorization"] == f"Basic {base64.b64encode(b'1.2:s3cret').decode()}"
        assert request.query_string == ""
