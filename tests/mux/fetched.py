"""Files that are fetched from a store that answers as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bot.errors import FileRefused
from bot.mux.fetching import Fetched, Files, Reach, reach

STORE = "https://storage.googleapis.com/bucket/captions.srt?signature=secret"
SRT = b"1\n00:00:00,000 --> 00:00:01,000\nHello\n"
ABROAD = reach(["https://api.mux.com"])


Answer = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def files(answer: Answer, allowed: Reach = ABROAD, **more) -> AsyncIterator[Files]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        yield Files(http, http, allowed, **more)


def with_bytes(content: bytes, status: int = 200, **headers: str) -> Answer:
    async def body() -> AsyncIterator[bytes]:
        yield content

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=body(), headers=named)


async def fetched(answer: Answer, url: str = STORE, *, cap_bytes: int = 1_000) -> Fetched:
    async with files(answer) as those:
        return await those.fetch(url, cap_bytes=cap_bytes)


async def refusal(answer: Answer, url: str = STORE, *, cap_bytes: int = 1_000) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        await fetched(answer, url, cap_bytes=cap_bytes)
    assert "secret" not in str(caught.value)
    return caught.value
