"""What becomes of what is sent, and who is next."""

from __future__ import annotations

from bot.rules.jobs import Report, Signal
from bot.services import claiming, outbox, progress


async def ended(desk, job) -> None:
    row_id = (await desk.job(job)).row_id
    await desk.store.transaction(progress.apply, row_id, Report(signal=Signal.COMPLETED, mux_id="m1"))


async def suspected(desk, job) -> None:
    """Leave the card converged and in doubt: its answer was lost, and it was found."""
    await desk.unknown(await desk.claimed())
    desk.clock.forward(2)
    await desk.done(await desk.claimed(), have=1)
    assert (await desk.effect(f"{job.id}:card")).suspect


async def next_claim(desk):
    for _ in range(1_000):
        desk.clock.forward(0.5)
        if taken := await desk.claim():
            return taken
    raise AssertionError


async def unverifiable(desk, taken, *, repost: bool) -> bool:
    return await desk.store.transaction(
        outbox.unverifiable, taken, error="missing_scope", timing=desk.timing, repost=repost
    )


async def next_exactly(desk):
    for _ in range(100):
        if taken := await desk.claim():
            return taken
        desk.clock.forward(max(await desk.store.transaction(claiming.due_in, "slack"), 0.001))
    raise AssertionError
