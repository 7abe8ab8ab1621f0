"""Seals everything that is sealed once more, with the newest key. One transaction: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Callable

from bot.store import environments, installations, records
from bot.store.tx import Tx


def reseal(tx: Tx, again: Callable[[str], str]) -> int:
    """Replace each sealed value by what `again` makes of it; return how many there were.

    Raises what `again` raises, and then nothing is changed.
    """
    count = 0

    def once_more(sealed: str | None) -> str | None:
        nonlocal count
        if sealed is None:
            return None
        count += 1
        return again(sealed)

    for each in installations.everywhere(tx):
        installations.reseal(
            tx, each.place, token=once_more(each.token), refresh_token=once_more(each.refresh_token)
        )
    for environment in environments.connected(tx):
        environments.reseal(
            tx,
            environment.account,
            token_id=once_more(environment.token_id),
            token_secret=once_more(environment.token_secret),
            webhook_secret=once_more(environment.webhook_secret),
        )
    records.audited(tx, team_id="", user_id="", action="keys.rotated", sealed=count)
    return count
