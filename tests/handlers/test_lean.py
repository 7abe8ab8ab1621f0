"""A start imports what it needs, and no library notices that another one was kept out."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys

import pytest

from bot.clock import SystemClock
from bot.store.database import Database
from handlers import lean

# What `run` does, until `/readyz` answers with 200.
START = """
import asyncio, os, sys
from handlers import cli, lean
assert not {"pydantic", "sqlalchemy", "starlette"} & set(sys.modules), "a command brings what it needs itself"

async def start():
    # greenlet comes with the extra for PostgreSQL.
    with lean.without(*lean.UNUSED, "greenlet"):
        from bot import log, settings
        from handlers import greeting, serving
        from handlers.app import build
    sock = serving.listen("127.0.0.1", 0)
    log.configure(json=False, level="ERROR")
    async with serving.serving(build(settings.load(None)), sock):
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(b"GET /readyz HTTP/1.1\\r\\nHost: bot.test\\r\\nConnection: close\\r\\n\\r\\n")
        answer = await reader.read()
        writer.close()
        print(answer.decode().split()[1], *sys.modules)

asyncio.run(start())
"""
NOBODY = "http://127.0.0.1:9"
SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "s",
    "SLACK_API_URL": f"{NOBODY}/",
    "MUX_TOKEN_ID": "t",
    "MUX_TOKEN_SECRET": "s",
    "MUX_BASE_URL": NOBODY,
}

LATER = {
    "alembic": "a store whose schema is old",
    "bot.sandbox": "the demo",
    "bot.ui.timeline": "pictures",
    "bot.workers.making": "files of captions",
    "cryptography": "tokens of several workspaces",
    "dotenv": "a file with settings",
    "handlers.checks": "the doctor",
    "httpcore": "a file on its way to Mux",
    "langcodes": "a language that the table lacks",
    "pygments": "tracebacks for people",
    "rich": "help and tracebacks for people",
    "sqlalchemy.dialects.postgresql": "PostgreSQL",
    "sqlalchemy.ext.asyncio": "PostgreSQL",
    "srt": "caption files",
    "websockets": "Socket Mode",
}


async def test_a_bot_that_is_ready_has_imported_nothing_that_only_some_need_later(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    store = Database(url, SystemClock())
    await store.open()
    await store.close()
    run = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", START],
        capture_output=True,
        text=True,
        env={**os.environ, **SETTINGS, "DATABASE_URL": url},
    )
    status, *modules = run.stdout.split() or [run.stderr]
    assert status == "200"
    assert not LATER.keys() & set(modules)


def test_a_package_that_is_kept_out_can_be_imported_afterwards():
    with lean.without("this", "gc"):
        with pytest.raises(ImportError):
            __import__("this")
        import gc as known
    assert known is gc
    assert "this" not in sys.modules


def test_garbage_is_looked_for_once_the_start_is_over_and_never_in_what_it_made():
    turn = sys.getswitchinterval()
    with lean.uncollected():
        during = gc.isenabled()
        lean.settle()
        after, frozen, shorter = gc.isenabled(), gc.get_freeze_count(), sys.getswitchinterval()
    gc.unfreeze()
    sys.setswitchinterval(turn)
    assert (during, after) == (False, True)
    assert frozen > 0
    assert shorter < turn


def test_a_start_that_fails_leaves_the_collector_as_it_was():
    with pytest.raises(OSError, match="taken"), lean.uncollected():
        raise OSError("taken")
    assert gc.isenabled()
