"""The workspace by remote control: what people do, over HTTP, for tests in other processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from inspect import Parameter, signature
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.json_routes import BadControl, json_endpoint
from bot.sandbox.slack.model import Channel, ChannelKind, Message, Refusal, View
from bot.sandbox.slack.shapes import file_json, view_json
from bot.sandbox.slack.sharing import whole_file
from bot.sandbox.slack.stand_in import Slack, Workplace

Act = Callable[..., Awaitable[Any]]


def routes(slack: Slack) -> list[Route]:
    """Return the control routes, all under `/_sandbox/slack`.

    The workspace is the one that `team` names, or that the person or channel belongs to, or the first.
    A POST's body holds the arguments of the act by name; its answer is what the act returned. What a
    person could not do is answered with 400 and the `error`.
    """
    acts: dict[str, Callable[[Workplace], Act]] = {
        "command": lambda place: place.people.command,
        "shortcut": lambda place: place.people.shortcut,
        "press": lambda place: place.people.press,
        "suggest": lambda place: place.people.suggest,
        "submit": lambda place: place.people.submit,
        "close": lambda place: place.people.close,
        "app_home_opened": lambda place: place.people.app_home_opened,
        "event": lambda place: place.people.event,
        "verify_url": lambda place: place.people.verify_url,
        "run_step": lambda place: place.people.run_step,
        "ssl_check": lambda place: place.people.ssl_check,
        "redeliver": lambda place: place.people.redeliver,
        "say": lambda place: _Control(place).say,
        "channels": lambda place: _Control(place).add_channel,
        "archive": lambda place: _Control(place).archive,
        "kick": lambda place: _Control(place).kick,
        "invite": lambda place: _Control(place).invite,
        "rename": lambda place: _Control(place).rename,
        "delete": lambda place: _Control(place).delete,
        "uploads_allowed": lambda place: _Control(place).uploads_allowed,
    }
    posts = [
        Route(f"/_sandbox/slack/{name}", json_endpoint(_placed(slack, act)), methods=["POST"])
        for name, act in acts.items()
    ]
    files = _Files(slack)
    posts.append(Route("/_sandbox/slack/share_file", files.share_file, methods=["POST"]))
    return [*posts, Route("/_sandbox/slack/state", json_endpoint(files.state), methods=["GET"])]


def _placed(slack: Slack, act: Callable[[Workplace], Act]) -> Callable[[Request, dict[str, Any]], Any]:
    async def handle(request: Request, body: dict[str, Any]) -> Any:
        team = str(body.pop("team", ""))
        named = [str(body.get(name, "")) for name in ("user_id", "channel_id", "view_id")]
        return await act_endpoint(act(_workplace(slack, team, *named)))(request, body)

    return handle


def _workplace(slack: Slack, team: str, *named: str) -> Workplace:
    try:
        return slack.workplace(team, *named)
    except Refusal as refusal:
        raise BadControl(refusal.code) from None


def act_endpoint(act: Act) -> Callable[[Request, dict[str, Any]], Awaitable[Any]]:
    """Return the endpoint whose body is an act's arguments by name, and whose answer is what it returned."""

    async def handle(request: Request, body: dict[str, Any]) -> Any:
        del request
        _check_names(act, body)
        try:
            return _plain(await act(**body))
        except Refusal as refusal:
            raise BadControl(refusal.code) from None

    return handle


def _check_names(act: Act, body: dict[str, Any]) -> None:
    known = signature(act).parameters
    unknown = sorted(set(body) - set(known))
    missing = [name for name, one in known.items() if one.default is Parameter.empty and name not in body]
    if unknown or missing:
        raise BadControl(f"unknown arguments {unknown}, missing arguments {missing}")


def _plain(result: Any) -> Any:
    if result is None or isinstance(result, bool | list):
        return {"result": result}
    if isinstance(result, dict):
        return result
    return asdict(result)


class _Control:
    """Acts on a workspace itself."""

    def __init__(self, slack: Workplace) -> None:
        self._slack = slack
        self._workspace = slack.workspace

    async def say(self, user_id: str, channel_id: str, text: str, *, thread_ts: str | None = None) -> Message:
        return self._slack.people.say(user_id, channel_id, text, thread_ts=thread_ts)

    async def add_channel(self, name: str, *, private: bool = False, bot: bool = True) -> dict[str, Any]:
        members = self._workspace.members()
        if bot:
            members.add(self._slack.config.bot_user_id)
        kind: ChannelKind = "private" if private else "public"
        return _channel(self._workspace.add_channel(name, kind=kind, members=members))

    async def archive(self, channel_id: str) -> None:
        self._workspace.archive(channel_id)

    async def kick(self, channel_id: str, user_id: str = "") -> None:
        self._workspace.kick(channel_id, user_id)

    async def invite(self, channel_id: str, user_id: str = "") -> None:
        self._workspace.invite(channel_id, user_id)

    async def rename(self, channel_id: str, name: str) -> None:
        self._workspace.rename(channel_id, name)

    async def delete(self, channel_id: str, ts: str) -> None:
        message = self._workspace.channel(channel_id).messages.get(ts)
        if message is None or message.deleted:
            raise Refusal("message_not_found")
        self._workspace.delete(message)

    async def uploads_allowed(self, allowed: str) -> None:
        """Set what people and apps may upload: `all`, `images` or `none`."""
        match allowed:
            case "all" | "images" | "none":
                self._slack.uploads.allowed = allowed
            case _:
                raise Refusal("invalid_allowed")


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "members": sorted(channel.members),
        "archived": channel.archived,
        "messages": [asdict(message) for message in channel.messages.values()],
    }


class _Files:
    """What is not an act with arguments in a body: a file's bytes, and all there is to see."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def share_file(self, request: Request) -> Response:
        """Post a message with the body as its file; the query holds the arguments of `people.share_file`."""
        query = request.query_params
        try:
            place = self._slack.workplace(
                query.get("team", ""), query.get("user_id", ""), query.get("channel_id", "")
            )
            message = place.people.share_file(
                query.get("user_id", ""),
                query.get("channel_id", ""),
                query.get("name", ""),
                await whole_file(request),
                text=query.get("text", ""),
                thread_ts=query.get("thread_ts"),
            )
        except Refusal as refusal:
            return JSONResponse({"error": refusal.code}, 400)
        return JSONResponse(asdict(message))

    async def state(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Everything there is, deleted and ephemeral messages included; `?channel=` limits it to one."""
        del body
        only = request.query_params.get("channel")
        place = _workplace(self._slack, request.query_params.get("team", ""), only or "")
        workspace = place.workspace
        return {
            "team": {"id": place.config.team_id, "name": place.config.team_name},
            "people": [asdict(person) for person in workspace.people.values()],
            "channels": [
                _channel(channel) for channel in workspace.channels.values() if only in {None, channel.id}
            ],
            "files": [file_json(workspace, file) for file in workspace.files.values()],
            "views": {
                user: [_view(place, view) for view in workspace.views.stack(user)]
                for user in workspace.people
            },
            "homes": {user: _view(place, view) for user, view in workspace.views.home.items()},
        }


def _view(place: Workplace, view: View) -> dict[str, Any]:
    return {**view_json(place, view), "errors": view.errors}
