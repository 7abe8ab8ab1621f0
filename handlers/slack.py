"""Everything from Slack: one verified endpoint, the table of listeners, and the one error handler."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from slack_bolt import BoltResponse
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.clock import Clock
from bot.errors import UserError
from bot.ui import caption_modal, fix_modal, form_messages, replies, settings_modal
from bot.ui import home as home_view
from handlers import bodies, in_place
from handlers import lifecycle as lifecycles
from handlers.answering import Answering
from handlers.buttons import Buttons
from handlers.channel_settings import ChannelSettings
from handlers.commands import Commands
from handlers.fixes import Fixes
from handlers.home import Home
from handlers.lifecycle import Lifecycle
from handlers.modals import Modals, apology
from handlers.replays import Replays
from handlers.replying import Work, ephemeral
from handlers.shortcuts import Shortcuts
from handlers.workflow import Workflow

COMMAND: Final = "/caption"
BUTTONS: Final = re.compile("^(job|list)_")
FIXES: Final = re.compile("^fix_")
FORM: Final = re.compile(f"^({form_messages.AGAIN}|{form_messages.REOPEN}|{caption_modal.ACTION_PREFIX}.*)$")
HOME: Final = re.compile(f"^{home_view.ACTION_PREFIX}")
SHORTCUTS: Final = re.compile("^caption_")

_LONGEST_TIMESTAMP: Final = 12
_LONGEST_PROBE: Final = 500
_STALE_SECONDS: Final = 300
_UNSIGNED: Final = (401, "the signature is missing, stale or wrong")
_ANY: Final = re.compile(".*")

log = structlog.get_logger(__name__)


def build(
    commands: Commands,
    buttons: Buttons,
    modals: Modals,
    *,
    web: AsyncWebClient,
    lifecycle: Lifecycle | None = None,
    home: Home | None = None,
    fixes: Fixes | None = None,
    workflow: Workflow | None = None,
) -> AsyncApp:
    """Return the Bolt app with every listener; with `lifecycle` several workspaces install it.

    `process_before_response` lets the answer leave as soon as a listener has acked, instead of at the next
    of Bolt's 10 ms polls; so a listener may validate, commit and ack, and nothing else.
    """
    with _hidden_from_bolt():
        app = AsyncApp(
            # Without a name Bolt reads the source of every caller to find one, 60 ms of a start.
            name="caption-bot",
            client=web,
            authorize=lifecycles.authorize,
            process_before_response=True,
            request_verification_enabled=False,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )
    if lifecycle is not None:
        app.middleware(lifecycle.learn)
    # Each listener that does not match costs a request about 10 us, so those that people wait for come first.
    app.command(COMMAND)(commands.caption)
    app.view(caption_modal.CALLBACK_ID)(modals.submitted)
    # Before the other buttons: the first listener that matches is the only one.
    app.action(FORM)(modals.acted)
    app.action(BUTTONS)(buttons.pressed)
    if fixes is not None:
        app.action(FIXES)(fixes.pressed)
        app.view(fix_modal.CALLBACK_ID)(fixes.submitted)
    app.view(settings_modal.CALLBACK_ID)(ChannelSettings(modals=modals).submitted)
    app.options(FORM)(modals.suggested)
    app.shortcut(SHORTCUTS)(Shortcuts(modals=modals).picked)
    if home is not None:
        app.event("app_home_opened")(home.opened)
        app.action(HOME)(home.pressed)
        app.view(home_view.CALLBACK_ID)(home.submitted)
    if lifecycle is not None:
        app.event("app_uninstalled")(lifecycle.uninstalled)
        app.event("tokens_revoked")(lifecycle.revoked)
    if workflow is not None:
        app.event("function_executed")(workflow.executed)
    # Slack repeats what is not answered, and Bolt would print what nobody listens to.
    app.event(_ANY)(_unheard)
    app.error(_failing(modals))
    return app


async def _unheard(event: Mapping[str, Any]) -> None:
    log.debug("slack.event_unheard", type=str(event.get("type", "")))


@contextmanager
def _hidden_from_bolt() -> Iterator[None]:
    """Hide the environment's SLACK_ variables: Bolt would read them and switch to OAuth by itself."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith("SLACK_")}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def _failing(modals: Modals) -> Callable[..., Awaitable[BoltResponse]]:
    """Return the one error handler: what the person can mend is said where they are looking."""

    async def answer(error: Exception, body: Mapping[str, Any], context: AsyncBoltContext) -> BoltResponse:
        if isinstance(error, UserError):
            said = replies.refused(str(error), typed=str(body.get("text", "")))
            return in_place.answer(body, context, modals, message=said, plain=str(error))
        return await failed(error, body)

    return answer


