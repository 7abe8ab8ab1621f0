"""What is said in a channel, and what may still have to be done about it."""

from __future__ import annotations

from bot.store import effects, lanes


async def posted(bot):
    """Return a job whose card is in its channel."""
    job = await bot.asked()
    await bot.run(bot.delivery)
    assert len(bot.slack.said("C1")) == 1
    return job


async def all_quiet(bot) -> None:
    """Let an hour pass; nothing may be left to do."""
    await bot.run(bot.delivery, seconds=3_600)
    assert await bot.waiting("slack") is None


async def doubted(bot, job) -> None:
    """Have the job's card audited, as after an answer that was lost."""
    card = await bot.effect(f"{job.id}:card")
    await bot.store.transaction(effects.doubt, card.id, due_at=bot.clock.now(), error="e")
    await bot.store.transaction(lambda tx: lanes.wake(tx, card.lane, tx.now))


def copy_of(card, *, seconds: float):
    return {**card, "ts": f"{float(card['ts']) + seconds:.6f}"}
