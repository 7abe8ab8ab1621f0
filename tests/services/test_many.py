"""Several videos in one command: offered first, and started together, once, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rules.links import Pointer, PointerKind
from bot.rules.policy import Asker
from bot.rules.request import CaptionRequest
from bot.rules.video import Video
from bot.services import many
from bot.services.many import Wanted
from bot.store import catalogue

ANA = Asker(team_id="T1", channel_id="C1", user_id="U1")
BEN = Asker(team_id="T1", channel_id="C1", user_id="U2")
POINTERS = (
    Pointer(kind=PointerKind.ASSET, id="asset1", written="asset1"),
    Pointer(kind=PointerKind.PLAYBACK, id="play2", written="https://player.mux.com/play2"),
    Pointer(kind=PointerKind.ASSET, id="asset3", written="asset3"),
)
WANTED = Wanted(
    request=CaptionRequest(asset_id="asset1", language_code="en"),
    pointers=POINTERS,
    warnings=("Mind the gap.",),
    asker=ANA,
    act_key="command:T1:1",
    mux_account="default",
)


async def start(store: Any, draft_id: str, asker: Asker = ANA) -> Any:
    return await store.transaction(
        many.start, draft_id, asker, mux_account="default", poll_in_seconds=30.0
    )  # fmt: skip


async def test_an_offer_starts_nothing_and_says_what_is_known(store, query) -> None:
    known = Video(asset_id="asset2", title="Keynote", duration_seconds=60.0, playback_id="play2")
    await store.transaction(catalogue.put, "default", [known])

    offered = await store.transaction(many.offer, WANTED)

    assert offered.videos == ((POINTERS[0], None), (POINTERS[1], known), (POINTERS[2], None))
    assert offered.warnings == ("Mind the gap.",)
    assert await query("SELECT count(*) FROM job") == [(0,)]


async def test_the_same_command_twice_is_one_offer(store, query) -> None:
    first = await store.transaction(many.offer, WANTED)
    second = await store.transaction(many.offer, WANTED)
    assert first == second
    assert await query("SELECT count(*) FROM draft") == [(1,)]


async def test_a_yes_makes_every_job_once_however_often_it_is_said(store, query) -> None:
    offered = await store.transaction(many.offer, WANTED)
    made = await start(store, offered.draft_id)
    again = await start(store, offered.draft_id)

    assert [each.job.id for each in made] == [each.job.id for each in again]
    assert [each.job.request.asset_id for each in made] == ["asset1", "play2", "asset3"]
    assert [each.job.pointer for each in made] == [None, POINTERS[1], None]
    assert {each.job.warnings for each in made} == {("Mind the gap.",)}
    assert await query("SELECT count(*) FROM job") == [(3,)]


@pytest.mark.parametrize("asker", [BEN, Asker(team_id="T2", channel_id="C1", user_id="U1")])
async def test_an_offer_is_only_for_whom_it_was_made(store, query, asker) -> None:
    offered = await store.transaction(many.offer, WANTED)
    assert await start(store, offered.draft_id, asker) == ()
    assert not await store.transaction(many.drop, offered.draft_id, asker)
    assert await query("SELECT count(*) FROM job") == [(0,)]


async def test_after_a_no_there_is_nothing_left_to_say_yes_to(store) -> None:
    offered = await store.transaction(many.offer, WANTED)
    assert await store.transaction(many.drop, offered.draft_id, ANA)
    assert await start(store, offered.draft_id) == ()
    assert not await store.transaction(many.drop, offered.draft_id, ANA)


async def test_a_no_after_a_yes_comes_too_late(store, query) -> None:
    offered = await store.transaction(many.offer, WANTED)
    await start(store, offered.draft_id)
    assert not await store.transaction(many.drop, offered.draft_id, ANA)
    assert await query("SELECT count(*) FROM job") == [(3,)]
