"""How a job's captions differ from those that were there before it, as it is told and kept. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from bot.rules.compare import Changes, Example


class Against(StrEnum):
    """Which captions the new ones are compared with."""

    REPLACED = "replaced"
    """Those of the track that Mux deleted for the job."""
    EDITED = "edited"
    """Those in which words were fixed."""
    EARLIER = "earlier"
    """Those of an earlier job for the same video and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed, and how often each set of captions misses a limit of the quality report.

    `name` is what the older ones are called: a track's name, or our id of the job that made them. The
    numbers of faults are None where they were not counted.
    """

    against: Against
    name: str
    changes: Changes
    faults_before: int | None = None
    faults_after: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        changes = dict(stored["changes"])
        examples = tuple(Example(**example) for example in changes.pop("examples"))
        names = tuple((str(before), str(after)) for before, after in changes.pop("names"))
        return cls(
            against=Against(stored["against"]),
            name=stored["name"],
            changes=Changes(**changes, examples=examples, names=names),
            faults_before=stored.get("faults_before"),
            faults_after=stored.get("faults_after"),
        )
