"""The Web API over HTTP: tokens, scopes, rate limits, faults and the journal around every method.

Slack answers 200 to nearly everything and puts its verdict into `ok` and `error`.
"""

from __future__ import annotations

import hmac
import itertools
import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.faulty import Effect, Thrower
from bot.sandbox.slack.arguments import NOBODY, Arguments, Caller, read_arguments, read_multipart
from bot.sandbox.slack.core import Core
from bot.sandbox.slack.file_kinds import media_type
from bot.sandbox.slack.membership import missing_scope, sees_file
from bot.sandbox.slack.methods import METHODS, Method
from bot.sandbox.slack.model import Refusal

_SIGN_IN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to see this file</body></html>"
)
# Where a call of an organization's token says which workspace it means.
_NAMING = ("channel", "channel_id", "user", "user_id", "users", "view_id", "trigger_id", "file")


def routes(core: Core) -> list[BaseRoute]:
    """Return the routes under which the bot reaches Slack."""
    api = WebApi(core)
    return [
        Route("/api/{method}", api.call, methods=["GET", "POST"]),
        WebSocketRoute("/link/", core.sockets.serve),
        Route("/upload/v1/{token}", api.upload, methods=["POST"]),
        Route("/response/{team}/{token}", api.respond, methods=["POST"]),
        Route("/files-pri/{file}/{path:path}", api.download, methods=["GET"]),
    ]


