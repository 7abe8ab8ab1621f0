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


def test_what_exists_at_the_end_of_a_start_is_collected_no_more():
    turn = sys.getswitchinterval()
    lean.settle()
    frozen, shorter = gc.get_freeze_count(), sys.getswitchinterval()
    gc.unfreeze()
    sys.setswitchinterval(turn)
    assert frozen > 0
    assert shorter < turn
