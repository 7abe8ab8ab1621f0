"""A start imports what it needs, and no library notices that another one was kept out."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys

import pytest

from handlers import lean

START = """
import sys
import handlers.cli
from handlers import lean
with lean.without(*lean.UNUSED):
    import bot.log, handlers.app
print(*sys.modules)
"""

LATER = {
    "alembic": "a store whose schema is old",
    "cryptography": "tokens of several workspaces",
    "httpcore": "a file on its way to Mux",
    "langcodes": "a language that the table lacks",
    "PIL": "pictures",
    "pygments": "tracebacks for people",
    "rich": "help and tracebacks for people",
    "sqlalchemy.dialects.postgresql": "PostgreSQL",
    "sqlalchemy.ext.asyncio": "PostgreSQL",
    "srt": "caption files",
    "websockets": "Socket Mode",
}


async def test_a_start_imports_nothing_that_only_some_need_later():
    run = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", START], capture_output=True, text=True, check=True
    )
    assert not LATER.keys() & set(run.stdout.split())


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
