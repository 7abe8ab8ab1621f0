"""Who and what is examined, in one value."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import aiohttp

from bot.clock import Clock
from bot.errors import VendorError
from bot.mux.client import MuxClient
from bot.settings import Settings
from bot.slack.apps import SlackApps
from bot.slack.client import SlackClient
from bot.slack.files import SlackFiles
from bot.store.facts import Facts

SECONDS: Final = 5.0
"""How long one question may take; all of them are asked side by side."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A workspace whose token is at hand; `label` tells it from others, empty where there is only one."""

    token: str = field(repr=False)
    team_id: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A Mux environment whose token is at hand; `hook` is the last part of its webhooks' path, a secret."""

    mux: MuxClient
    secrets: tuple[str, ...] = field(default=(), repr=False)
    hook: str = field(default="", repr=False)
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the checks are given; `facts` is None while the database cannot be read."""

    settings: Settings
    clock: Clock
    http: aiohttp.ClientSession
    slack: SlackClient
    apps: SlackApps
    files: SlackFiles
    facts: Facts | None
    workspaces: tuple[Workspace, ...] = ()
    environments: tuple[Environment, ...] = ()


async def asked(question: Callable[[], Awaitable[T]]) -> T:
    """Return the answer to a question to a vendor, or raise a `VendorError` when it takes too long."""
    try:
        async with asyncio.timeout(SECONDS):
            return await question()
    except TimeoutError:
        raise VendorError(f"no answer within {SECONDS:.0f} s") from None
