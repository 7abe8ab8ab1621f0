"""Looks at the database without migrating it, locking it, or holding up a bot that works on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.errors import OperatorError, StoreError
from bot.rules.diagnosis import own
from bot.rules.diagnosis.finding import Finding, ok, problem
from bot.settings import Settings
from bot.store import facts as store_facts
from bot.store import reading, whereabouts
from bot.store.facts import Facts
from bot.store.whereabouts import Whereabouts
from bot.vault import Vault
from handlers.checks.subject import SECONDS

KNOWN_CHANNELS: Final = 50
"""How many of the newest channels are read; fewer are looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found, and the facts, None when the database cannot be read or is not there yet."""

    findings: tuple[Finding, ...]
    facts: Facts | None


async def look(settings: Settings, clock: Clock) -> Looked:
    """Look at the place of the database and then into it."""
    try:
        where = whereabouts.find(settings.database_url)
    except OperatorError as error:
        return Looked(findings=(broken(error),), facts=None)
    near = tuple(around(where))
    if where.folder is not None and not where.exists:
        return Looked(findings=near, facts=None)
    try:
        async with asyncio.timeout(SECONDS):
            facts = await reading.read(
                settings.database_url, clock, store_facts.look, channels=KNOWN_CHANNELS
            )
    except TimeoutError:
        silent = StoreError(f"the database at {where.shown} did not answer within {SECONDS:.0f} s")
        return Looked(findings=(*near, broken(silent)), facts=None)
    except OperatorError as error:
        return Looked(findings=(*near, broken(error)), facts=None)
    return Looked(findings=(*near, *of_facts(facts), *keys(settings, facts)), facts=facts)


def of_facts(facts: Facts) -> list[Finding]:
    """Judge what was read."""
    return [ok("Database", "it answers."), own.schema(facts.schema, facts.of_code)]


def keys(settings: Settings, facts: Facts) -> list[Finding]:
    """Judge whether the keys open what workspaces gave."""
    if not settings.several_workspaces:
        return []
    vault = Vault([key.get_secret_value() for key in settings.encryption_keys])
    sealed = [(each.place, each.token) for each in facts.installed]
    sealed += [(each.team_id, each.token_secret) for each in facts.connected]
    closed = sorted({place for place, secret in sealed if secret and not _opens(vault, secret)})
    if not closed:
        return [ok("Encryption keys", f"they open all {len(sealed)} stored tokens.")]
    return [
        problem(
            "Encryption keys",
            "key_missing",
            f"no key of ENCRYPTION_KEYS opens what is stored for {', '.join(closed)}.",
            "Add the key that it was sealed with behind the newest one; if it is lost, let those workspaces "
            "install the app and connect Mux again.",
        )
    ]


def _opens(vault: Vault, sealed: str) -> bool:
    try:
        vault.open(sealed)
    except OperatorError:
        return False
    return True


def around(where: Whereabouts) -> Iterator[Finding]:
    """Judge the place of a database; of a server nothing is known but whether it answers."""
    if where.folder is None:
        return
    if where.objection:
        fix = "Set DATABASE_URL to a file on a local disk, or to postgresql+asyncpg://..."
        yield problem("Database", "database_network", f"{where.objection.partition(';')[0]}.", fix)
    if not where.writable:
        said = "is not there" if not where.exists and not where.folder.is_dir() else "cannot be written"
        yield problem(
            "Database",
            "database_folder",
            f"{where.folder} {said} by this user." if "cannot" in said else f"{where.folder} {said}.",
            "Make the folder and give it to the user that runs the bot, or correct DATABASE_URL.",
        )
        return
    yield own.disk(where.free_bytes)
    if not where.exists:
        yield ok("Database", f"not there yet; the bot makes it in {where.folder} when it starts.")
    elif where.held_by is not None:
        yield ok("Database lock", f"process {where.held_by} works on it, so the bot runs.")
    else:
        yield ok("Database lock", "nobody holds it, as far as this system tells.")


def broken(error: OperatorError) -> Finding:
    """Judge that a database cannot be read; `error` says why, without a password."""
    said = str(error).partition(";")[0]
    fix = "Start the database, and look at DATABASE_URL and at the rights of the user in it."
    return problem("Database", "database_unreachable", f"{said}.", fix)
