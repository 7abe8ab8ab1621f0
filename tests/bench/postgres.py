"""A throw-away PostgreSQL that keeps its promises: with fsync, unlike the one of the tests."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from tests import conftest
from tests.faults.postgres import NoServer, _server

__all__ = ["NoServer", "durable"]


class _Durable(conftest._Server):
    """The tests' server with its durability left as PostgreSQL has it."""

    def _run(self, *command: object) -> None:
        risky = ("-c fsync=off ", "-c full_page_writes=off ", "-c synchronous_commit=off ")
        cleaned = []
        for part in map(str, command):
            for setting in risky:
                part = part.replace(setting, "")  # noqa: PLW2901 - the same word without the settings
            cleaned.append(part)
        super()._run(*cleaned)


@contextmanager
def durable() -> Iterator[str]:
    """Give the URL of an empty database, gone afterwards.

    Raises:
        NoServer: with the reason why there is none.
    """
    named = os.environ.get("CAPTION_BOT_TEST_POSTGRES")
    server = None if named else _server()
    if server is not None:
        server.__class__ = _Durable
    url = named or (server.start() if server else "")
    name = f"captions_bench_{secrets.token_hex(4)}"
    try:
        asyncio.run(conftest._administer(url, f"CREATE DATABASE {name}"))
        yield conftest._named(url, name)
        asyncio.run(conftest._administer(url, f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        if server is not None:
            server.stop()
