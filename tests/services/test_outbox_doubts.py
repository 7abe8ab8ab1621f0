"""The delivery protocol in doubt: what was lost is looked for before anything is sent again."""

from __future__ import annotations

from bot.rules.effects import Action, Kind
from bot.rules.jobs import State
from bot.services import outbox
from bot.store import effects
from tests.services.outcomes import ended, next_claim, suspected, unverifiable


async def test_after_a_lost_answer_the_vendor_is_asked_before_anything_is_sent(desk):
    job = await desk.asked()
    taken = await desk.claimed()
    await desk.unknown(taken)
    card = await desk.effect(f"{job.id}:card")
    assert (card.suspect, card.maybe_sent_at) == (True, taken.at)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.VERIFY


async def test_a_lost_create_is_shown_as_unconfirmed(desk):
    job = await desk.asked()
    taken = await desk.claimed("mux")
    assert (await desk.job(job)).job.state is State.SUBMITTING
    await desk.unknown(taken)
    assert (await desk.job(job)).job.state is State.UNCONFIRMED


async def test_absence_is_not_believed_before_the_vendor_must_have_settled(desk):
    job = await desk.asked()
    first = await desk.claimed()
    await desk.unknown(first)
    looks = 0
    while True:
        desk.clock.forward(1)
        taken = await desk.claim()
        if taken is None:
            continue
        if taken.action is Action.SEND:
            break
        looks += 1
        await desk.absent(taken)
    assert looks > 1
    assert taken.at - first.at >= desk.timing.settle
    assert taken.at - first.at < desk.timing.settle + 5
    assert (await desk.effect(f"{job.id}:card")).first_sent_at == first.at


async def test_a_look_that_began_too_early_proves_nothing_however_long_it_took(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(50)
    taken = await desk.claimed()
    desk.clock.forward(25)
    await desk.absent(taken)
    assert (await desk.effect(f"{job.id}:card")).maybe_sent_at is not None


async def test_a_second_send_that_fails_for_sure_leaves_no_doubt_about_the_first(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(61)
    await desk.absent(await desk.claimed())
    desk.clock.forward(2)
    again = await desk.claimed()
    assert again.action is Action.SEND
    await desk.not_done(again)
    card = await desk.effect(f"{job.id}:card")
    assert (card.maybe_sent_at, card.suspect) == (None, True)


async def test_a_failed_look_decides_nothing(desk):
    job = await desk.asked()
    first = await desk.claimed()
    await desk.unknown(first)
    desk.clock.forward(100)
    taken = await desk.claimed()
    await desk.store.transaction(
        outbox.unread, taken, error="down", retry_in=None, timing=desk.timing, jitter=0.0
    )
    await desk.not_done(await next_claim(desk))
    card = await desk.effect(f"{job.id}:card")
    assert card.maybe_sent_at == first.at
    assert (await next_claim(desk)).action is Action.VERIFY


async def test_what_was_found_in_an_older_version_is_brought_up_to_date(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    desk.clock.forward(2)
    await desk.done(await desk.claimed(), have=1)
    assert (await desk.claimed()).action is Action.UPDATE


async def test_what_was_ever_in_doubt_is_audited_once_when_all_must_have_settled(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(desk.timing.settle - 1)
    assert await desk.claim() is None
    desk.clock.forward(2)
    taken = await desk.claimed()
    assert taken.action is Action.AUDIT
    await desk.store.transaction(outbox.audited, taken, visible=1)
    assert not (await desk.effect(f"{job.id}:card")).suspect
    desk.clock.forward(1_000)
    assert await desk.claim() is None


async def test_an_audit_that_sees_stale_text_has_it_replaced(desk):
    job = await desk.asked()
    await suspected(desk, job)
    await desk.store.transaction(effects.want_more, f"{job.id}:card")
    await desk.done(await desk.claimed())
    desk.clock.forward(61)
    taken = await desk.claimed()
    await desk.store.transaction(outbox.audited, taken, visible=1)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.UPDATE


async def test_an_audit_of_what_people_deleted_ends_it(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(61)
    await desk.store.transaction(outbox.audited, await desk.claimed(), visible=None)
    assert not (await desk.effect(f"{job.id}:card")).suspect


async def test_without_the_right_to_read_a_message_is_held_by_policy_and_its_result_is_said(desk):
    job = await desk.asked()
    await desk.unknown(await desk.claimed())
    await ended(desk, job)
    desk.clock.forward(2)
    await unverifiable(desk, await desk.claimed(), repost=False)
    assert (await desk.effect(f"{job.id}:card")).buried
    assert (await desk.claimed()).effect.kind is Kind.RESULT


async def test_without_the_right_to_read_a_message_is_sent_again_by_policy_not_before_it_settled(desk):
    await desk.asked()
    await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await unverifiable(desk, await desk.claimed(), repost=True)
    assert await desk.claim() is None
    desk.clock.forward(60)
    await unverifiable(desk, await desk.claimed(), repost=True)
    desk.clock.forward(2)
    assert (await desk.claimed()).action is Action.SEND


async def test_without_the_right_to_read_an_audit_is_given_up(desk):
    job = await desk.asked()
    await suspected(desk, job)
    desk.clock.forward(61)
    await unverifiable(desk, await desk.claimed(), repost=False)
    card = await desk.effect(f"{job.id}:card")
    assert (card.suspect, card.buried) == (False, False)
