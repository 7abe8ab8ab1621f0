"""Whose token a request to Slack carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

NOT_INSTALLED: Final = "installation"
"""What a refusal names as its method where the app is no more, and nothing is to be said."""

TokenOf = Callable[[str], Awaitable[str]]
"""Gives a workspace's bot token by its team id.

Raises `SlackRefused` with the code `not_authed` and the method `NOT_INSTALLED` where the app is not installed
(any more), and what a request to Slack may raise when a token has to be refreshed first.
"""
