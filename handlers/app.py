"""The only place that wires: settings in, an ASGI app out, one lifespan that opens and closes everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from bot.errors import OperatorError, SlackRefused, VendorError
from bot.metrics import Metrics
from bot.mux import client as mux_client
from bot.rules.effects import FILE_LANES
from bot.rules.pacing import Timing, poll_delay
from bot.services import polling, recovery
from bot.settings import Settings
from bot.slack import client as slack_client
from bot.slack.errors import TOKEN_DEAD
from bot.store.database import Database
from bot.workers.catalogue import Catalogue
from bot.workers.delivery import Delivery
from bot.workers.inbox import Inbox
from bot.workers.poll import Poll
from bot.workers.submit import Submit
from bot.workers.uploading import Uploading
from bot.workers.worker import Loop, Worker
from handlers import slack
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.modals import Modals
from handlers.ops import Ops
from handlers.webhooks import MuxWebhooks

MUX_ACCOUNT: Final = "default"
"""The name of the one Mux environment that the settings describe."""

_LOOPS: Final = {"slack": 8, "mux": 8, "inbox": 1, "poll": 1, "catalogue": 1}
_GREETING_SECONDS: Final = 3.0
_CATCH_UP_SECONDS: Final = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubles:
    """What a test may put in place of the real thing; `reached` hears each step boundary as it is passed.

    `database` and `mux` are there for subclasses that break a promise on purpose.
    """

    clock: Clock
    timing: Timing
    reached: Callable[[str], None]
    database: type[Database] = Database
    mux: type[mux_client.MuxClient] = mux_client.MuxClient


def build(settings: Settings, doubles: Doubles | None = None) -> Starlette:
    """Return the bot as an ASGI app; nothing is opened before its lifespan starts.

    The lifespan raises OperatorError when something only the operator can mend stands in the way.
    """
    given = doubles or Doubles(clock=SystemClock(), timing=timing(settings), reached=lambda _boundary: None)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _open(app, settings, given, stack)
            yield

    return Starlette(lifespan=lifespan)


def timing(settings: Settings) -> Timing:
    """Return the spans of the delivery protocol that the settings ask for."""
    return Timing(settle=settings.settle_seconds, lease=settings.lease_seconds)


async def _open(app: Starlette, settings: Settings, given: Doubles, stack: AsyncExitStack) -> None:
    store = given.database(settings.database_url, given.clock)
    await store.open()
    stack.push_async_callback(store.close)
    session = await stack.enter_async_context(slack_client.open_session(total_seconds=given.timing.request))
    slack_api = slack_client.connect(settings.slack_api_url, session)
    http = mux_client.connect(
        settings.mux_base_url, settings.mux_token_id, settings.mux_token_secret.get_secret_value()
    )
    await stack.enter_async_context(http)
    mux = given.mux(
        http, version=settings.mux_robots_version, total_seconds=given.timing.request, now=given.clock.now
    )
    token = settings.slack_bot_token.get_secret_value()
    await _greet(slack_api, token)
    webhooks = bool(settings.mux_webhook_secret)
    if store.is_sqlite:
        await store.transaction(recovery.take_over)
    waiting = await store.transaction(polling.catch_up, within_seconds=_CATCH_UP_SECONDS)
    log.info("bot.started", unfinished_jobs=waiting, webhooks=webhooks)
    catalogue = Catalogue(store, mux, given.clock, account=MUX_ACCOUNT)
    loops = _loops(store, slack_api, mux, catalogue, settings=settings, given=given)
    stack.push_async_callback(
        _stop, loops, [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
    )
    transfers = _transfers(store, slack_api, mux, token=token, given=given)
    stack.push_async_callback(
        _break_off, [asyncio.create_task(loop.run(), name=loop.name) for loop in transfers]
    )
    web = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
    slack_doors = _slack_doors(settings, store, slack_api, web=web, looked=catalogue.want)
    _route(app, settings, given, store=store, from_slack=slack_doors, loops=loops)


async def _greet(slack_api: slack_client.SlackClient, token: str) -> None:
    """Find out at start, not at the first message, that Slack does not take the token."""
    try:
        async with asyncio.timeout(_GREETING_SECONDS):
            identity = await slack_api.auth_test(token)
    except SlackRefused as error:
        if error.code in TOKEN_DEAD:
            raise OperatorError(
                f"Slack does not accept SLACK_BOT_TOKEN ({error.code}); "
                "copy the Bot User OAuth Token of the installed app"
            ) from error
        log.warning("slack.greeting_refused", code=error.code)
    except (VendorError, TimeoutError) as error:
        log.warning("slack.not_reached_at_start", error=str(error) or type(error).__name__)
    else:
        log.info("slack.connected", team=identity.team_id, bot=identity.user_id)


def _loops(
    store: Database,
    slack_api: slack_client.SlackClient,
    mux: mux_client.MuxClient,
    catalogue: Catalogue,
    *,
    settings: Settings,
    given: Doubles,
) -> list[Loop]:
    token = settings.slack_bot_token.get_secret_value()
    workers: list[Worker] = [
        Delivery(
            store,
            slack_api,
            given.clock,
            token_of=lambda _team_id: token,
            timing=given.timing,
            reposts=settings.reposts,
            reached=given.reached,
        ),
        Submit(store, mux, given.clock, timing=given.timing, reached=given.reached),
        Inbox(store, reached=given.reached),
        Poll(store, mux, webhooks=bool(settings.mux_webhook_secret), reached=given.reached),
        catalogue,
    ]
    return [
        Loop(worker, store.bells, given.clock, idle_seconds=given.timing.idle, lead=number == 0)
        for worker in workers
        for number in range(_LOOPS[worker.bell])
    ]


def _transfers(
    store: Database,
    slack_api: slack_client.SlackClient,
    mux: mux_client.MuxClient,
    *,
    token: str,
    given: Doubles,
) -> list[Loop]:
    """Return the loops that take files to Mux, which readiness does not watch: one step may last an hour."""
    worker = Uploading(
        store,
        slack_api,
        mux,
        given.clock,
        token_of=lambda _team_id: token,
        timing=given.timing,
        reached=given.reached,
    )
    return [
        Loop(worker, store.bells, given.clock, idle_seconds=given.timing.idle, lead=number == 0)
        for number in range(FILE_LANES)
    ]


async def _break_off(tasks: list[asyncio.Task[None]]) -> None:
    """End transfers in the middle: nobody waits an hour for a bot to stop, and a start repeats them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _stop(loops: list[Loop], tasks: list[asyncio.Task[None]]) -> None:
    """Take no new work, finish what is in flight."""
    for loop in loops:
        loop.stop()
    await asyncio.gather(*tasks)
    log.info("bot.stopped")


