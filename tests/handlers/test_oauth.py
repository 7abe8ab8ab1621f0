"""Installing the app in a browser: once, in time, from where it was begun, and every way out is a page."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot import settings as setting
from bot.errors import NotReached, SlackRefused, StoreError
from bot.services import workspaces
from bot.slack.apps import Grant
from bot.vault import Vault, new_key
from handlers.oauth import INSTALL, REDIRECT, OAuth

KEY = new_key()
GRANT = Grant(token="xoxb-1", refresh_token="xoxe-1", team_id="T1", team_name="<Films>", installer_id="U1")


class Apps:
    """Slack's side of the exchange."""

    def __init__(self) -> None:
        self.grant = GRANT
        self.error: Exception | None = None
        self.exchanged: list[tuple[str, str]] = []

    async def exchange(self, code: str, *, redirect_uri: str, client_id: str, client_secret: str) -> Grant:
        assert (client_id, client_secret) == ("1.2", "client-secret")
        self.exchanged.append((code, redirect_uri))
        if self.error is not None:
            raise self.error
        return self.grant


class Browser:
    """A browser with its own cookies, and what the bot was told to do for whom."""

    def __init__(self, store, apps: Apps, public_url: str = "https://bot.test") -> None:
        self.apps, self.forgotten, self.welcomed = apps, [], []
        settings = setting.load(
            None,
            slack_client_id="1.2",
            slack_client_secret="client-secret",
            slack_signing_secret="signing",
            encryption_keys=KEY,
            public_url=public_url,
        )

        async def welcome(team_id: str, user_id: str) -> None:
            self.welcomed.append((team_id, user_id))

        doors = OAuth(
            settings=settings,
            store=store,
            apps=apps,
            vault=Vault([KEY]),
            installed=self.forgotten.append,
            welcome=welcome,
        )
        app = Starlette(routes=[Route(INSTALL, doors.install), Route(REDIRECT, doors.redirect)])
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=public_url)

    async def begin(self) -> dict[str, list[str]]:
        page = await self.http.get(INSTALL)
        assert page.status_code == 200
        found = re.search(r'href="([^"]+)"', page.text)
        assert found is not None
        url = unescape(found[1])
        assert url.startswith("https://slack.com/oauth/v2/authorize?")
        return parse_qs(urlsplit(url).query)

    async def back(self, **query: str) -> httpx.Response:
        return await self.http.get(REDIRECT, params=query)


@pytest.fixture
def apps() -> Apps:
    return Apps()


@pytest.fixture
def browser(sqlite_store, apps) -> Browser:
    return Browser(sqlite_store, apps)


async def test_the_button_leads_to_slack_with_our_scopes_and_a_state_of_its_own(browser):
    first, second = await browser.begin(), await browser.begin()

    assert first["client_id"] == ["1.2"]
    assert first["redirect_uri"] == ["https://bot.test/slack/oauth_redirect"]
    assert {"commands", "chat:write"} <= set(first["scope"][0].split(","))
    assert first["state"] != second["state"]


async def test_the_cookie_and_the_page_give_nothing_away(browser):
    page = await browser.http.get(INSTALL)

    cookie = page.headers["set-cookie"].lower()
    assert all(
        word in cookie for word in ("httponly", "secure", "samesite=lax", "path=/slack", "max-age=600")
    )
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_a_direct_link_leads_to_slack_at_once(browser):
    answer = await browser.http.get(INSTALL, params={"direct": ""})

    assert answer.status_code == 302
    assert "state=" in answer.headers["location"]


async def test_an_installation_is_stored_sealed_and_the_first_one_is_welcomed(browser, sqlite_store):
    for _ in range(2):
        state = (await browser.begin())["state"][0]
        done = await browser.back(code="c", state=state)
        assert done.status_code == 200
        assert "&lt;Films&gt;" in done.text

    held = await sqlite_store.transaction(workspaces.held, "T1")
    assert Vault([KEY]).open(held.installation.token) == "xoxb-1"
    assert Vault([KEY]).open(held.installation.refresh_token) == "xoxe-1"
    assert browser.forgotten == ["T1", "T1"]
    assert browser.welcomed == [("T1", "U1")]


async def test_an_organization_is_stored_under_its_own_id_and_nobody_is_written_to(
    browser, apps, sqlite_store
):
    apps.grant = Grant(token="xoxb-9", enterprise_id="E1", enterprise_name="Org", installer_id="U9")
    state = (await browser.begin())["state"][0]

    assert "installed in Org" in (await browser.back(code="c", state=state)).text
    assert (await sqlite_store.transaction(workspaces.held, "E1")) is not None
    assert browser.welcomed == []


async def test_a_state_works_once_and_only_in_its_browser(browser, sqlite_store, apps):
    state = (await browser.begin())["state"][0]
    stranger = Browser(sqlite_store, apps)

    assert "not the browser" in (await stranger.back(code="c", state=state)).text
    assert "not the browser" in (await browser.back(code="c", state="other")).text
    assert "not the browser" in (await browser.back(code="c")).text
    state = (await browser.begin())["state"][0]
    assert (await browser.back(code="c", state=state)).status_code == 200
    browser.http.cookies.set("caption-bot-install", state, domain="bot.test", path="/slack")
    again = await browser.back(code="c", state=state)
    assert (again.status_code, "is over" in again.text) == (400, True)


async def test_a_state_ends_after_ten_minutes(browser, clock):
    state = (await browser.begin())["state"][0]
    clock.forward(601)

    assert "is over" in (await browser.back(code="c", state=state)).text
    assert browser.apps.exchanged == []


@pytest.mark.parametrize(
    ("query", "error", "status", "said"),
    [
        ({"error": "access_denied"}, None, 200, "You chose not to install"),
        ({"error": "<script>"}, None, 400, "&lt;script&gt;"),
        ({"code": "c"}, SlackRefused("invalid_code", method="oauth.v2.access"), 400, "invalid_code"),
        ({"code": "c"}, NotReached("no way"), 503, "did not answer"),
    ],
)
async def test_what_goes_wrong_is_a_page_with_a_way_to_begin_again(browser, query, error, status, said):
    browser.apps.error = error
    state = (await browser.begin())["state"][0]

    page = await browser.back(state=state, **query)

    assert page.status_code == status
    assert said in page.text
    assert f'href="{INSTALL}"' in page.text


async def test_a_grant_of_nowhere_is_not_stored(browser, apps, sqlite_store):
    apps.grant = Grant(token="xoxb-1")
    state = (await browser.begin())["state"][0]

    assert "did not say where" in (await browser.back(code="c", state=state)).text
    assert await sqlite_store.transaction(workspaces.everywhere) == []


async def test_without_its_store_nobody_is_sent_anywhere(apps):
    class Broken:
        async def transaction(self, *_args, **_kwargs):
            raise StoreError("the disk is full")

    page = await Browser(Broken(), apps).http.get(INSTALL)

    assert page.status_code == 503
    assert "slack.com" not in page.text
