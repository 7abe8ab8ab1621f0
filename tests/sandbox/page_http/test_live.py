"""The page learns what is new while it is open, and what it missed when it is back."""

from __future__ import annotations

import json
from typing import Any

import httpx
from starlette.applications import Starlette

from bot.sandbox.page.live import Live
from bot.sandbox.page.snapshot import Difference
from tests.sandbox.page_http.desk import Desk, Served


async def test_a_page_that_was_away_gets_everything_and_one_that_was_not_gets_the_news(desk: Desk) -> None:
    kept = desk.post("one")
    told = Difference()
    assert set(told.since(desk.shown())) == {"regions", "lists"}
    assert told.since(desk.shown()) == {}
    desk.slack.workspace.update(kept, text="changed", blocks=[], metadata=None)
    added = desk.post("two")
    news = told.since(desk.shown())["lists"]["messages"]
    assert news["order"] == [kept.ts, added.ts]
    assert set(news["changed"]) == {kept.ts, added.ts}
    desk.slack.workspace.delete(kept)
    assert told.since(desk.shown())["lists"]["messages"] == {"order": [added.ts], "changed": {}}
    assert set(Difference().since(desk.shown())) == {"regions", "lists"}


def read(event: bytes) -> tuple[str, dict[str, Any]]:
    fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
    return fields["event"], json.loads(fields["data"])


async def test_a_stream_begins_with_everything_and_brings_what_is_new(desk: Desk) -> None:
    desk.post("before")
    stream = Live(desk.slack.workspace).stream("U0ANA", desk.shown)
    name, first = read(await anext(stream))
    assert name == "state"
    assert len(first["lists"]["messages"]["changed"]) == 1
    desk.post("after")
    _, second = read(await anext(stream))
    assert len(second["lists"]["messages"]["changed"]) == 1
    assert second["place"] == "C0DEMO"
    desk.slack.workspace.toast("U0BEN", "not yours")
    desk.slack.workspace.toast("U0ANA", "late")
    assert read(await anext(stream)) == ("toast", {"text": "late"})
    await stream.aclose()
    assert desk.slack.workspace.changes._queues == []


async def test_a_toast_missed_while_asleep_is_shown_on_return(desk: Desk) -> None:
    heard = desk.slack.workspace.changes.seq
    desk.slack.workspace.toast("U0ANA", "operation_timeout")
    stream = Live(desk.slack.workspace).stream("U0ANA", desk.shown, heard=heard)
    assert read(await anext(stream)) == ("toast", {"text": "operation_timeout"})
    await stream.aclose()


async def test_a_quiet_stream_beats_and_ends_when_the_page_is_closed(desk: Desk) -> None:
    live = Live(desk.slack.workspace, look_seconds=0.001, heartbeat_seconds=0.003)
    stream = live.stream("U0ANA", desk.shown)
    assert read(await anext(stream))[0] == "state"
    assert read(await anext(stream)) == ("beat", {})
    live.close()
    assert [event async for event in stream] == []


async def test_the_stream_is_served_as_server_sent_events(desk: Desk, served: Served) -> None:
    async with served(Starlette(routes=desk.page.routes())) as url, httpx.AsyncClient() as browser:
        address = f"{url}/_page/stream?as=U0BEN&in=C0DEMO"
        async with browser.stream("GET", address, headers={"Last-Event-ID": "0"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            assert await anext(lines) == "event: state"
        desk.page.close()
    assert desk.slack.workspace.changes._queues == []
