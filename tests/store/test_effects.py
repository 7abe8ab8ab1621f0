"""What is asked for once is there once, and is due when it may be sent."""

from __future__ import annotations

from bot.rules.effects import NEVER, Action, Kind
from bot.store import effects, lanes
from tests.store.queued import LANE


async def test_an_effect_is_asked_for_once(store, new_effect):
    def twice(tx) -> None:
        first = new_effect(tx)
        again = effects.add(tx, key=first.key, kind=Kind.CARD, lane=LANE, job_id=first.job_id)
        assert not again
        assert first.action is Action.SEND
        assert effects.head(tx, LANE) == first
        assert [each.id for each in effects.of_job(tx, first.job_id)] == [first.id]

    await store.transaction(twice)


def posted(tx, effect) -> None:
    later = tx.now + 60
    effects.converge(
        tx, effect.id, have=1, ext_id="1.1", ext_channel="C1", lane=effect.lane, look_again_at=later
    )


async def test_ten_changes_before_the_first_post_cost_nothing(store, new_effect):
    def change(tx):
        first = new_effect(tx)
        for _ in range(10):
            effects.want_more(tx, first.key)
        return first, effects.by_key(tx, first.key)

    before, after = await store.transaction(change)
    assert (after.want, after.due_at, after.action) == (11, before.due_at, Action.SEND)


async def test_a_change_of_what_is_posted_is_due_at_once(store, new_effect):
    def change(tx):
        first = new_effect(tx)
        posted(tx, first)
        effects.schedule(tx, first.id, due_at=tx.now + 60)
        effects.want_more(tx, first.key)
        return effects.by_key(tx, first.key), tx.now

    after, now = await store.transaction(change)
    assert (after.action, after.due_at) == (Action.UPDATE, now)


async def test_a_change_does_not_hurry_what_backs_off_and_does_not_wake_what_is_given_up(store, new_effect):
    def change(tx) -> None:
        first = new_effect(tx)
        posted(tx, first)
        effects.postpone(tx, first.id, due_at=tx.now + 60, error="e")
        effects.want_more(tx, first.key)
        assert effects.get(tx, first.id).due_at == tx.now + 60
        effects.bury(tx, first.id, error="e")
        effects.want_more(tx, first.key)
        assert effects.get(tx, first.id).want == 2
        assert effects.get(tx, first.id).buried
        effects.want_more(tx, "nobody:card")

    await store.transaction(change)


async def test_what_waits_for_another_effect_is_let_go_once(store, new_effect):
    def let_go(tx) -> None:
        waiting = new_effect(tx, due_at=NEVER)
        assert effects.head(tx, LANE) is None
        assert lanes.next_ready(tx, "slack") is None
        effects.release(tx, [waiting.key])
        assert effects.head(tx, LANE).due_at == tx.now
        effects.schedule(tx, waiting.id, due_at=tx.now + 9)
        effects.release(tx, [waiting.key])
        assert effects.get(tx, waiting.id).due_at == tx.now + 9

    await store.transaction(let_go)
