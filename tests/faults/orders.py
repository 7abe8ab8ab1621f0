"""What goes wrong, and how often: every kind of fault, within what the delivery protocol assumes."""

from __future__ import annotations

from typing import Any, Final

_HANG_SECONDS: Final = 1.0
"""Longer than the bot waits for an answer."""
_LATE_SECONDS: Final = 0.4
"""What the bot allows for when it says that something was never done."""

# Kind, probability, and what more the kind wants.
_WRITE: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    ("rate_limited", 0.03, {"seconds": 1.0}),
    ("error_before", 0.05, {"status": 503}),
    ("error_after", 0.06, {"status": 500}),
    ("timeout_before", 0.04, {"seconds": _HANG_SECONDS}),
    ("timeout_after", 0.06, {"seconds": _HANG_SECONDS}),
    ("drop_before", 0.05, {}),
    ("drop_after", 0.06, {}),
    ("late", 0.05, {"seconds": _LATE_SECONDS}),
    ("delay", 0.05, {"seconds": 0.2}),
)
_READ: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    ("rate_limited", 0.02, {"seconds": 1.0}),
    ("error_before", 0.05, {"status": 502}),
    ("timeout_before", 0.04, {"seconds": _HANG_SECONDS}),
    ("drop_before", 0.05, {}),
    ("delay", 0.05, {"seconds": 0.2}),
)
_WEBHOOK: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    ("lose", 0.15, {}),
    ("duplicate", 0.4, {"seconds": 0.4}),
    ("delay", 0.35, {"seconds": 1.0}),
)
_SLACK_UNSURE: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    ("refuse", 0.02, {"code": "internal_error"}),
)

_SHARE: Final[tuple[tuple[str, float, dict[str, Any]], ...]] = (
    ("lose", 0.08, {}),
    ("delay", 0.3, {"seconds": 0.6}),
)

_TARGETS: Final = (
    ("mux:create", _WRITE),
    ("mux:cancel", _WRITE),
    ("slack:chat.postMessage", (*_WRITE, *_SLACK_UNSURE)),
    ("slack:chat.update", _WRITE),
    ("slack:chat.delete", _WRITE),
    ("slack:conversations.*", _READ),
    ("slack:files.getUploadURLExternal", _READ),
    ("slack:files.completeUploadExternal", (*_WRITE, *_SLACK_UNSURE)),
    ("slack:files.info", _READ),
    ("slack:files.delete", _WRITE),
    ("mux:playback-id", _READ),
    ("mux:asset", _READ),
    ("mux:list", _READ),
    ("mux:get", _READ),
    ("mux:file", _READ),
    ("share:*", _SHARE),
    ("webhook:*", _WEBHOOK),
)


def orders() -> list[dict[str, Any]]:
    """Return every standing order as the sandbox's control interface wants it."""
    return [
        {"kind": kind, "target": target, "probability": probability, "times": None, **more}
        for target, kinds in _TARGETS
        for kind, probability, more in kinds
    ]
