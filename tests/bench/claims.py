"""How long a worker takes to get the next effect, and to close it, straight at the store."""

from __future__ import annotations

import time

from bot.clock import SystemClock
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.services import captions, claiming, outbox
from bot.services.captions import Ask
from bot.store.database import Database
from tests.bench.load import Times


async def measure(url: str, effects: int) -> dict[str, float]:
    """Return the milliseconds of a request, of a claim and of its end, with that many effects waiting."""
    store = Database(url, SystemClock())
    await store.open()
    asked, claimed, closed = Times(), Times(), Times()
    timing = Timing()
    try:
        for number in range(effects):
            began = time.perf_counter()
            await store.transaction(captions.request, _ask(number))
            asked.note(200, time.perf_counter() - began)
        for number in range(effects):
            began = time.perf_counter()
            taken = await store.transaction(claiming.claim, "slack", owner=f"bench{number}", timing=timing)
            claimed.note(200, time.perf_counter() - began)
            if taken is None:
                break
            began = time.perf_counter()
            await store.transaction(
                outbox.done, taken, ext_id=f"1.{number}", ext_channel=taken.effect.target, timing=timing
            )
            closed.note(200, time.perf_counter() - began)
    finally:
        await store.close()
    return {
        "store_request_ms": asked.ms(0.5),
        "store_claim_ms": claimed.ms(0.5),
        "store_close_ms": closed.ms(0.5),
    }


def _ask(number: int) -> Ask:
    unique = f"{time.time_ns()}{number}"
    return Ask(
        request=CaptionRequest(asset_id=f"Claim{unique}"),
        request_key=f"bench:{unique}",
        team_id=f"TC{unique}",
        channel_id=f"CC{unique}",
        user_id="U0BENCH",
        mux_account="bench",
    )
