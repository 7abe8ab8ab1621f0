"""The pure half of this room, under one name: signatures, events, requests and answers of Mux."""

from __future__ import annotations

from bot.mux.answers import Account, read_account, read_error, read_job, read_retry_after
from bot.mux.creating import MAX_PASSTHROUGH, WORKFLOW, create_body, same_work
from bot.mux.editing import EDIT_WORKFLOW, edit_body, read_edit, same_edit
from bot.mux.events import TRACK_ERRORED, TRACK_READY, Event, read_event
from bot.mux.reading import Malformed, parse
from bot.mux.signature import BadSignature, sign, verify

__all__ = [
    "EDIT_WORKFLOW",
    "MAX_PASSTHROUGH",
    "TRACK_ERRORED",
    "TRACK_READY",
    "WORKFLOW",
    "Account",
    "BadSignature",
    "Event",
    "Malformed",
    "create_body",
    "edit_body",
    "parse",
    "read_account",
    "read_edit",
    "read_error",
    "read_event",
    "read_job",
    "read_retry_after",
    "same_edit",
    "same_work",
    "sign",
    "verify",
]
