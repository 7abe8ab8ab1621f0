"""What an act costs, counted exactly: statements, commits, calls to vendors, pools. Nothing is timed.

A number here goes up only with a reason, and that reason is worth a line in docs/performance.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from bot.clock import SystemClock
from bot.mux import wire
from bot.rules.effects import Kind
from bot.rules.pacing import Timing
from bot.rules.request import CaptionRequest
from bot.services import captions, claiming, inbox, outbox, progress
from bot.services.captions import Ask
from bot.settings import Settings
from bot.store import jobs
from bot.store.database import Database
from handlers.app import Doubles, build
from tests.bench import traffic, vendors
from tests.meters import Meter, constructed, pools

_TIMING: Final = Timing()
_POSTED: Final[Any] = {"ext_id": "1.1", "ext_channel": "C1", "timing": _TIMING}


@pytest.fixture
async def meter(store: Database) -> Meter:
    """Return a meter at `store`."""
    counting = Meter()
    # A first job, so that what is only done once per installation is done.
    await store.transaction(captions.request, an_ask("first"))
    await counting.watch(store)
    return counting


def an_ask(name: str, **changes: Any) -> Ask:
    values: dict[str, Any] = {
        "request": CaptionRequest(asset_id=f"asset{name}"),
        "request_key": name,
        "team_id": f"T{name}",
        "channel_id": "C1",
        "user_id": "U1",
        "mux_account": name,
        **changes,
    }
    return Ask(**values)


async def asked(store: Database) -> object:
    return await store.transaction(captions.request, an_ask("a"))


async def claimed(store: Database, queue: str, timing: Timing = _TIMING) -> claiming.Claim:
    taken = await store.transaction(claiming.claim, queue, owner="me", timing=timing)
    assert taken is not None
    return taken


def spent(store: Database, **engines: tuple[int, int]) -> tuple[int, int]:
    """Return what is expected on the engine of `store`."""
    return engines["sqlite" if store.is_sqlite else "postgres"]


async def test_a_request_for_captions(store, meter):
    await asked(store)
    # What is known before, the channel, the job, its effects, their lanes, and the audit log.
    assert meter.read() == spent(store, sqlite=(6, 1), postgres=(7, 1))


async def test_a_request_in_a_channel_that_is_known(store, meter):
    await asked(store)
    meter.read()
    await store.transaction(captions.request, an_ask("b", team_id="Ta"))
    assert meter.read() == spent(store, sqlite=(5, 1), postgres=(6, 1))


async def test_the_phrases_of_a_channel_cost_no_statement_of_their_own(store, meter):
    await store.transaction(captions.request, an_ask("a", with_channels_phrases=True))
    assert meter.read() == spent(store, sqlite=(6, 1), postgres=(7, 1))


async def test_the_same_request_once_more(store, meter):
    await asked(store)
    meter.read()
    await asked(store)
    assert meter.read() == spent(store, sqlite=(2, 1), postgres=(3, 1))


async def test_somebody_who_joins_work_that_is_under_way(store, meter):
    await asked(store)
    meter.read()
    await store.transaction(captions.request, an_ask("a", request_key="b", user_id="U2"))
    assert meter.read() == spent(store, sqlite=(9, 1), postgres=(11, 1))


async def test_a_webhook_is_one_statement_and_ninety_share_a_commit(sqlite_store):
    counting = Meter()
    await counting.watch(sqlite_store)
    events = [read_webhook(f"mark{number:09d}") for number in range(90)]
    await asyncio.gather(
        *(sqlite_store.transaction(inbox.file, account="default", event=one, raw=b"{}") for one in events)
    )
    assert counting.read() == (90, 1)


def read_webhook(marker: str) -> wire.Event:
    return wire.read_event(traffic.webhook(marker).partition(b"\r\n\r\n")[2])


async def test_a_message_is_claimed_and_closed(store, meter):
    await asked(store)
    await claimed(store, "slack")
    meter.read()
    taken = await claimed(store, "slack")
    assert meter.read() == spent(store, sqlite=(8, 1), postgres=(11, 1))
    await store.transaction(outbox.done, taken, ext_id="1.1", ext_channel="C1", timing=_TIMING)
    assert meter.read() == spent(store, sqlite=(5, 1), postgres=(7, 1))


async def test_looking_for_work_where_there_is_none(store, meter):
    assert await store.transaction(claiming.claim, "nobody", owner="me", timing=_TIMING) is None
    assert meter.read() == spent(store, sqlite=(1, 1), postgres=(2, 1))


async def test_the_end_of_a_job_is_applied(store, meter):
    job = await asked(store)
    assert isinstance(job, captions.Asked)
    ended = read_webhook("mark000000001")
    assert ended.report is not None
    found = await store.transaction(jobs.by_public_id, job.job.id)
    meter.read()
    await store.transaction(progress.apply, found.row_id, ended.report)
    assert meter.read() == spent(store, sqlite=(6, 1), postgres=(8, 1))


async def test_a_webhook_is_two_commits_on_its_way_to_the_post_and_one_after_it(store, meter):
    job = await asked(store)
    assert isinstance(job, captions.Asked)
    for _ in range(2):
        card = await claimed(store, "slack", Timing(post_spacing=0.0))
        await store.transaction(outbox.done, card, **_POSTED)
    body = traffic.webhook("mark000000001").partition(b"\r\n\r\n")[2]
    raw = body.replace(b"captionbot:bench:mark000000001", await stamp(store, job))
    event = wire.read_event(raw)
    meter.read()
    filed = await store.transaction(inbox.file, account="a", event=event, raw=raw)
    assert filed is not None
    assert meter.read() == spent(store, sqlite=(1, 1), postgres=(2, 1))
    taken = await store.transaction(inbox.apply_and_claim, filed, owner="me", timing=_TIMING)
    assert taken is not None
    assert taken.effect.kind is Kind.RESULT
    assert meter.read() == spent(store, sqlite=(17, 1), postgres=(21, 1))
    await store.transaction(outbox.done, taken, **_POSTED)
    assert meter.read() == spent(store, sqlite=(4, 1), postgres=(6, 1))


async def stamp(store: Database, asked: captions.Asked) -> bytes:
    found = await store.transaction(jobs.by_public_id, asked.job.id)
    assert found is not None
    return found.passthrough.encode()


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, vendors.Vendors]]:
    """Yield the whole bot, workers and all, and vendors that count what it asks them."""
    async with vendors.serving() as both:
        settings = Settings(
            _env_file=None,
            slack_bot_token="xoxb-1",
            slack_signing_secret=traffic.SIGNING_SECRET,
            slack_api_url=both.slack_url,
            mux_token_id="id",
            mux_token_secret="secret",
            mux_webhook_secret=traffic.WEBHOOK_SECRET,
            mux_base_url=both.mux_url,
            database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        )
        app = build(settings, Doubles(clock=SystemClock(), timing=_TIMING, reached=lambda _: None))
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
                yield http, both


async def send(http: httpx.AsyncClient, request: bytes) -> None:
    """Send a whole request as the generator makes it."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    response = await http.post(first.split()[1], content=body, headers=headers)
    assert response.status_code == 200, response.text


