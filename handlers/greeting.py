"""What a bot finds out at its start and says of itself: how it is reached, by whom, and where it works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import structlog

from bot.errors import MuxRefused, OperatorError, SlackRefused, VendorError
from bot.mux.client import MuxClient
from bot.rules.pacing import poll_delay
from bot.settings import Settings
from bot.slack.client import SlackClient
from bot.slack.errors import TOKEN_DEAD
from bot.store import places

NOT_KNOWN: Final = "not known"
"""What a description begins with that a vendor did not give."""

_SECONDS: Final = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who is served and where captions are made, in words; nothing of it is a secret."""

    workspace: str
    environment: str


async def greet(slack: SlackClient, token: str, mux: MuxClient) -> Found:
    """Ask both vendors whose tokens these are, side by side.

    Raises:
        OperatorError: when Slack does not take the token; anything else may mend itself.
    """
    workspace, environment = await asyncio.gather(_workspace(slack, token), _environment(mux))
    return Found(workspace=workspace, environment=environment)


async def _workspace(slack: SlackClient, token: str) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            identity = await slack.auth_test(token)
    except SlackRefused as error:
        if error.code in TOKEN_DEAD:
            raise OperatorError(
                f"Slack does not accept SLACK_BOT_TOKEN ({error.code}); "
                "copy the Bot User OAuth Token of the installed app"
            ) from error
        log.warning("slack.greeting_refused", code=error.code)
        return f"{NOT_KNOWN}: Slack refused auth.test ({error.code})"
    except (VendorError, TimeoutError) as error:
        log.warning("slack.not_reached_at_start", error=str(error) or type(error).__name__)
        return f"{NOT_KNOWN}: Slack was not reached"
    log.info("slack.connected", team=identity.team_id, bot=identity.user_id)
    return f"{identity.team} ({identity.team_id})" if identity.team else identity.team_id


async def _environment(mux: MuxClient) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            account = await mux.whoami()
    except MuxRefused as error:
        log.warning("mux.greeting_refused", status=error.status, code=error.code)
        return f"{NOT_KNOWN}: Mux did not accept MUX_TOKEN_ID and MUX_TOKEN_SECRET ({error.status})"
    except (VendorError, TimeoutError) as error:
        log.warning("mux.not_reached_at_start", error=str(error) or type(error).__name__)
        return f"{NOT_KNOWN}: Mux was not reached"
    return f"{account.environment_name} of {account.organization_name} ({account.environment_id})"


def block(settings: Settings, found: Found, *, listening: str) -> str:
    """Return what is printed at start, for a person: a line for each thing, and what is not used."""
    rows = {
        "Slack": _slack(settings, listening),
        "Mux": _mux(settings),
        "Database": places.masked(settings.database_url),
        "Workspace": found.workspace,
        "Environment": found.environment,
        "Listening": f"{listening} (/healthz, /readyz, /metrics)",
    }
    width = max(map(len, rows)) + 2
    lines = [f"  {name:<{width}}{value}" for name, value in rows.items()]
    return "\n".join(["Caption Bot is running.", "", *lines, *_notes(settings)])


def _slack(settings: Settings, listening: str) -> str:
    if settings.by_socket:
        # With several workspaces people come to install the app, though Slack does not.
        needs = "" if settings.several_workspaces else "; no public address is needed"
        return f"by socket, which this bot opened{needs}"
    if settings.public_url:
        return f"signed requests to {settings.public_url.rstrip('/')}/slack/events"
    return f"signed requests to {listening}/slack/events, or wherever a proxy takes them from"


def _mux(settings: Settings) -> str:
    if settings.several_workspaces:
        base = settings.public_url.rstrip("/")
        return f"webhooks to {base}/mux/webhooks/..., one address for each environment; polling where not"
    if settings.mux_webhook_secret:
        base = settings.public_url.rstrip("/")
        where = f"{base}/mux/webhooks" if base else "this bot at /mux/webhooks"
        return f"webhooks to {where}, and polling for what does not come"
    first, longest = (poll_delay(polls, 0.5, webhooks=False) for polls in (0, 60))
    return f"polling: each job after {first:.0f} s, then less and less often, at last every {longest:.0f} s"


def _notes(settings: Settings) -> Iterator[str]:
    if settings.unused:
        yield ""
    yield from (f"  {sentence}" for sentence in settings.unused)
