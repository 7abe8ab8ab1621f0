"""A PostgreSQL for a run: the one that is named, or a throw-away server as the tests start it."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import conftest


class NoServer(Exception):
    """There is no PostgreSQL here and none can be started."""


@contextmanager
def database() -> Iterator[str]:
    """Give the URL of an empty database, gone afterwards.

    Raises:
        NoServer: with the reason why there is none.
    """
    named = os.environ.get("CAPTION_BOT_TEST_POSTGRES")
    server = None if named else _server()
    url = named or (server.start() if server else "")
    name = f"captions_faults_{secrets.token_hex(4)}"
    try:
        asyncio.run(conftest._administer(url, f"CREATE DATABASE {name}"))
        yield conftest._named(url, name)
    finally:
        if server is None:
            asyncio.run(conftest._administer(url, f"DROP DATABASE {name} WITH (FORCE)"))
        else:
            server.stop()


def _server() -> conftest._Server:
    initdb, pg_ctl = conftest._binary("initdb"), conftest._binary("pg_ctl")
    if initdb is None or pg_ctl is None:
        raise NoServer("no PostgreSQL here: set CAPTION_BOT_TEST_POSTGRES, or install its binaries")
    try:
        return conftest._Server(initdb, pg_ctl, conftest._unprivileged())
    except pytest.skip.Exception as reason:
        raise NoServer(str(reason)) from None
