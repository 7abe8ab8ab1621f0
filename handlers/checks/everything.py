"""All checks of one installation, asked side by side and reported in a fixed order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain
from typing import Final

from bot.clock import Clock
from bot.errors import OperatorError
from bot.mux import client as mux_client
from bot.rules.diagnosis import own
from bot.rules.diagnosis.finding import Finding, Level, ok
from bot.settings import Settings
from bot.slack import apps as slack_apps
from bot.slack import client as slack_client
from bot.slack import files as slack_files
from bot.store.facts import Facts
from bot.vault import Vault
from bot.workers.accounts import OpenClient
from handlers.checks import reached, stored, vendors
from handlers.checks.subject import SECONDS, Environment, Subject, Workspace

MOST_WORKSPACES: Final = 10
"""How many of several workspaces are looked at; `/caption doctor` looks at each by itself."""


async def examine(settings: Settings, clock: Clock) -> list[Finding]:
    """Examine what the settings describe, from outside, whether the bot runs or not; changes nothing."""
    looked = await stored.look(settings, clock)
    async with opened(settings, clock, looked.facts) as subject:
        return [*alone(settings), *looked.findings, *await outside(subject)]


def alone(settings: Settings) -> Iterator[Finding]:
    """Judge what the settings tell by themselves."""
    yield ok("Settings", "complete.")
    yield ok("Mode", _mode(settings))
    given = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token,
        "SLACK_APP_TOKEN": settings.slack_app_token,
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
    }
    plain = {name: secret.get_secret_value() for name, secret in given.items()}
    yield from own.tokens(plain, slack_api_url=settings.slack_api_url)
    yield _public_url(settings)
    yield from (ok("Unused setting", sentence) for sentence in settings.unused)


async def outside(subject: Subject) -> list[Finding]:
    """Ask Slack, Mux and our own doors."""
    settings = subject.settings
    questions: list[Awaitable[list[Finding]]] = [
        reached.clock(subject, "Slack", f"{settings.slack_api_url.rstrip('/')}/api.test"),
        reached.clock(subject, "Mux", f"{settings.mux_base_url.rstrip('/')}/system/v1/whoami"),
        *(vendors.workspace(subject, place) for place in subject.workspaces),
    ]
    if settings.by_socket:
        questions.append(vendors.app_token(subject))
    if settings.several_workspaces:
        questions.append(vendors.client(subject))
    questions += [vendors.environment(subject, place) for place in subject.environments]
    questions += _doors(subject)
    found = list(chain.from_iterable(await asyncio.gather(*questions)))
    number = len(subject.facts.installed) if subject.facts is not None else 0
    return [*found, *vendors.too_many(number, MOST_WORKSPACES)]


async def of_workspace(subject: Subject) -> list[Finding]:
    """Ask only about the workspaces and environments of the subject, for people who are not its operator."""
    questions = [
        *(vendors.workspace(subject, place) for place in subject.workspaces),
        *(vendors.environment(subject, place) for place in subject.environments),
    ]
    return list(chain.from_iterable(await asyncio.gather(*questions)))


def _doors(subject: Subject) -> list[Awaitable[list[Finding]]]:
    # Nothing is sent to an address that vendors would not use either.
    if not subject.settings.public_url or _public_url(subject.settings).level is not Level.OK:
        return []
    questions = [reached.from_mux(subject, place) for place in subject.environments]
    if not subject.settings.by_socket:
        questions.append(reached.from_slack(subject))
    if subject.settings.several_workspaces:
        questions.append(reached.redirect_page(subject))
    return list(questions)


def _public_url(settings: Settings) -> Finding:
    told = bool(settings.mux_webhook_secret) or settings.several_workspaces
    return own.public_url(settings.public_url, by_socket=settings.by_socket, told_by_mux=told)


def _mode(settings: Settings) -> str:
    whom = "several workspaces, by OAuth" if settings.several_workspaces else "one workspace"
    how = "Slack by socket" if settings.by_socket else "Slack by signed requests"
    told = settings.mux_webhook_secret or settings.several_workspaces
    return f"{whom}; {how}; Mux {'by webhooks, and polled for what does not come' if told else 'is polled'}."


@asynccontextmanager
async def opened(settings: Settings, clock: Clock, facts: Facts | None) -> AsyncIterator[Subject]:
    """Open clients of our own, with the time that a check may take, and find out whom to look at."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(slack_client.open_session(total_seconds=SECONDS))

        def mux(token_id: str, token_secret: str) -> mux_client.MuxClient:
            client = mux_client.connect(settings.mux_base_url, token_id, token_secret)
            stack.push_async_callback(client.aclose)
            return mux_client.MuxClient(
                client, version=settings.mux_robots_version, total_seconds=SECONDS, now=clock.now
            )

        one = not settings.several_workspaces
        yield Subject(
            settings=settings,
            clock=clock,
            http=http,
            slack=slack_client.connect(settings.slack_api_url, http),
            apps=slack_apps.connect(settings.slack_api_url, http),
            files=slack_files.connect(settings.slack_api_url, http),
            facts=facts,
            workspaces=_one_workspace(settings) if one else _workspaces(settings, facts, clock),
            environments=_one_environment(settings, mux) if one else _environments(settings, facts, mux),
        )


def _one_workspace(settings: Settings) -> tuple[Workspace, ...]:
    return (Workspace(token=settings.slack_bot_token.get_secret_value()),)


def _one_environment(settings: Settings, mux: OpenClient) -> tuple[Environment, ...]:
    secrets = tuple(secret.get_secret_value() for secret in settings.mux_webhook_secret)
    client = mux(settings.mux_token_id, settings.mux_token_secret.get_secret_value())
    return (Environment(mux=client, secrets=secrets),)


def _workspaces(settings: Settings, facts: Facts | None, clock: Clock) -> tuple[Workspace, ...]:
    vault = _vault(settings)
    found = []
    for each in (facts.installed if facts is not None else ())[:MOST_WORKSPACES]:
        # A token that has expired is renewed by the bot when it is needed; to do so here would race with it.
        if each.expires_at is not None and each.expires_at <= clock.now():
            continue
        token = _open(vault, each.token)
        if token:
            found.append(Workspace(token=token, team_id=each.place, label=each.name or each.place))
    return tuple(found)


def _environments(settings: Settings, facts: Facts | None, mux: OpenClient) -> tuple[Environment, ...]:
    vault = _vault(settings)
    found = []
    for each in (facts.connected if facts is not None else ())[:MOST_WORKSPACES]:
        token_id, token_secret = _open(vault, each.token_id), _open(vault, each.token_secret)
        if not token_id or not token_secret:
            continue
        secret = _open(vault, each.webhook_secret)
        found.append(
            Environment(
                mux=mux(token_id, token_secret),
                secrets=(secret,) if secret else (),
                hook=each.hook or "",
                label=each.team_id,
            )
        )
    return tuple(found)


def _vault(settings: Settings) -> Vault:
    return Vault([key.get_secret_value() for key in settings.encryption_keys])


def _open(vault: Vault, sealed: str | None) -> str:
    """Return what was sealed, empty when no key opens it, which another check says."""
    if sealed is None:
        return ""
    try:
        return vault.open(sealed)
    except OperatorError:
        return ""
