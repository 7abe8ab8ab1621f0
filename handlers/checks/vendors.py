"""Asks Slack and Mux: about each workspace's token and what it may do, and about each environment's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final

from bot.errors import MuxRefused, Refused, SlackRefused, Throttled, VendorError
from bot.rules.diagnosis import mux as mux_rules
from bot.rules.diagnosis import slack as slack_rules
from bot.rules.diagnosis.finding import Finding, ok, warning
from handlers import manifest
from handlers.checks.subject import Environment, Subject, Workspace, asked

MOST_CHANNELS: Final = 8
"""In how many channels of a workspace membership is looked up; Slack allows fifty such questions a minute."""

_OPTIONAL: Final = tuple(scope for feature in manifest.Feature for scope in manifest.SCOPES[feature])


async def workspace(subject: Subject, place: Workspace) -> list[Finding]:
    """Look at one workspace: its token, scopes and channels, and whether files may be put into it."""
    try:
        identity = await asked(partial(subject.slack.auth_test, place.token))
    except SlackRefused as error:
        name = "the stored token" if place.label else "SLACK_BOT_TOKEN"
        return _labelled(place.label, [slack_rules.token(error.code, name=name)])
    except VendorError as error:
        return _labelled(place.label, [slack_rules.unreachable(str(error), vendor="Slack")])
    found = [ok("Slack token", f"it belongs to {identity.team or identity.team_id} ({identity.team_id}).")]
    # Slack names the scopes in a header, which a proxy may have dropped; then nothing is known.
    if identity.scopes:
        found += slack_rules.scopes(identity.scopes, manifest.REQUIRED, _OPTIONAL)
    team_id = place.team_id or identity.team_id
    questions = [_channel(subject, place, each) for each in _channels(subject, team_id)]
    if not identity.scopes or "files:write" in identity.scopes:
        questions.append(_upload(subject, place))
    more = await asyncio.gather(*questions)
    return _labelled(place.label, [*found, *more])


def _channels(subject: Subject, team_id: str) -> list[str]:
    known = subject.facts.channels if subject.facts is not None else ()
    here = [channel for team, channel in known if team == team_id]
    listed = () if subject.settings.several_workspaces else subject.settings.allowed_channels
    return list(dict.fromkeys([*listed, *here]))[:MOST_CHANNELS]


async def _channel(subject: Subject, place: Workspace, channel_id: str) -> Finding:
    # Nothing is read: no message is newer than now. Slack refuses strangers all the same.
    question = partial(subject.slack.history, place.token, channel_id, subject.clock.now())
    return slack_rules.channel(channel_id, await _code(question))


async def _upload(subject: Subject, place: Workspace) -> Finding:
    # https://docs.slack.dev/reference/methods/files.getUploadURLExternal: an address never used is nothing.
    return slack_rules.upload(await _code(partial(subject.files.place, place.token, "doctor.txt", 1)))


async def app_token(subject: Subject) -> list[Finding]:
    """Look whether Slack would open a socket; none is opened."""
    token = subject.settings.slack_app_token.get_secret_value()
    try:
        await asked(partial(subject.apps.connections_open, token))
    except SlackRefused as error:
        return [slack_rules.app_token(error.code)]
    except VendorError as error:
        return [slack_rules.unreachable(str(error), vendor="Slack")]
    return [ok("App token", "Slack would open a socket for it.")]


async def client(subject: Subject) -> list[Finding]:
    """Look whether Slack knows the OAuth app, by a code that certainly is none."""
    settings = subject.settings
    question = partial(
        subject.apps.exchange,
        "0.0.doctor",
        redirect_uri=f"{settings.public_url.rstrip('/')}/slack/oauth_redirect",
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret.get_secret_value(),
    )
    return [slack_rules.client(await _code(question))]


async def environment(subject: Subject, place: Environment) -> list[Finding]:
    """Look at one Mux environment: whose token, what it may do, Robots and its terms, the webhook."""
    try:
        account = await asked(place.mux.whoami)
    except MuxRefused as error:
        return _labelled(place.label, [mux_rules.token(error.status)])
    except VendorError as error:
        return _labelled(place.label, [slack_rules.unreachable(str(error), vendor="Mux")])
    name = f"{account.environment_name} of {account.organization_name} ({account.environment_id})"
    found = [*mux_rules.permissions(account.permissions, environment=name, files=True)]
    if any(finding.code == "robots_missing" for finding in found):
        return _labelled(place.label, found)
    more = await asyncio.gather(_robots(place), _webhook(subject, place, account.permissions))
    return _labelled(place.label, [*found, *chain.from_iterable(more)])


async def _robots(place: Environment) -> list[Finding]:
    try:
        await asked(place.mux.look)
    except MuxRefused as error:
        return [mux_rules.robots(error.status, error.code, " ".join(error.messages))]
    except VendorError as error:
        return [slack_rules.unreachable(str(error), vendor="Mux")]
    return [mux_rules.robots(0, "", "")]


async def _webhook(subject: Subject, place: Environment, permissions: Iterable[str]) -> list[Finding]:
    base = subject.settings.public_url.rstrip("/")
    if not base or not place.secrets or not {"system:read", "system:*", "*"} & set(permissions):
        return []
    wanted = f"{base}/mux/webhooks{f'/{place.hook}' if place.hook else ''}"
    try:
        endpoints = await asked(place.mux.webhooks)
    except VendorError:
        # It is a look at what the round trip shows as well; that Mux is reached, another check says.
        return []
    judged = mux_rules.webhook({each.address: each.enabled for each in endpoints}, wanted)
    return [replace(judged, said=judged.said.replace(f"/{place.hook}", "/...")) if place.hook else judged]


async def _code(question: Callable[[], Awaitable[object]]) -> str:
    """Return why Slack refuses something, empty when it does not."""
    try:
        await asked(question)
    except Throttled:
        return "asked too often; try it again in a minute"
    except Refused as error:
        return error.code
    except VendorError as error:
        return str(error)
    return ""


def _labelled(label: str, found: Sequence[Finding]) -> list[Finding]:
    return [replace(each, check=f"{each.check} ({label})") for each in found] if label else list(found)


def too_many(number: int, shown: int) -> list[Finding]:
    """Say that not every workspace was looked at."""
    if number <= shown:
        return []
    said = f"{shown} of {number} were looked at, the first by their id."
    return [
        warning("Workspaces", "workspaces_left", said, "`/caption doctor` looks at a workspace by itself.")
    ]
