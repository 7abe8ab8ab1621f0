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
        try:
            token, arguments = await read_arguments(request)
            method, arguments.caller = self._admitted(name, token)
        except Refusal as refusal:
            return self._refused(name, arguments, refusal)
        wait_seconds = self._retry_after(name, method, arguments)
        if wait_seconds:
            self._core.journal.add("slack.limited", name, retry_after=wait_seconds, args=arguments.values)
            return _too_many(wait_seconds)
        return await self._carry_out(name, method, arguments)

    async def _carry_out(self, name: str, method: Method, arguments: Arguments) -> Response:
        reached = False

        async def effect() -> Response:
            nonlocal reached
            reached = True
            try:
                body = method.act(self._core, arguments)
            except Refusal as refusal:
                return self._refused(name, arguments, refusal)
            self._log(name, arguments, ok=True, error="")
            return self._json({"ok": True, **body}, scopes=arguments.caller.scopes)

        response = await self._thrower.answer(f"slack:{name}", effect)
        if not reached:
            self._log(name, arguments, ok=False, error="fault")
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

    def _caller(self, token: str) -> Caller:
        config = self._core.config
        if hmac.compare_digest(token.encode(), config.slack_app_token.encode()):
            return Caller(kind="app", scopes=config.slack_app_scopes, token=token)
        if hmac.compare_digest(token.encode(), config.slack_bot_token.encode()):
            return Caller(kind="bot", scopes=config.slack_scopes, token=token)
        raise Refusal("invalid_auth")

    def _retry_after(self, name: str, method: Method, arguments: Arguments) -> int:
        if not self._core.config.limits:
            return 0
        channel = arguments.text("channel")
        if channel in self._core.workspace.people:
            channel = f"D{channel[1:]}"
        return self._core.limits.retry_after(name, method.tier, channel, self._core.clock.now())

    def _refused(self, name: str, arguments: Arguments, refusal: Refusal) -> Response:
        self._log(name, arguments, ok=False, error=refusal.code)
        body = {"ok": False, "error": refusal.code, **refusal.extra}
        return self._json(body, scopes=arguments.caller.scopes)

    def _log(self, name: str, arguments: Arguments, *, ok: bool, error: str) -> None:
        self._core.journal.add("slack.call", name, args=arguments.values, ok=ok, error=error)

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

        async def effect() -> Response:
            taken = self._core.uploads.receive(request.path_params["token"], content)
            self._core.journal.add("slack.call", "upload", bytes=len(content), ok=taken)
            if taken:
                return PlainTextResponse(f"OK - {len(content)}")
            return PlainTextResponse("unknown upload, or not as long as announced", 400)

        return await self._thrower.answer("slack:upload", effect)

    async def respond(self, request: Request) -> Response:
        """Answer a post to a response_url."""
        raw = await request.body()
        effect = self._respond_effect(request.path_params["token"], raw)
        return await self._thrower.answer("slack:response_url", effect)

    def _respond_effect(self, token: str, raw: bytes) -> Effect:
        async def effect() -> Response:
            body: Any = {}
            try:
                body = _object(raw)
                self._core.response_urls.answer(token, body)
            except Refusal as refusal:
                self._core.journal.add("slack.call", "response_url", args=body, ok=False, error=refusal.code)
                status = 404 if refusal.code in {"expired_url", "used_url"} else 400
                return self._json({"ok": False, "error": refusal.code, **refusal.extra}, status)
            self._core.journal.add("slack.call", "response_url", args=body, ok=True, error="")
            return PlainTextResponse("ok")

        return effect

    async def download(self, request: Request) -> Response:
        """Hand out a file's bytes to the bot; to anybody else, as Slack does, a page to sign in with 200."""
        _, _, token = request.headers.get("authorization", "").partition(" ")
        team, _, file_id = request.path_params["file"].partition("-")
        file = self._core.workspace.files.get(file_id)
        if team != self._core.config.team_id or file is None or not file.completed or file.deleted:
            return PlainTextResponse("not found", 404)
        if not sees_file(self._core, file):
            return HTMLResponse(_SIGN_IN_PAGE)
        scoped = "files:read" in self._core.config.slack_scopes
        if not scoped or not hmac.compare_digest(token.encode(), self._core.config.slack_bot_token.encode()):
            return HTMLResponse(_SIGN_IN_PAGE)
        return Response(file.content, media_type=media_type(file.name))


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