def _slack_doors(
    settings: Settings,
    store: Database,
    slack_api: slack_client.SlackClient,
    *,
    web: AsyncWebClient,
    looked: Callable[[], None],
) -> AsyncApp:
    token = settings.slack_bot_token.get_secret_value()
    poll_in_seconds = poll_delay(0, 0.5, webhooks=bool(settings.mux_webhook_secret))
    modals = Modals(
        store=store,
        slack=slack_api,
        token_of=lambda _team_id: token,
        mux_account=MUX_ACCOUNT,
        poll_in_seconds=poll_in_seconds,
        looked=looked,
    )
    buttons = Buttons(store=store, slack=slack_api, mux_account=MUX_ACCOUNT, poll_in_seconds=poll_in_seconds)
    commands = Commands(store=store, modals=modals, mux_account=MUX_ACCOUNT, poll_in_seconds=poll_in_seconds)
    return slack.build(commands, buttons, modals, web=web, bot_token=token)


def _route(
    app: Starlette,
    settings: Settings,
    given: Doubles,
    *,
    store: Database,
    from_slack: AsyncApp,
    loops: list[Loop],
) -> None:
    metrics = Metrics()
    slack_endpoint = slack.SlackEndpoint(
        from_slack.async_dispatch,
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        clock=given.clock,
        metrics=metrics,
    )
    from_mux = MuxWebhooks(
        store,
        given.clock,
        metrics,
        secrets=[secret.get_secret_value() for secret in settings.mux_webhook_secret],
        mux_account=MUX_ACCOUNT,
    )
    ops = Ops(store=store, clock=given.clock, metrics=metrics, loops=loops)
    app.router.routes[:] = [
        Route("/slack/events", slack_endpoint.receive, methods=["POST"]),
        Route("/mux/webhooks", from_mux.receive, methods=["POST"]),
        Route("/healthz", ops.healthz),
        Route("/readyz", ops.readyz),
        Route("/metrics", ops.scrape),
    ]
