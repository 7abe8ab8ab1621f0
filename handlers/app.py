"""The only place that wires: settings in, an ASGI app out, one lifespan that opens and closes everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot.clock import Clock, SystemClock
from bot.metrics import Heard, Metrics
from bot.mux import client as mux_client
from bot.mux.fetching import Files, open_files, reach
from bot.rules.pacing import Timing, poll_delay
from bot.services import polling, recovery
from bot.settings import Settings
from bot.slack import apps as slack_apps
from bot.slack import client as slack_client
from bot.slack import files as slack_files
from bot.slack.calls import web_client
from bot.store.database import Database
from bot.workers.accounts import OpenClient
from bot.workers.arrivals import Arrivals
from bot.workers.worker import Loop
from handlers import oauth, slack, tenancy, workforce
from handlers.answering import Answering
from handlers.buttons import Buttons
from handlers.commands import Commands
from handlers.downloads import Downloads
from handlers.examining import Doctor
from handlers.fixes import Fixes
from handlers.gate import Gate
from handlers.home import Home
from handlers.means import Means
from handlers.modals import Modals
from handlers.ops import Ops
from handlers.sockets import SlackSocket
from handlers.tenancy import Several, Tenancy
from handlers.webhooks import MuxWebhooks
from handlers.workflow import Workflow

_CATCH_UP_SECONDS: Final = 10.0

T = TypeVar("T")

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
    metrics = Metrics(socket=settings.by_socket)
    session = await stack.enter_async_context(
        slack_client.open_session(total_seconds=given.timing.request, heard=metrics.heard_from("slack"))
    )
    apps = slack_apps.connect(settings.slack_api_url, session)
    slack_api = slack_client.connect(settings.slack_api_url, session)
    open_client = _opening(settings, given, metrics.heard_from("mux"), stack)
    whom = (
        await tenancy.several(settings, store, given.clock, apps, open_client)
        if settings.several_workspaces
        else await tenancy.one(settings, store, given.clock, slack_api, open_client)
    )
    means = Means(
        settings=settings,
        store=store,
        slack=slack_api,
        slack_files=slack_files.connect(settings.slack_api_url, session),
        mux_files=await _mux_files(settings, given, stack),
        token_of=whom.token_of,
        mux_of=whom.mux_of,
        account_of=whom.account_of,
        clock=given.clock,
        timing=given.timing,
        reached=given.reached,
        arrivals=Arrivals(store.bells),
        told=whom.told,
    )
    app.state.found = whom.found
    if store.is_sqlite:
        await store.transaction(recovery.take_over)
    waiting = await store.transaction(polling.catch_up, within_seconds=_CATCH_UP_SECONDS)
    log.info("bot.started", unfinished_jobs=waiting, webhooks=means.webhooks)
    loops = workforce.watched(means, whom.catalogue)
    stack.push_async_callback(workforce.finish, loops, workforce.start(loops))
    stack.push_async_callback(workforce.break_off, workforce.start(workforce.transfers(means)))
    web = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
    modals = _modals(means, whom)
    home = _home(settings, modals, whom)
    from_slack = _slack_doors(means, modals, home, whom, web=web)
    gate = Gate(admission=means.admission, modals=modals)
    answering = Answering(from_slack.async_dispatch, metrics=metrics, gate=gate)
    socket = await _socket(settings, answering, apps, session, stack) if settings.by_socket else None
    _route(app, means, whom, answering=answering, loops=loops, socket=socket)
    if whom.several is not None:
        app.router.routes.extend(_oauth_routes(means, whom.several, apps, home))


async def _socket(
    settings: Settings,
    answering: Answering,
    apps: slack_apps.SlackApps,
    session: ClientSession,
    stack: AsyncExitStack,
) -> SlackSocket:
    """Open the way on which Slack reaches us; the first thing that closes at the end."""
    socket = SlackSocket(
        answering,
        app_token=settings.slack_app_token.get_secret_value(),
        apps=apps,
        web=web_client(settings.slack_api_url, session),
    )
    await socket.open()
    stack.push_async_callback(socket.close)
    return socket


def _opening(settings: Settings, given: Doubles, heard: Heard, stack: AsyncExitStack) -> OpenClient:
    """Return what makes a client of Mux of a token; all of them close at the end."""

    def open_client(token_id: str, token_secret: str) -> mux_client.MuxClient:
        http = mux_client.connect(settings.mux_base_url, token_id, token_secret)
        stack.push_async_callback(http.aclose)
        return given.mux(
            http,
            version=settings.mux_robots_version,
            total_seconds=given.timing.request,
            now=given.clock.now,
            heard=heard,
        )

    return open_client


async def _mux_files(settings: Settings, given: Doubles, stack: AsyncExitStack) -> Files:
    own = (
        settings.mux_base_url,
        settings.mux_stream_url,
        settings.mux_image_url,
    )
    allowed = reach(own, listed=settings.mux_file_hosts, private=settings.allow_private_hosts)
    return await stack.enter_async_context(open_files(allowed, now=given.clock.now))


def _modals(means: Means, whom: Tenancy) -> Modals:
    return Modals(
        store=means.store,
        slack=means.slack,
        token_of=means.token_of,
        account_of=means.account_of,
        poll_in_seconds=poll_delay(0, 0.5, webhooks=means.webhooks),
        looked=whom.looked,
        can_sign=means.texts.can_sign,
    )


def _home(settings: Settings, modals: Modals, whom: Tenancy) -> Home:
    if whom.several is not None:
        return Home(modals=modals, accounts=whom.several.accounts)
    polled = "" if settings.mux_webhook_secret else "no webhook is set up"
    return Home(modals=modals, environment=whom.found.environment, polled=polled)


def _slack_doors(means: Means, modals: Modals, home: Home, whom: Tenancy, *, web: AsyncWebClient) -> AsyncApp:
    poll_in_seconds = modals.poll_in_seconds
    buttons = Buttons(
        store=means.store,
        slack=means.slack,
        account_of=means.account_of,
        poll_in_seconds=poll_in_seconds,
    )
    commands = Commands(
        store=means.store,
        modals=modals,
        account_of=means.account_of,
        poll_in_seconds=poll_in_seconds,
        doctor=Doctor(means=means),
    )
    fixes = Fixes(modals=modals, public_url=means.settings.public_url, can_sign=means.texts.can_sign)
    return slack.build(
        commands,
        buttons,
        modals,
        web=web,
        lifecycle=None if whom.several is None else whom.several.lifecycle,
        home=home,
        fixes=fixes,
        workflow=Workflow(
            store=means.store,
            slack=means.slack,
            token_of=means.token_of,
            account_of=means.account_of,
            admission=means.admission,
            poll_in_seconds=poll_in_seconds,
        ),
    )


def _oauth_routes(means: Means, several: Several, apps: slack_apps.SlackApps, home: Home) -> list[Route]:
    doors = oauth.OAuth(
        settings=means.settings,
        store=means.store,
        apps=apps,
        vault=several.vault,
        installed=several.tokens.forget,
        welcome=home.welcome,
    )
    return [Route(oauth.INSTALL, doors.install), Route(oauth.REDIRECT, doors.redirect)]


def _route(
    app: Starlette,
    means: Means,
    whom: Tenancy,
    *,
    answering: Answering,
    loops: list[Loop],
    socket: SlackSocket | None,
) -> None:
    metrics = answering.metrics
    from_mux = MuxWebhooks(means.store, means.clock, metrics, means.arrivals, secrets_of=whom.secrets_of)
    downloads = Downloads(store=means.store)
    ops = Ops(store=means.store, clock=means.clock, metrics=metrics, loops=loops, socket=socket)
    app.router.routes[:] = [
        *([] if socket is not None else [_slack_route(means, answering)]),
        Route("/mux/webhooks", from_mux.receive, methods=["POST"]),
        Route("/mux/webhooks/{hook}", from_mux.receive, methods=["POST"]),
        Route("/files/{token}", downloads.send),
        Route("/files/{token}/{name:path}", downloads.send),
        Route("/healthz", ops.healthz),
        Route("/readyz", ops.readyz),
        Route("/metrics", ops.scrape),
    ]


def _slack_route(means: Means, answering: Answering) -> Route:
    """Return the door for signed requests; by socket there is none, since nothing would be signed."""
    endpoint = slack.SlackEndpoint(
        answering,
        signing_secret=means.settings.slack_signing_secret.get_secret_value(),
        clock=means.clock,
    )
    return Route("/slack/events", endpoint.receive, methods=["POST"])
