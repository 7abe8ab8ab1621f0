"""The room's pure half is reachable under one name."""

from __future__ import annotations

from bot.mux import wire


def test_everything_the_room_promises_is_there():
    assert all(hasattr(wire, name) for name in wire.__all__)
