"""How tokens are renewed and revoked, and how the app leaves a workspace."""

from __future__ import annotations

from tests.sandbox.slack_oauth.bench import CREDENTIALS_BY_CLASS
from tests.sandbox.waiting import until

pytestmark = CREDENTIALS_BY_CLASS


async def test_an_organization_that_removes_the_app_names_no_workspace(bench):
    token = (await bench.install("E0HARBOR"))["access_token"]
    await bench.control("uninstall", place="E0HARBOR")
    await until(lambda: len(bench.events()) == 2)
    assert set(bench.events()) == {"app_uninstalled", "tokens_revoked"}
    assert {(one["team_id"], one["enterprise_id"]) for one in bench.heard} == {(None, "E0HARBOR")}
    assert await bench.error(bench.web(token).auth_test()) == "account_inactive"
    assert (await bench.control("uninstall", place="E0HARBOR"))["error"] == "not_installed"


async def test_rotated_tokens_expire_and_each_refresh_token_works_once(bench):
    await bench.control("rotation", on=True)
    first = await bench.install("T0NORTH")
    assert first["expires_in"] == 43_200
    refresh = {"grant_type": "refresh_token", "redirect_uri": None}
    second = await bench.exchange(None, **refresh | {"refresh_token": first["refresh_token"]})
    assert second["access_token"] != first["access_token"]
    again = bench.exchange(None, **refresh | {"refresh_token": first["refresh_token"]})
    assert await bench.error(again) == "invalid_refresh_token"
    assert (await bench.web(first["access_token"]).auth_test())["ok"]
    bench.clock.advance(43_201)
    assert await bench.error(bench.web(second["access_token"]).auth_test()) == "token_expired"
    third = await bench.exchange(None, **refresh | {"refresh_token": second["refresh_token"]})
    assert (await bench.web(third["access_token"]).auth_test())["ok"]
    assert await bench.error(bench.exchange(None, **refresh | {"grant_type": "x"})) == "invalid_grant_type"


async def test_a_revoked_token_ends_the_installation_with_its_last_one(bench):
    web = bench.web((await bench.install("T0NORTH"))["access_token"])
    assert (await web.auth_revoke(test=True))["revoked"] is False
    assert (await web.auth_revoke())["revoked"] is True
    await until(lambda: len(bench.events()) == 2)
    assert bench.events() == ["tokens_revoked", "app_uninstalled"]
    assert bench.heard[0]["event"]["tokens"] == {"oauth": [], "bot": ["U0NORTHBOT"]}
    assert await bench.error(web.auth_test()) == "token_revoked"
    fresh = await bench.install("T0NORTH")
    assert fresh["access_token"] != web.token


async def test_the_app_can_take_itself_out_with_its_own_credentials(bench):
    web = bench.web((await bench.install("T0NORTH"))["access_token"])
    client = {"client_id": bench.config.slack_client_id, "client_secret": "wrong"}
    assert await bench.error(web.apps_uninstall(**client)) == "bad_client_secret"
    client["client_secret"] = bench.config.slack_client_secret
    assert (await web.apps_uninstall(**client))["ok"]
    await until(lambda: len(bench.events()) == 2)
    assert await bench.error(web.auth_test()) == "account_inactive"


async def test_what_is_installed_is_listed_and_no_secret_is_in_the_journal(bench):
    answer = await bench.install("T0NORTH")
    async with bench.http.get(f"{bench.config.public_url}/_sandbox/slack/installations") as reply:
        listed = await reply.json()
    assert [team["installed"] for team in listed["teams"]] == [True, True, False, False]
    assert {one["place"] for one in listed["tokens"]} == {"T0SANDBOX", "T0NORTH"}
    journal = str(bench.sandbox.journal.to_json())
    assert bench.config.slack_client_secret not in journal
    assert answer["access_token"] not in journal


async def test_an_admin_revokes_and_the_app_hears_nothing_more_of_the_workspace(bench):
    await bench.install("T0NORTH")
    north = bench.slack.workplace("T0NORTH")
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "block_id": "row", "elements": [button]}]
    card = north.workspace.post("C0NORTH", "U0NORTHBOT", "card", blocks=blocks)
    await bench.control("revoke", place="T0NORTH")
    await until(lambda: len(bench.events()) == 2)
    pressed = await bench.control(
        "press", user_id="U0NORA", channel_id="C0NORTH", ts=card.ts, block_id="row", action_id="go"
    )
    opened = await bench.control("app_home_opened", user_id="U0NORA")
    assert (pressed["status"], opened["status"], len(bench.heard)) == (None, None, 2)


async def test_credentials_that_are_no_credentials_are_refused(bench):
    url = f"{bench.config.public_url}/api/oauth.v2.access"
    for header in ("Basic !!!", "Basic /////w==", "Digest x"):
        async with bench.http.post(url, headers={"Authorization": header}) as reply:
            assert (await reply.json())["error"] == "invalid_client_id"