class WebApi:
    """Answers the bot's calls."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._request_ids = itertools.count(1)
        self._thrower = Thrower(
            faults=core.faults, journal=core.journal, clock=core.clock, refusal=self._thrown
        )

    async def call(self, request: Request) -> Response:
        """Answer `/api/{method}`."""
        name = request.path_params["method"]
        arguments = Arguments({})
        core = self._core
        try:
            token, arguments = await read_arguments(request)
            method, arguments.caller = self._admitted(name, token)
            core = self._workspace(arguments)
        except Refusal as refusal:
            return self._refused(core, name, arguments, refusal)
        wait_seconds = _retry_after(core, name, method, arguments)
        if wait_seconds:
            core.journal.add("slack.limited", name, retry_after=wait_seconds, args=arguments.shown)
            return _too_many(wait_seconds)
        return await self._carry_out(core, name, method, arguments)

    async def _carry_out(self, core: Core, name: str, method: Method, arguments: Arguments) -> Response:
        reached = False

        async def effect() -> Response:
            nonlocal reached
            reached = True
            try:
                body = method.act(core, arguments)
            except Refusal as refusal:
                return self._refused(core, name, arguments, refusal)
            _log(core, name, arguments, ok=True, error="")
            return self._json({"ok": True, **body}, scopes=arguments.caller.scopes)

        response = await self._thrower.answer(f"slack:{name}", effect)
        if not reached:
            _log(core, name, arguments, ok=False, error="fault")
        return response

    def _admitted(self, name: str, token: str) -> tuple[Method, Caller]:
        method = METHODS.get(name)
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        if method.public:
            return method, NOBODY
        if not token:
            raise Refusal("not_authed")
        caller = self._caller(token)
        if caller.kind not in method.tokens:
            raise Refusal("not_allowed_token_type")
        if method.scopes and not set(method.scopes) & set(caller.scopes):
            raise missing_scope(caller.scopes, ",".join(method.scopes))
        return method, caller

    def _caller(self, value: str) -> Caller:
        config, app = self._core.config, self._core.app
        if hmac.compare_digest(value.encode(), config.slack_app_token.encode()):
            return Caller(kind="app", scopes=config.slack_app_scopes, token=value)
        token = app.grants.find(value)
        scopes = tuple(app.grants.installations[token.place].scopes)
        return Caller(kind="bot", scopes=scopes, token=value, place=token.place)

    def _workspace(self, arguments: Arguments) -> Core:
        """Return the workspace that a call is about: its token's, or one of its token's organization."""
        found = self._core.app.workspaces_of(arguments.caller.place)
        if not found:
            return self._core
        asked = arguments.text("team_id")
        if len(found) == 1:
            return found[0]
        if asked:
            chosen = [core for core in found if core.config.team_id == asked]
            if not chosen:
                raise Refusal("team_not_found")
            return chosen[0]
        named = [arguments.text(name) for name in _NAMING]
        return next((core for core in found if any(core.knows(one) for one in named)), found[0])

    def _refused(self, core: Core, name: str, arguments: Arguments, refusal: Refusal) -> Response:
        _log(core, name, arguments, ok=False, error=refusal.code)
        body = {"ok": False, "error": refusal.code, **refusal.extra}
        return self._json(body, scopes=arguments.caller.scopes)

    def _json(self, body: dict[str, Any], status: int = 200, *, scopes: Sequence[str] = ()) -> Response:
        headers = {"x-slack-req-id": f"sandbox{next(self._request_ids):08d}"}
        if scopes:
            headers["x-oauth-scopes"] = ",".join(scopes)
        return JSONResponse(body, status, headers)

    def _thrown(self, fault: Fault) -> Response:
        if fault.kind is FaultKind.RATE_LIMITED:
            return _too_many(max(1, int(fault.seconds)))
        if fault.kind is FaultKind.REFUSE:
            return self._json({"ok": False, "error": fault.code or "internal_error"})
        if fault.code:
            return self._json({"ok": False, "error": fault.code}, fault.status)
        return HTMLResponse("<html><body>Something went wrong.</body></html>", fault.status)

    async def upload(self, request: Request) -> Response:
        """Take the bytes of step two, raw or as a form's only part."""
        content = await request.body()
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            content = next(iter(read_multipart(kind, content).values()), b"")

        token = request.path_params["token"]
        awaiting = [core for core in self._core.app.teams.values() if core.uploads.awaits(token)]

        async def effect() -> Response:
            taken = any(core.uploads.receive(token, content) for core in awaiting)
            self._core.journal.add("slack.call", "upload", bytes=len(content), ok=taken)
            if taken:
                return PlainTextResponse(f"OK - {len(content)}")
            return PlainTextResponse("unknown upload, or not as long as announced", 400)

        return await self._thrower.answer("slack:upload", effect)

    async def respond(self, request: Request) -> Response:
        """Answer a post to a response_url."""
        raw = await request.body()
        core = self._core.app.teams.get(request.path_params["team"], self._core)
        effect = self._respond_effect(core, request.path_params["token"], raw)
        return await self._thrower.answer("slack:response_url", effect)

    def _respond_effect(self, core: Core, token: str, raw: bytes) -> Effect:
        async def effect() -> Response:
            body: Any = {}
            try:
                body = _object(raw)
                core.response_urls.answer(token, body)
            except Refusal as refusal:
                core.journal.add("slack.call", "response_url", args=body, ok=False, error=refusal.code)
                status = 404 if refusal.code in {"expired_url", "used_url"} else 400
                return self._json({"ok": False, "error": refusal.code, **refusal.extra}, status)
            core.journal.add("slack.call", "response_url", args=body, ok=True, error="")
            return PlainTextResponse("ok")

        return effect

    async def download(self, request: Request) -> Response:
        """Hand out a file's bytes to the bot; to anybody else, as Slack does, a page to sign in with 200."""
        _, _, token = request.headers.get("authorization", "").partition(" ")
        team, _, file_id = request.path_params["file"].partition("-")
        core = self._core.app.teams.get(team)
        file = core.workspace.files.get(file_id) if core is not None else None
        if core is None or file is None or not file.completed or file.deleted:
            return PlainTextResponse("not found", 404)
        if not sees_file(core, file) or not self._may_read(core, token):
            return HTMLResponse(_SIGN_IN_PAGE)
        return Response(file.content, media_type=media_type(file.name))

    def _may_read(self, core: Core, token: str) -> bool:
        try:
            place = self._core.app.grants.find(token).place
        except Refusal:
            return False
        return core in self._core.app.workspaces_of(place) and "files:read" in core.scopes


def _retry_after(core: Core, name: str, method: Method, arguments: Arguments) -> int:
    if not core.config.limits:
        return 0
    channel = arguments.text("channel")
    if channel in core.workspace.people:
        channel = f"D{channel[1:]}"
    return core.limits.retry_after(name, method.tier, channel, core.clock.now())


def _log(core: Core, name: str, arguments: Arguments, *, ok: bool, error: str) -> None:
    core.journal.add("slack.call", name, args=arguments.shown, ok=ok, error=error, team=core.config.team_id)


def _too_many(seconds: int) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(seconds)})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal("invalid_payload") from None
    if not isinstance(body, dict):
        raise Refusal("invalid_payload")
    return body
