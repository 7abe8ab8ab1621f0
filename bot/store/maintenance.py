"""Pruning from outside the bot: opens the store, works in small transactions, closes it."""

from __future__ import annotations

from bot.clock import Clock
from bot.errors import OperatorError
from bot.store import migrate, places, reading
from bot.store.database import Database
from bot.store.prune import Pruned, Rule, held_back, prunable, prune
from bot.store.schema import HEAD
from bot.store.tx import Tx


async def prune_all(url: str, rule: Rule, clock: Clock) -> tuple[Pruned, int]:
    """Remove everything that `rule` allows; return it, and how many old jobs had to stay.

    Raises:
        StoreInUse: the bot works on this SQLite file.
        OperatorError: the store is not there, or does not answer.
    """
    with places.told_in_words(url):
        if places.parse(url).get_backend_name() == "sqlite":
            places.existing_file(url)
        database = Database(url, clock)
        await database.open()
    try:
        gone = Pruned()
        while (batch := await database.transaction(prune, rule)).total:
            gone += batch
        return gone, await database.transaction(held_back, rule)
    finally:
        await database.close()


async def count_prunable(url: str, rule: Rule, clock: Clock) -> tuple[Pruned, int]:
    """Count what `prune_all` would remove, and the old jobs that would stay; works while the bot runs.

    Raises:
        OperatorError: the store is not there, does not answer, or has another version's schema.
    """
    return await reading.read(url, clock, _count, rule)


def _count(tx: Tx, rule: Rule) -> tuple[Pruned, int]:
    if (schema := migrate.version(tx.conn)) != HEAD:
        raise OperatorError(
            f"the database has schema {schema or 'none'}, this version of Caption Bot counts in {HEAD}: "
            "start this version of the bot once, then count again"
        )
    return prunable(tx, rule), held_back(tx, rule)
