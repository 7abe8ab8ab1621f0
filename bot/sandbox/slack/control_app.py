"""The app by remote control: what Slack's own settings pages, and Slack itself, do to it."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.json_routes import BadControl, json_endpoint
from bot.sandbox.slack import consent, methods_auth
from bot.sandbox.slack.control import Act, act_endpoint
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.functions import Parameter, Step
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
        "authorize": control.authorize,
        "rotation": control.rotation,
        "declare": control.declare,
        "uninstall": control.uninstall,
        "revoke": control.revoke,
    }
    posts = [
        Route(f"/_sandbox/slack/{name}", json_endpoint(act_endpoint(act)), methods=["POST"])
        for name, act in acts.items()
    ]
    return [
        *posts,
        Route("/_sandbox/slack/sockets", json_endpoint(control.sockets), methods=["GET"]),
        Route("/_sandbox/slack/runs", json_endpoint(control.runs), methods=["GET"]),
        Route("/_sandbox/slack/installations", json_endpoint(control.installations), methods=["GET"]),
    ]


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

    async def authorize(
        self, url: str, place: str, *, user_id: str = "", answer: str = "allow"
    ) -> dict[str, Any]:
        """Visit the authorize page at `url` and answer it; `location` is where the browser goes then.

        `place` is a workspace's id, or an organization's for all its workspaces.
        """
        ask = consent.read_ask(self._slack.config, dict(parse_qsl(urlsplit(url).query)))
        if answer != "allow":
            return {"location": consent.deny(self._slack, ask)}
        found = self._slack.app.workspaces_of(place)
        user = user_id or next((person for one in found for person in one.workspace.people), "")
        return {"location": consent.allow(self._slack, ask, place, user)}

    async def installations(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Where the app is, with its tokens and which of them still count."""
        del request, body
        grants = self._slack.app.grants
        tokens = [asdict(token) for token in grants.tokens.values()]
        installed = [asdict(one) for one in grants.installations.values()]
        teams = [
            {
                "id": one.config.team_id,
                "name": one.config.team_name,
                "enterprise_id": one.config.enterprise_id,
                "installed": one.installed,
                "people": list(one.workspace.people),
            }
            for one in self._slack.workplaces
        ]
        return {"teams": teams, "installations": installed, "tokens": tokens, "rotation": grants.rotation}

    async def runs(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Every run of a workflow step, in every workspace."""
        del request, body
        runs = [
            {"team": place.config.team_id, **asdict(run)}
            for place in self._slack.workplaces
            for run in place.functions.runs.values()
        ]
        return {"runs": runs}

    async def declare(
        self, callback_id: str, title: str, inputs: dict[str, Any], outputs: dict[str, Any]
    ) -> None:
        """Declare a step as a manifest does: parameters by name, with `type`, `title` and `is_required`."""
        step = Step(
            callback_id=callback_id, title=title, inputs=_parameters(inputs), outputs=_parameters(outputs)
        )
        for place in self._slack.workplaces:
            place.functions.steps[callback_id] = step

    async def rotation(self, on: bool) -> dict[str, Any]:  # noqa: FBT001 - bodies name arguments
        """Rotate tokens from the next exchange on, or no longer."""
        self._slack.app.grants.rotation = bool(on)
        return {"rotation": self._slack.app.grants.rotation}

    async def uninstall(self, place: str) -> None:
        """Take the app out of a workspace or organization, as its admins can."""
        methods_auth.remove(self._first(place), place)

    async def revoke(self, place: str) -> None:
        """Revoke every token of a workspace or organization."""
        first = self._first(place)
        self._slack.app.grants.revoke(place)
        methods_auth.tell_revoked(first, place)

    def _first(self, place: str) -> Core:
        if place not in self._slack.app.grants.installations:
            raise Refusal("not_installed")
        return self._slack.app.workspaces_of(place)[0]


def _parameters(declared: dict[str, Any]) -> tuple[Parameter, ...]:
    if not all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in declared.values()):
        raise BadControl("each parameter needs a type")
    return tuple(
        Parameter(
            name=name,
            title=str(one.get("title") or name),
            type=one["type"],
            required=bool(one.get("is_required")),
        )
        for name, one in declared.items()
    )