async def called(both: vendors.Vendors, name: str, times: int) -> None:
    async with asyncio.timeout(20):
        while both.calls[name] < times:  # noqa: ASYNC110 - the vendors tell nobody
            await asyncio.sleep(0.005)


async def test_three_jobs_cost_one_look_one_create_and_one_card_each_over_the_pools_of_the_start(whole):
    http, both = whole
    await called(both, "auth.test", 1)
    before = pools()
    people = traffic.Traffic(teams=1000)
    for _ in range(3):
        await send(http, people.command())
    await called(both, "chat.postMessage", 3)
    await called(both, "POST generate-premium-captions", 3)
    counted = {name: times for name, times in both.calls.items() if name not in {"chat.update", "GET assets"}}
    # Three people in three workspaces: each is looked up once, to know whether they are a guest.
    each = ("users.info", "GET asset", "POST generate-premium-captions", "chat.postMessage")
    assert counted == {"auth.test": 1, "GET whoami": 1, **dict.fromkeys(each, 3)}
    assert pools() == before


async def test_a_webhook_for_nobody_asks_nobody(whole):
    http, both = whole
    await called(both, "auth.test", 1)
    both.calls.clear()
    await send(http, traffic.webhook("mark000000001"))
    await asyncio.sleep(0.01)
    assert both.calls["chat.postMessage"] == both.calls["chat.update"] == 0


async def test_a_command_makes_nothing_anew_but_what_bolt_makes_for_each_request(whole):
    http, both = whole
    await called(both, "auth.test", 1)
    people = traffic.Traffic()
    await send(http, people.command())
    with constructed() as made:
        for _ in range(3):
            await send(http, people.command())
        await called(both, "POST generate-premium-captions", 4)
    # Bolt gives every listener a Web API client of its own, over the one session.
    assert made == {"AsyncBoltRequest": 3, "AsyncBaseClient": 3, "BoltResponse": 6}


async def test_a_webhook_makes_nothing_anew(whole):
    http, both = whole
    await called(both, "auth.test", 1)
    with constructed() as made:
        for number in range(3):
            await send(http, traffic.webhook(f"mark{number:09d}"))
    assert made == {}
