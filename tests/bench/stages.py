"""Where the time of one `/caption` goes: each stage alone, in this process, and a drawing of them.

    python -m tests.bench.stages    writes docs/images/caption-profile.svg

A stage's figure is the CPU time of its thread, the best of many rounds, so that other work on the machine
hardly shows in it. The HTTP server and the hand-over between threads are not in there.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, StaticPool, create_engine, event

from bot.clock import SystemClock
from bot.rules import grammar
from bot.services import captions
from bot.services.captions import Ask, Asked
from bot.store import batches, engines
from bot.store.batches import Waiting
from bot.store.database import Database
from bot.ui import replies
from handlers.replying import ephemeral
from tests.bench import drawing
from tests.bench.traffic import SIGNING_SECRET, Traffic

DRAWING: Final = Path(__file__).parents[2] / "docs" / "images" / "caption-profile.svg"
TOGETHER: Final = 8
"""How many commands share a commit here, as they do under load."""

_ROUNDS: Final = 30
_TIMES: Final = 40

_people: Final = Traffic()


class Timed(sqlite3.Connection):
    """Sums up the CPU time of what the store calls on it."""

    statements = 0.0
    commits = 0.0

    def execute(self, *given: Any) -> sqlite3.Cursor:
        began = time.thread_time()
        try:
            return super().execute(*given)
        finally:
            took = time.thread_time() - began
            if given[0] == "COMMIT":
                self.commits += took
            else:
                self.statements += took


def best(work: Callable[[], object]) -> float:
    """Return the microseconds of CPU that `work` takes, the least of many rounds."""
    found = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for _ in range(_TIMES):
            work()
        found.append((time.thread_time() - began) / _TIMES)
    return min(found) * 1e6


async def measure() -> list[tuple[str, float]]:
    """Return the stages in the order in which a command passes them, in microseconds of CPU."""
    headers, text = _request()
    body = dict(parse_qsl(text, keep_blank_values=True))
    signed = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
    verifier = SignatureVerifier(SIGNING_SECRET)
    with tempfile.TemporaryDirectory() as folder:
        made, stored = await _stored(Path(folder) / "bot.db")
    return [
        ("signature of the raw bytes", best(lambda: verifier.is_valid(text, *signed))),
        ("form to fields", best(lambda: dict(parse_qsl(text, keep_blank_values=True)))),
        ("Bolt: context, middleware, dispatch", await _dispatched(body)),
        ("reading the command", best(lambda: grammar.parse(body["text"]))),
        *stored,
        ("the answer: text, blocks, JSON", best(lambda: json.dumps(ephemeral(replies.accepted(made.job))))),
    ]


def _request() -> tuple[dict[str, str], str]:
    head, _, raw = _people.command().partition(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:]), raw.decode()


async def _dispatched(body: dict[str, str]) -> float:
    """Time Bolt with the bot's own switches and a listener that does nothing."""

    async def authorize(**_given: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-bench")

    app = AsyncApp(
        client=AsyncWebClient(),
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )

    @app.command("/caption")
    async def nothing(ack: Any) -> None:
        await ack()

    found = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for _ in range(_TIMES):
            await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        found.append((time.thread_time() - began) / _TIMES)
    return min(found) * 1e6


async def _stored(path: Path) -> tuple[Asked, list[tuple[str, float]]]:
    store = Database(f"sqlite+aiosqlite:///{path}", SystemClock())
    await store.open()
    made = await store.transaction(captions.request, _ask())
    await store.close()
    with _over(path) as (conn, timed):
        return made, _transactions(conn, timed)


@contextmanager
def _over(path: Path) -> Iterator[tuple[Connection, Timed]]:
    """Give a connection as the writer has it, over one that times itself."""
    driver = sqlite3.connect(path, isolation_level=None, factory=Timed)
    engines.configure(driver)
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
    event.listen(engine, "begin", engines.begin_immediate)
    with engine.connect() as conn:
        yield conn, driver
    driver.close()


def _transactions(conn: Connection, timed: Timed) -> list[tuple[str, float]]:
    """Time batches as the writer runs them, and in them what SQLite itself takes."""
    found: list[tuple[float, float, float]] = []
    for _ in range(_ROUNDS):
        asks = [_ask() for _ in range(TOGETHER)]
        batch = [Waiting(lambda tx, ask=ask: captions.request(tx, ask), asyncio.Future()) for ask in asks]
        timed.statements = timed.commits = 0.0
        began = time.thread_time()
        batches.run(conn, batch, time.time, enough=None)
        whole = time.thread_time() - began
        found.append((whole - timed.statements - timed.commits, timed.statements, timed.commits))
    code, statements, commits = (min(each) / TOGETHER * 1e6 for each in zip(*found, strict=True))
    return [
        ("transaction: our code around its statements", code),
        ("transaction: SQLite's part of them", statements),
        (f"commit, shared by {TOGETHER} commands", commits),
    ]


def _ask() -> Ask:
    body = dict(parse_qsl(_request()[1], keep_blank_values=True))
    asked = grammar.parse(body["text"])
    assert isinstance(asked, grammar.Caption)
    return Ask(
        request=asked.request,
        pointer=asked.pointers[0],
        request_key=f"command:{body['team_id']}:{body['trigger_id']}",
        team_id=body["team_id"],
        channel_id=body["channel_id"],
        user_id=body["user_id"],
        mux_account="default",
        with_channels_phrases=True,
    )


def main() -> int:
    """Measure, print and draw."""
    stages = asyncio.run(measure())
    for name, microseconds in stages:
        sys.stdout.write(f"{microseconds:7.0f} us  {name}\n")
    DRAWING.write_text(drawing.bars("CPU of one /caption until its answer", stages, unit="\u00b5s"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
