"""The app by remote control: what Slack's own settings pages, and Slack itself, do to it."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.json_routes import BadControl, json_endpoint
from bot.sandbox.slack.control import Act, act_endpoint
from bot.sandbox.slack.model import Refusal
from bot.sandbox.slack.sockets import Line
from bot.sandbox.slack.stand_in import Slack


def routes(slack: Slack) -> list[Route]:
    """Return the control routes of the app, beside those of `control.py` under `/_sandbox/slack`."""
    control = _Control(slack)
    acts: dict[str, Act] = {
        "socket_mode": control.socket_mode,
        "disconnect": control.disconnect,
        "drop": control.drop,
    }
    posts = [
        Route(f"/_sandbox/slack/{name}", json_endpoint(act_endpoint(act)), methods=["POST"])
        for name, act in acts.items()
    ]
    return [*posts, Route("/_sandbox/slack/sockets", json_endpoint(control.sockets), methods=["GET"])]


class _Control:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._sockets = slack.sockets

    async def sockets(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """`on` is True, False, or null where the first connection will switch Socket Mode on."""
        del request, body
        return self._shown()

    async def socket_mode(self, on: bool | None) -> dict[str, Any]:  # noqa: FBT001 - bodies name arguments
        if on is not None and not isinstance(on, bool):
            raise BadControl("on must be true, false or null")
        await self._sockets.switch(on=on)
        return self._shown()

    async def disconnect(self, reason: str, connection: str = "") -> dict[str, Any]:
        """Ask the bot to leave one connection, or all; it is closed a little later."""
        self._sockets.check_reason(reason)
        for line in self._lines(connection):
            await self._sockets.announce(line, reason)
            self._slack.later(0, partial(self._sockets.end, line, reason))
        return self._shown()

    async def drop(self, connection: str = "") -> dict[str, Any]:
        """Close one connection, or all, without a word before."""
        for line in self._lines(connection):
            await line.close(1011)
        return self._shown()

    def _lines(self, connection: str) -> list[Line]:
        found = [line for line in self._sockets.lines if connection in {"", line.id}]
        if not found:
            raise Refusal("no_such_connection")
        return found

    def _shown(self) -> dict[str, Any]:
        connections = [
            {"id": line.id, "opened_at": line.opened_at, "leaving": line.leaving, "envelopes": line.envelopes}
            for line in self._sockets.lines
        ]
        return {"on": self._sockets.mode, "connections": connections}
