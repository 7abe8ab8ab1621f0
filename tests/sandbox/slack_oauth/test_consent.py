"""How the app comes into a workspace: what is asked on the page, and what the code is good for."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk.oauth import AuthorizeUrlGenerator

from tests.sandbox.slack_oauth.bench import CREDENTIALS_BY_CLASS, SCOPES

pytestmark = CREDENTIALS_BY_CLASS


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