async def failed(error: Exception, body: Mapping[str, Any]) -> BoltResponse:
    """Tell the person that it is our fault, with a reference that stands in the log."""
    reference = secrets.token_hex(4)
    kind = str(body.get("type") or body.get("command") or "event")
    log.error("slack.listener_failed", reference=reference, kind=kind, exc_info=error)
    if "command" in body:
        return BoltResponse(status=200, body=ephemeral(replies.unexpected_error(reference)))
    if (said := apology(body, reference)) is not None:
        return BoltResponse(status=200, body=said)
    return BoltResponse(status=500, body={"error": "internal_error", "reference": reference})


class _WallClock(SignatureClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Return the injected time, which the verifier compares the request's with."""
        return self._clock.now()


class SlackEndpoint:
    """`POST /slack/events`: checks the signature on the raw bytes, parses once, and lets Bolt dispatch.

    Bolt never parses the body itself: over HTTP it drops every command that contains the word "payload".
    """

    def __init__(
        self,
        answering: Answering,
        *,
        signing_secret: str,
        clock: Clock,
    ) -> None:
        self._answering = answering
        self._verifier = SignatureVerifier(signing_secret, clock=_WallClock(clock))
        self._replays = Replays(clock)
        self._clock = clock
        self._metrics = answering.metrics

    async def receive(self, request: Request) -> Response:
        """Answer one request from Slack."""
        started = time.perf_counter()
        try:
            raw = await bodies.read(request)
        except bodies.TooLarge:
            return self._refuse((413, "the body is too large"))
        if _is_ssl_check(raw):
            return Response()
        problem, body = self._open(request, raw)
        if body is None:
            why = {"reason": self._why(request), "received": bodies.digest(raw)}
            return self._refuse(problem, **(why if problem == _UNSIGNED else {}))
        answer = await self._answering.answer(body, dict(request.headers), started=started)
        response = to_starlette_response(answer.response)
        work = answer.afterwards
        response.background = None if work is None else BackgroundTask(_follow, work)
        return response

    def _open(self, request: Request, raw: bytes) -> tuple[tuple[int, str], dict[str, Any] | None]:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return (400, "the body is not UTF-8"), None
        if not self._is_signed(request, text):
            return _UNSIGNED, None
        try:
            body = _parse(text, request.headers.get("content-type", ""))
        except (ValueError, RecursionError):
            return (400, "the body is not what Slack sends"), None
        if not isinstance(body, dict):
            return (400, "the body is not an object"), None
        # Whatever Slack itself sends again, it signs again.
        if not self._replays.is_new(request.headers["x-slack-signature"]):
            return (401, "the request was answered before"), None
        return (200, ""), body

    def _is_signed(self, request: Request, text: str) -> bool:
        # https://docs.slack.dev/authentication/verifying-requests-from-slack
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        plausible = (
            timestamp.isascii()
            and timestamp.isdigit()
            and len(timestamp) <= _LONGEST_TIMESTAMP
            and signature.isascii()
        )
        return plausible and self._verifier.is_valid(text, timestamp, signature)

    def _why(self, request: Request) -> str:
        """Return what the headers alone tell of a refused signature, for whoever looks for the cause."""
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not timestamp or not request.headers.get("x-slack-signature"):
            return "missing"
        plausible = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP
        seconds = int(timestamp) if plausible else 0
        return "stale" if abs(self._clock.now() - seconds) > _STALE_SECONDS else "mismatch"

    def _refuse(self, problem: tuple[int, str], **more: str) -> Response:
        status, said = problem
        log.warning("slack.request_refused", status=status, reason=said)
        self._metrics.acks.labels("refused", str(status)).inc()
        return JSONResponse({"error": said, **more}, status_code=status)


def _is_ssl_check(raw: bytes) -> bool:
    """Say whether Slack only looks at the certificate, as it does now and then, unsigned and with no wish.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    return len(raw) <= _LONGEST_PROBE and b"ssl_check" in raw and (b"ssl_check", b"1") in parse_qsl(raw)


async def _follow(work: Work) -> None:
    await work()


def _parse(text: str, content_type: str) -> Any:
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return json.loads(text)
    form = dict(parse_qsl(text, keep_blank_values=True))
    return json.loads(form["payload"]) if set(form) == {"payload"} else form
