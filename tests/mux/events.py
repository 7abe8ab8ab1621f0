"""The events of Mux by their names, and how they are read."""

from __future__ import annotations

import json

from bot.mux.events import Event, read_event
from bot.rules.jobs import Signal

KIND = "robots.job.generate_premium_captions.completed"
ALL_FIVE = [
    ("pending", Signal.PENDING),
    ("processing", Signal.PROCESSING),
    ("completed", Signal.COMPLETED),
    ("errored", Signal.ERRORED),
    ("cancelled", Signal.CANCELLED),
]


def read(event) -> Event:
    return read_event(json.dumps(event).encode())
