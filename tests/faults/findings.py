"""What the sandbox and the bot say about a run, in the form that the harness works with."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from tests.faults.control import Control
from tests.faults.judge import Asked, Evidence
from tests.faults.processes import FellOver


def public_id(shown: dict[str, Any]) -> str:
    """Return our id of the job that an answer to a command names.

    Raises:
        FellOver: when it names none.
    """
    found = re.search(r"Job `([a-z0-9]+)`", str(shown["blocks"]))
    if found is None:
        raise FellOver(f"the answer names no job: {shown['text']}")
    return found[1]


async def gather(control: Control, asked: list[Asked]) -> Evidence:
    """Return everything that the sandbox knows about jobs and messages."""
    jobs = (await control.get("mux/jobs"))["jobs"]
    state = await control.get("slack/state")
    return Evidence(asked=asked, jobs=jobs, state=state)


def left(state: dict[str, Any]) -> str:
    """Return what the bot still has to do, by its own account; nothing when it is at rest."""
    if not state.get("ready"):
        return str(state)
    waiting = {name: state[name] for name in ("jobs", "inbox", "effects", "given_up") if state[name]}
    return str(waiting) if waiting else ""


def thrown(entries: dict[str, Any]) -> Counter[tuple[str, str]]:
    """Count the faults in a journal by kind and place."""
    return Counter(
        (entry["data"]["fault"], str(entry["name"]).partition(":")[0]) for entry in entries["entries"]
    )
