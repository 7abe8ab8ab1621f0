"""Waiting for what happens elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds; what never does is ended by the time limit of the test."""
    while not condition():  # noqa: ASYNC110 - what is waited for happens in another task, on a socket
        await asyncio.sleep(0.002)
