"""Where the time of one `/caption` goes: each stage alone, in this process, and a drawing of them.

    python -m tests.bench.stages    writes docs/images/caption-profile.svg

A stage's figure is the CPU time of its thread, the best of many rounds, so that other work on the machine
hardly shows in it. What uvicorn does around it is not in there; the floor of the table has that.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import SystemClock
from bot.rules import grammar
from bot.rules.request import CaptionRequest
from bot.services import captions
from bot.services.captions import Ask, Asked
from bot.store import batches
from bot.store.batches import Waiting
from bot.store.database import Database
from bot.store.tx import Tx
from bot.ui import replies
from handlers import shapes
from handlers.replying import ephemeral
from tests.bench import drawing
from tests.bench.traffic import SIGNING_SECRET, Traffic

DRAWING: Final = Path(__file__).parents[2] / "docs" / "images" / "caption-profile.svg"
TOGETHER: Final = 8
"""How many commands share a commit here, as they do under load."""

_ROUNDS: Final = 30
_TIMES: Final = 40


def best(work: Callable[[], object], *, times: int = _TIMES) -> float:
    """Return the microseconds of CPU that `work` takes, the least of many rounds."""
    found = []
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for _ in range(times):
            work()
        found.append((time.thread_time() - began) / times)
    return min(found) * 1e6
