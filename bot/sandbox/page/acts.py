"""What people do on the page, handed to the people of the Slack stand-in.

The page never speaks to the bot: whatever is done here reaches it as Slack's own signed requests.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.json_routes import BadControl, json_endpoint
from bot.sandbox.page import step
from bot.sandbox.page.look import APP_NAME, HOME, Look
from bot.sandbox.page.selects import option_item
from bot.sandbox.page.typed import find_element, typed_state, typed_value
from bot.sandbox.slack.model import Refusal, View
from bot.sandbox.slack.shapes import file_json
from bot.sandbox.slack.sharing import whole_file
from bot.sandbox.slack.stand_in import Slack, Workplace
from bot.sandbox.slack.values import unacceptable

Act = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]

_SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "not_in_channel": "You are not in this channel.",
        "is_archived": "This channel is archived: nobody can post here.",
        "channel_not_found": "There is no such channel.",
        "message_not_found": "This message is gone.",
        "view_not_found": "This window is gone.",
        "no_such_element": "This button or field is gone.",
        "no_submit": "This window has nothing to submit.",
        "user_not_found": "There is no such person.",
        "no_file_data": "This file is empty.",
        "file_uploads_disabled": "Nobody may upload files in this workspace.",
        "file_uploads_except_images_disabled": "Only pictures may be uploaded in this workspace.",
        "file_too_large": "The sandbox takes files of up to 200 MB.",
    }
)


_OK = 200
_NAMES = ("say", "act", "suggest", "submit", "close", "shortcut", "home")


class Acts:
    """What a person can do in one workspace: JSON in, JSON out."""

    def __init__(self, place: Workplace) -> None:
        self._people = place.people
        self._workspace = place.workspace

    def act(self, name: str) -> Act:
        """Return the act behind the route of this name."""
        acts: dict[str, Act] = {
            "say": self._say,
            "act": self._act,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "home": self._home,
        }
        return acts[name]

    async def share(self, request: Request) -> Response:
        """Post a message with a file: the body is the file, the query says who, where and its name."""
        query = request.query_params
        try:
            self._people.share_file(
                query.get("as", ""),
                query.get("in", ""),
                query.get("name", ""),
                await whole_file(request),
                text=_as_sent(query.get("text", "")),
                thread_ts=query.get("thread") or None,
            )
        except Refusal as refusal:
            sentence = _SENTENCES.get(refusal.code, f"Refused: {refusal.code}.")
            return JSONResponse({"error": sentence}, 400)
        return JSONResponse({})

    async def _say(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        text, place, thread = str(body["text"]), str(body["in"]), str(body.get("thread") or "") or None
        if text.startswith("/") and not text.startswith("//"):
            command, _, rest = text.partition(" ")
            if command == "/invite":
                self._invite(user, place, rest)
                return {}
            await self._people.command(user, place, command, rest, thread_ts=thread)
        else:
            self._people.say(user, place, _as_sent(text), thread_ts=thread)
        return {}

    def _invite(self, user: str, place: str, whom: str) -> None:
        """Do what Slack's own command does, for the one that the page can name: the app."""
        channel = self._workspace.channel(place)
        if user not in channel.members:
            raise Refusal("not_in_channel")
        if whom.strip().lstrip("@").casefold() != APP_NAME.casefold():
            raise Refusal("user_not_found")
        self._workspace.invite(channel.id)

    async def _act(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        where, blocks = self._source(user, body["source"])
        block_id, action_id = str(body["block"]), str(body["action"])
        element = find_element(blocks, block_id, action_id)
        if element is None:
            raise Refusal("no_such_element")
        view = self._workspace.views.get(where.get("view_id", ""))
        if view is not None:
            self._type_in(view, body.get("state") or {})
        # A button's value is the bot's own, and Slack leaves it out where the bot gave none.
        pressed = element["type"] in {"button", "icon_button"}
        value = None if pressed else typed_value(element, body.get("raw") or {})
        await self._people.press(user, block_id=block_id, action_id=action_id, value=value, **where)
        return {}

    async def _suggest(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        where, _ = self._source(user, body["source"])
        options = await self._people.suggest(
            user,
            block_id=str(body["block"]),
            action_id=str(body["action"]),
            query=str(body["query"]),
            **where,
        )
        names = Look(workspace=self._workspace, viewer=user).names
        return {"html": "".join(option_item(option, names) for option in options)}

    async def _submit(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        view_id = str(body["view"])
        view = self._workspace.views.get(view_id)
        if view is None:
            raise Refusal("view_not_found")
        state = body.get("state") or {}
        if view.callback_id == step.CALLBACK:
            await self._run_step(user, view, state)
            return {}
        self._take_files(user, state)
        await self._people.submit(user, view_id, typed_state(view.blocks, state))
        return {}

    async def _run_step(self, user: str, view: View, state: Mapping[str, Any]) -> None:
        """Take the sandbox's own form: the app never sees it, only the step that it starts."""
        self._type_in(view, state)
        complaints = unacceptable(view)
        if complaints:
            self._workspace.views.show_errors(view, complaints)
            return
        self._workspace.views.close(view)
        told = await self._people.run_step(user, step.inputs(view), view.private_metadata)
        if told.status != _OK:
            self._workspace.toast(user, "The app did not answer the workflow step.")

    async def _close(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._people.close(user, str(body["view"]), clear=bool(body.get("all")))
        return {}

    async def _shortcut(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if body["name"] == step.CALLBACK:
            self._workspace.views.open(user, step.form())
            return {}
        channel, ts = str(body.get("channel") or ""), str(body.get("ts") or "")
        await self._people.shortcut(user, str(body["name"]), channel_id=channel, ts=ts)
        return {}

    async def _home(self, user: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell the bot which of its tabs somebody opened; an app without a Home hears of neither."""
        if self._workspace.config.home_tab:
            await self._people.app_home_opened(user, "home" if body.get("in", HOME) == HOME else "messages")
        return {}

    def _type_in(self, view: View, state: Mapping[str, Any]) -> None:
        for block_id, actions in typed_state(view.blocks, state).items():
            for action_id, value in actions.items():
                self._workspace.views.type_in(view, block_id, action_id, value)

    def _take_files(self, user: str, state: Mapping[str, Any]) -> None:
        """Upload what was chosen in file fields, and put Slack's file objects in its place."""
        for said in (said for actions in state.values() for said in actions.values()):
            if said.get("files"):
                said["files"] = [self._uploaded(user, one) for one in said["files"]]

    def _uploaded(self, user: str, one: Mapping[str, Any]) -> dict[str, Any]:
        try:
            content = base64.b64decode(str(one["base64"]), validate=True)
        except binascii.Error:
            raise BadControl("The file is not whole.") from None
        file = self._workspace.add_file(str(one["name"]), content, owner=user)
        return file_json(self._workspace, file)

    def _source(self, user: str, source: Mapping[str, Any]) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """Return where an element stands, as the people's methods want it, and the blocks around it."""
        if "view" in source:
            view = self._workspace.views.get(str(source["view"]))
            if view is None or view.user != user:
                raise Refusal("view_not_found")
            return {"view_id": view.id}, view.blocks
        channel_id, ts = str(source["channel"]), str(source["ts"])
        message = self._workspace.channel(channel_id).messages.get(ts)
        if message is None or message.deleted or message.ephemeral_to not in {None, user}:
            raise Refusal("message_not_found")
        return {"channel_id": channel_id, "ts": ts}, message.blocks


def _as_sent(text: str) -> str:
    """Return what Slack makes of a typed message: its three special characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Body(dict[str, Any]):
    """What the browser sent; a part that is missing is the browser's mistake."""

    def __missing__(self, name: str) -> Any:
        raise BadControl(f"The request lacks {name}.")


def routes(slack: Slack) -> list[BaseRoute]:
    """Return one route for each thing a person can do, all of them POST: 400 with a sentence for a no.

    Who acts says in which workspace.
    """

    async def share(request: Request) -> Response:
        return await Acts(slack.workplace("", request.query_params.get("as", ""))).share(request)

    doors: list[BaseRoute] = [
        Route(f"/_page/{name}", _door(slack, name), methods=["POST"]) for name in _NAMES
    ]
    return [*doors, Route("/_page/share", share, methods=["POST"])]


def _door(slack: Slack, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def handler(_request: Request, given: dict[str, Any]) -> dict[str, Any]:
        body = _Body(given)
        user = str(body["as"])
        try:
            return await Acts(slack.workplace("", user)).act(name)(user, body)
        except Refusal as refusal:
            raise BadControl(_SENTENCES.get(refusal.code, f"Refused: {refusal.code}.")) from refusal

    return json_endpoint(handler)
