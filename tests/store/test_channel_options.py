"""What a channel's options cost to look up, and that nothing else of the channel goes with them."""

from __future__ import annotations

import pytest

from bot.store import records

HERE = {"team_id": "T1", "channel_id": "C1"}


async def test_options_are_found_by_the_channels_key(store, plans) -> None:
    (plan,) = await store.transaction(lambda tx: plans(tx, lambda: records.channel_options(tx, **HERE)))
    assert "SEARCH channel USING" in plan or "Index Scan" in plan, plan


@pytest.mark.parametrize("parked", [False, True])
async def test_options_and_whether_a_channel_takes_posts_are_strangers(store, parked) -> None:
    def work(tx) -> tuple[object, object]:
        records.know_channel(tx, **HERE, user_id="U1", mux_account="default")
        if parked:
            records.park_channel(tx, **HERE, reason="is_archived")
        records.set_channel_options(tx, **HERE, options={"phrases": ["Müx"]})
        return records.channel_options(tx, **HERE), records.parked_reason(tx, **HERE)

    found = await store.transaction(work)
    assert found == ({"phrases": ["Müx"]}, "is_archived" if parked else None)
