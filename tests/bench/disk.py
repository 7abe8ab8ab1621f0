"""What the disk alone takes to make something durable, since every promise waits for it."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from tests.bench.load import Times

_TIMES: Final = 250
_PAUSE_SECONDS: Final = 0.02
_BYTES: Final = 20 * 4096
"""About what a command writes: twenty pages."""


async def measure(folder: Path) -> dict[str, float]:
    """Return the milliseconds of a write with its `fdatasync`, as often a second as commands come."""
    return await asyncio.to_thread(_measure, folder / "disk.probe")


def _measure(path: Path) -> dict[str, float]:
    times, pages = Times(), os.urandom(_BYTES)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(_TIMES):
            time.sleep(_PAUSE_SECONDS)
            began = time.perf_counter()
            os.write(file, pages)
            os.fdatasync(file)
            times.note(200, time.perf_counter() - began)
    finally:
        os.close(file)
        path.unlink()
    return {"disk_p50_ms": times.ms(0.5), "disk_p99_ms": times.ms(0.99)}
