"""Lists are cut by the row's id, show every job once, and cost what a page costs."""

from __future__ import annotations

import pytest

from bot.store import jobs, listing
from bot.store.listing import FROM_THE_TOP

TOP = {"before": FROM_THE_TOP, "most": 11}
QUERIES = {
    "mine": (
        lambda tx: listing.mine(tx, team_id="T9", user_id="U9", **TOP),
        ("job_person", "watcher_person"),
    ),
    "channel": (lambda tx: listing.in_channel(tx, team_id="T9", channel_id="C9", **TOP), ("job_channel",)),
    "asset": (lambda tx: listing.of_asset(tx, team_id="T9", asset_id="a9", **TOP), ("job_asset",)),
    "unfinished": (
        lambda tx: listing.unfinished_here(tx, team_id="T9", channel_id="C9", user_id="U9", most=5),
        ("job_unfinished",),
    ),
    "latest": (
        lambda tx: listing.latest_here(tx, team_id="T9", channel_id="C9", user_id="U9", most=1),
        ("job_person",),
    ),
}


@pytest.mark.parametrize("name", QUERIES)
async def test_every_list_walks_an_index_and_sorts_nothing(store, plans, many_jobs, name):
    call, indexes = QUERIES[name]
    await store.transaction(many_jobs)

    found = await store.transaction(lambda tx: plans(tx, lambda: call(tx)))

    assert len(found) == len(indexes)
    for plan, index in zip(found, indexes, strict=True):
        assert index in plan, plan
    if store.is_sqlite:
        assert "TEMP B-TREE" not in "\n".join(found)


async def test_pages_follow_each_other_without_gaps_whatever_is_added_meanwhile(store, new_job):
    def fill(tx, names) -> None:
        for name in names:
            new_job(tx, name)

    await store.transaction(fill, [f"j{number:02}" for number in range(25)])
    seen: list[str] = []
    before = FROM_THE_TOP
    while True:
        page = await store.transaction(
            listing.in_channel, team_id="T1", channel_id="C1", before=before, most=10
        )
        if not page:
            break
        seen += [stored.job.id for stored in page]
        before = page[-1].row_id
        await store.transaction(fill, [f"late{before}"])
    assert seen == [f"j{number:02}" for number in reversed(range(25))]


async def test_a_person_sees_what_they_asked_for_and_what_they_wait_for_and_no_other_team(store, new_job):
    def fill(tx) -> None:
        new_job(tx, "mine")
        waited = new_job(tx, "waited", user_id="U2", channel_id="C2")
        foreign = new_job(tx, "foreign", user_id="U2", team_id="T2")
        new_job(tx, "others", user_id="U2")
        jobs.watch(tx, waited.row_id, "U1", "C1")
        jobs.watch(tx, foreign.row_id, "U1", "C1")

    await store.transaction(fill)

    found = await store.transaction(listing.mine, team_id="T1", user_id="U1", **TOP)
    assert [stored.job.id for stored in found] == ["waited", "mine"]
    one = await store.transaction(listing.mine, team_id="T1", user_id="U1", before=FROM_THE_TOP, most=1)
    assert [stored.job.id for stored in one] == ["waited"]


async def test_the_unfinished_jobs_of_a_person_in_a_channel_include_those_they_joined(store, new_job):
    def fill(tx) -> None:
        new_job(tx, "mine")
        joined = new_job(tx, "joined", user_id="U2")
        new_job(tx, "others", user_id="U2")
        new_job(tx, "elsewhere", channel_id="C2")
        jobs.watch(tx, joined.row_id, "U1", "C1")

    await store.transaction(fill)

    where = {"team_id": "T1", "channel_id": "C1", "user_id": "U1"}
    open_jobs = await store.transaction(listing.unfinished_here, **where, most=5)
    assert [stored.job.id for stored in open_jobs] == ["joined", "mine"]
    latest = await store.transaction(listing.latest_here, **where, most=1)
    assert [stored.job.id for stored in latest] == ["mine"]
