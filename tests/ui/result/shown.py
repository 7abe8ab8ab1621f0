"""What a result shows, and what can be pressed in it."""

from __future__ import annotations

from bot.rules.jobs import Job, Outcome
from bot.ui.message import Message


def shown(message: Message) -> list[str]:
    return [
        text["text"]
        for block in message.blocks
        if block["type"] not in {"actions", "divider"}
        for text in ([block["text"]] if "text" in block else block["elements"])
    ]


def with_outcome(job: Job, **changes: object) -> Job:
    assert job.outcome
    return job.changed(outcome=Outcome(**{**fields(job.outcome), **changes}))


def fields(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


def pressable(message: Message) -> list[str]:
    return [
        element["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
