"""Which Mux environment a request goes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.mux.client import MuxClient

MuxOf = Callable[[str], Awaitable[MuxClient]]
"""Gives the client of a Mux environment by the name that jobs and channels know it under.

Raises `NotDone` where the environment is not connected (any more), so that what waits for it stays.
"""

AccountOf = Callable[[str], Awaitable[str]]
"""Gives the name of the Mux environment that a workspace captions in, by its team id.

Raises `UserError`, with what to do next, for a workspace that has not connected one.
"""
