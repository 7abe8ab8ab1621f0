"""Several workspaces: how the app comes into one, what its token is good for there, and how it leaves."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.app import build
from bot.sandbox.config import SandboxConfig

# slack-sdk sends the app's credentials with a class that aiohttp is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")

SCOPES = ("commands", "chat:write", "files:write", "files:read", "channels:history")


async def until(condition):
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another task, on a socket
        await asyncio.sleep(0.002)


class Bench:
    def __init__(self, sandbox, http, heard):
        self.sandbox, self.slack, self.http, self.heard = sandbox, sandbox.slack, http, heard
        self.config, self.clock = sandbox.config, sandbox.clock
        self.back = f"{self.config.bot_url}/slack/oauth_redirect"

    def web(self, token=None):
        return AsyncWebClient(token, base_url=f"{self.config.public_url}/api/", retry_handlers=[])

    def address(self, **query):
        asked = {"client_id": self.config.slack_client_id, "scope": ",".join(SCOPES), "state": "s1"}
        asked |= {"redirect_uri": self.back}
        return f"{self.config.public_url}/oauth/v2/authorize?{urlencode(asked | query)}"

    async def control(self, name, **body):
        async with self.http.post(f"{self.config.public_url}/_sandbox/slack/{name}", json=body) as reply:
            return await reply.json()

    async def code(self, place, **more):
        answer = await self.control("authorize", url=self.address(), place=place, **more)
        return parse_qs(urlsplit(answer["location"]).query)["code"][0]

    def exchange(self, code, **more):
        given = {
            "client_id": self.config.slack_client_id,
            "client_secret": self.config.slack_client_secret,
            "redirect_uri": self.back,
        }
        return self.web().oauth_v2_access(**(given | {"code": code} | more))

    async def install(self, place):
        return (await self.exchange(await self.code(place))).data

    async def error(self, call):
        with pytest.raises(SlackApiError) as caught:
            await call
        return caught.value.response["error"]

    def events(self):
        return [one["event"]["type"] for one in self.heard if "event" in one]


@pytest.fixture
async def bench(served, free_port):
    heard = []

    async def hear(request: Request) -> PlainTextResponse:
        kind = request.headers["content-type"]
        heard.append(
            await request.json() if kind == "application/json" else dict(parse_form(await request.body()))
        )
        return PlainTextResponse("")

    bot = Starlette(routes=[Route("/slack/events", hear, methods=["POST"])])
    async with served(bot) as bot_url:
        config = SandboxConfig(
            public_url=f"http://127.0.0.1:{free_port}", bot_url=bot_url, limits=False, webhooks=False
        )
        app = build(config)
        async with served(app, port=free_port), aiohttp.ClientSession() as http:
            yield Bench(app.state.sandbox, http, heard)
            app.state.sandbox.end_streams()


def parse_form(raw):
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}


async def test_a_browser_shows_what_is_asked_and_comes_back_with_a_code(bench):
    generator = AuthorizeUrlGenerator(
        client_id=bench.config.slack_client_id,
        scopes=list(SCOPES),
        redirect_uri=bench.back,
        authorization_url=f"{bench.config.public_url}/oauth/v2/authorize",
    )
    async with bench.http.get(generator.generate("state-1")) as reply:
        page = await reply.text()
        policy = reply.headers["Content-Security-Policy"]
    assert "Upload, edit and delete files as itself" in page
    assert all(name in page for name in ("Sandbox", "Northwind", "Harbor Quay", "Harbor Group"))
    assert f"form-action 'self' {bench.config.bot_url};" in policy
    visit = re.search(r'name="visit" value="([^"]+)"', page)[1]
    form = {"visit": visit, "place": "T0NORTH", "answer": "allow"}
    url = f"{bench.config.public_url}/oauth/v2/authorize"
    async with bench.http.post(url, data=form, allow_redirects=False) as reply:
        location = reply.headers["Location"]
    query = parse_qs(urlsplit(location).query)
    assert location.startswith(bench.back)
    assert query["state"] == ["state-1"]
    answer = await bench.exchange(query["code"][0])
    assert answer["team"] == {"id": "T0NORTH", "name": "Northwind"}
    assert (answer["bot_user_id"], answer["token_type"]) == ("U0NORTHBOT", "bot")
    assert answer["authed_user"] == {"id": "U0NORA"}
    assert (answer["enterprise"], answer["is_enterprise_install"]) == (None, False)
    async with bench.http.post(url, data=form, allow_redirects=False) as reply:
        assert reply.status == 400


async def test_somebody_may_say_no(bench):
    answer = await bench.control("authorize", url=bench.address(), place="T0NORTH", answer="deny")
    assert parse_qs(urlsplit(answer["location"]).query) == {"error": ["access_denied"], "state": ["s1"]}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        pytest.param({"client_id": "1.1"}, "invalid_client_id", id="client"),
        pytest.param({"redirect_uri": "https://evil.example/x"}, "bad_redirect_uri", id="redirect"),
        pytest.param({"scope": "chat:shout"}, "invalid_scope", id="scope"),
        pytest.param({"scope": ""}, "no_scopes", id="no scopes"),
        pytest.param({"user_scope": "chat:write"}, "user_scope_not_supported", id="user scope"),
    ],
)
async def test_an_address_that_asks_wrongly_is_refused_on_the_page(bench, query, said):
    async with bench.http.get(bench.address(**query)) as reply:
        assert reply.status == 400
        assert said in await reply.text()


async def test_a_code_is_good_for_one_exchange_soon_with_all_that_belongs_to_it(bench):
    code = await bench.code("T0NORTH")
    assert await bench.error(bench.exchange(code, client_id="1.1")) == "invalid_client_id"
    assert await bench.error(bench.exchange(code, client_secret="wrong")) == "bad_client_secret"
    assert await bench.error(bench.exchange(code, redirect_uri=f"{bench.back}/x")) == "bad_redirect_uri"
    assert await bench.error(bench.exchange("made-up")) == "invalid_code"
    assert (await bench.exchange(code))["ok"]
    assert await bench.error(bench.exchange(code)) == "code_already_used"
    late = await bench.code("T0NORTH")
    bench.clock.advance(601)
    assert await bench.error(bench.exchange(late)) == "invalid_code"


async def test_scopes_are_those_that_were_granted_and_add_up(bench):
    url = bench.address(scope="commands")
    first = await bench.control("authorize", url=url, place="T0NORTH")
    answer = await bench.exchange(parse_qs(urlsplit(first["location"]).query)["code"][0])
    web = bench.web(answer["access_token"])
    assert (await web.auth_test()).headers["x-oauth-scopes"] == "commands"
    assert await bench.error(web.chat_postMessage(channel="C0NORTH", text="hi")) == "missing_scope"
    again = await bench.install("T0NORTH")
    assert again["access_token"] == answer["access_token"]
    assert again["scope"].split(",") == list(SCOPES)
    assert (await web.chat_postMessage(channel="C0NORTH", text="hi"))["ok"]


async def test_a_token_reaches_nothing_of_another_workspace(bench):
    north = bench.web((await bench.install("T0NORTH"))["access_token"])
    home = bench.web(bench.config.slack_bot_token)
    assert (await north.auth_test())["team_id"] == "T0NORTH"
    assert (await home.auth_test())["team_id"] == "T0SANDBOX"
    posted = await home.chat_postMessage(channel="C0DEMO", text="ours")
    ts = posted["ts"]
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    view = bench.slack.workspace.views.open("U0ANA", modal)
    file = bench.slack.workspace.add_file("a.srt", b"1", owner="U0ANA")
    trigger = bench.slack.triggers.issue("U0ANA")
    tried = {
        "channel_not_found": [
            north.chat_postMessage(channel="C0DEMO", text="theirs"),
            north.chat_postMessage(channel="captions-demo", text="theirs"),
            north.chat_postMessage(channel="U0ANA", text="theirs"),
            north.chat_update(channel="C0DEMO", ts=ts, text="theirs"),
            north.chat_delete(channel="C0DEMO", ts=ts),
            north.chat_getPermalink(channel="C0DEMO", message_ts=ts),
            north.conversations_replies(channel="C0DEMO", ts=ts),
        ],
        "message_not_found": [north.chat_update(channel="C0NORTH", ts=ts, text="theirs")],
        "not_found": [north.views_update(view_id=view.id, view=modal)],
        "invalid_trigger_id": [north.views_open(trigger_id=trigger, view=modal)],
        "file_not_found": [north.files_info(file=file.id)],
        "invalid_arguments": [north.views_publish(user_id="U0ANA", view={"type": "home", "blocks": []})],
    }
    for expected, calls in tried.items():
        for call in calls:
            assert await bench.error(call) == expected
    url = f"{bench.config.public_url}/files-pri/T0SANDBOX-{file.id}/a.srt"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {north.token}"}) as reply:
        assert reply.content_type == "text/html"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {home.token}"}) as reply:
        assert await reply.read() == b"1"


async def test_ids_are_never_those_of_another_workspace(bench):
    places = bench.slack.workplaces
    modal = {"type": "modal", "blocks": []}
    made = []
    for place in places:
        person = next(iter(place.workspace.people))
        made += [place.workspace.add_file("a", b"1", owner=person).id, place.triggers.issue(person)]
        made += [
            place.workspace.views.open(person, modal).id,
            *place.workspace.people,
            *place.workspace.channels,
        ]
    assert len(set(made)) == len(made)


async def test_people_of_a_workspace_reach_the_bot_once_it_is_there(bench):
    said = {"user_id": "U0NORA", "channel_id": "C0NORTH", "command": "/caption", "text": "help"}
    nothing = await bench.control("command", **said)
    assert nothing["status"] is None
    assert "not a valid command" in nothing["shown"]["text"]
    assert bench.heard == []
    await bench.install("T0NORTH")
    assert (await bench.control("command", **said))["status"] == 200
    [form] = bench.heard
    assert (form["team_id"], form["team_domain"]) == ("T0NORTH", "northwind")
    assert form["is_enterprise_install"] == "false"
    url = form["response_url"]
    async with bench.http.post(url, json={"text": "only here"}) as reply:
        assert reply.status == 200
    assert [one.text for one in bench.slack.workspace.seen_by("C0DEMO", "U0ANA")] == []
    north = bench.slack.workplace("T0NORTH").workspace
    assert north.seen_by("C0NORTH", "U0NORA")[-1].text == "only here"


async def test_an_organization_s_token_is_good_in_all_its_workspaces_and_nowhere_else(bench):
    answer = await bench.install("E0HARBOR")
    assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
    assert answer["enterprise"] == {"id": "E0HARBOR", "name": "Harbor Group"}
    web = bench.web(answer["access_token"])
    assert (await web.auth_test())["is_enterprise_install"] is True
    for channel, team in (("C0QUAY", "T0QUAY"), ("C0PIER", "T0PIER")):
        assert (await web.chat_postMessage(channel=channel, text=team))["channel"] == channel
    assert (await web.auth_test(team_id="T0PIER"))["team_id"] == "T0PIER"
    assert await bench.error(web.auth_test(team_id="T0NORTH")) == "team_not_found"
    assert await bench.error(web.chat_postMessage(channel="C0DEMO", text="x")) == "channel_not_found"
    await bench.control("command", user_id="U0PIA", channel_id="C0PIER", command="/caption", text="")
    form = bench.heard[-1]
    assert (form["team_id"], form["enterprise_id"]) == ("T0PIER", "E0HARBOR")
    assert form["is_enterprise_install"] == "true"
    await bench.control("app_home_opened", user_id="U0PIA")
    event = bench.heard[-1]
    assert (event["team_id"], event["enterprise_id"]) == ("T0PIER", "E0HARBOR")
    [authorization] = event["authorizations"]
    assert (authorization["team_id"], authorization["is_enterprise_install"]) == (None, True)


@pytest.mark.parametrize(
    ("place", "channel", "team"), [("T0NORTH", "C0NORTH", "T0NORTH"), ("E0HARBOR", "C0PIER", "T0PIER")]
)
async def test_files_are_uploaded_and_seen_in_their_own_workspace(bench, place, channel, team):
    web = bench.web((await bench.install(place))["access_token"])
    done = await web.files_upload_v2(channel=channel, content="1", filename="a.srt")
    file_id = done["file"]["id"]
    bench.slack.clock.advance(1)
    shared = (await web.files_info(file=file_id))["file"]
    assert list(shared["shares"]["public"]) == [channel]
    url = shared["url_private"]
    assert f"/files-pri/{team}-{file_id}/" in url
    async with bench.http.get(url, headers={"Authorization": f"Bearer {web.token}"}) as reply:
        assert await reply.read() == b"1"
    home = bench.web(bench.config.slack_bot_token)
    assert await bench.error(home.files_info(file=file_id)) == "file_not_found"
    async with bench.http.get(url, headers={"Authorization": f"Bearer {home.token}"}) as reply:
        assert reply.content_type == "text/html"


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


async def test_the_page_goes_from_one_workspace_to_the_other(bench):
    async with bench.http.get(f"{bench.config.public_url}/?as=U0NORA") as reply:
        page = await reply.text()
    assert "northern-films" in page
    assert "captions-demo" not in page
    assert "Caption Bot is not installed here." in page
    url = f"{bench.config.public_url}/_page/say"
    typed = {"as": "U0NORA", "in": "C0NORTHALL", "text": "/invite @Caption Bot"}
    async with bench.http.post(url, json=typed) as reply:
        assert reply.status == 200
    assert "U0NORTHBOT" in bench.slack.workplace("T0NORTH").workspace.channel("C0NORTHALL").members
    async with bench.http.post(url, json=typed | {"in": "C0DEMO"}) as reply:
        assert reply.status == 400
    async with bench.http.post(url, json=typed | {"text": "/invite @Ana"}) as reply:
        assert reply.status == 400


async def test_an_unknown_workspace_is_refused_by_remote_control(bench):
    said = {"team": "T0NONE", "user_id": "U0ANA", "channel_id": "C0DEMO", "text": "x"}
    assert (await bench.control("say", **said))["error"] == "team_not_found"
    url = f"{bench.config.public_url}/_sandbox/slack/state"
    async with bench.http.get(url, params={"team": "T0PIER"}) as reply:
        assert [one["id"] for one in (await reply.json())["people"]] == ["U0PIA"]


async def test_the_page_takes_a_no_and_refuses_a_place_that_is_not(bench):
    url = f"{bench.config.public_url}/oauth/v2/authorize"

    async def answer(**form):
        async with bench.http.get(bench.address()) as reply:
            visit = re.search(r'name="visit" value="([^"]+)"', await reply.text())[1]
        async with bench.http.post(url, data={"visit": visit, **form}, allow_redirects=False) as reply:
            return reply.status, reply.headers.get("Location", ""), await reply.text()

    status, location, _ = await answer(answer="deny")
    assert (status, parse_qs(urlsplit(location).query)["error"]) == (303, ["access_denied"])
    status, _, text = await answer(answer="allow", place="T0NONE")
    assert status == 400
    assert "There is no such workspace." in text
    wrong = {"url": bench.address(), "place": "T0NORTH", "user_id": "U0ANA"}
    assert (await bench.control("authorize", **wrong))["error"] == "user_not_found"


async def test_where_the_app_names_no_address_oauth_leads_to_the_configured_one(bench):
    url = bench.address(redirect_uri="")
    location = (await bench.control("authorize", url=url, place="T0NORTH"))["location"]
    assert location.startswith(f"{bench.config.bot_url}/slack/oauth_redirect?code=")
    code = parse_qs(urlsplit(location).query)["code"][0]
    assert (await bench.exchange(code, redirect_uri=None))["ok"]


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
