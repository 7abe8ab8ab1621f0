"""A Slack of several workspaces, the app that comes into them, and what it hears."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

# slack-sdk sends the app's credentials with a class that aiohttp is about to drop.
CREDENTIALS_BY_CLASS = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
SCOPES = ("commands", "chat:write", "files:write", "files:read", "channels:history")


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


def parse_form(raw):
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
