"""What the jobs of one Robots workflow have of their own; their life together is in `robots.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.library import Library
from bot.sandbox.mux.model import Asset, Failure, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """What came of a job's work, and what that cost; with a `failure` the job ends `errored`."""

    units: int = 0
    outputs: dict[str, Any] | None = None
    failure: Failure | None = None


Done: TypeAlias = Callable[[Produced, float], None]


class Workflow(Protocol):
    """The part that differs from workflow to workflow."""

    name: str

    def problems(self, body: Any) -> list[str]:
        """Return one message for each rule that a create request breaks."""

    def with_defaults(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters as the job shows them."""

    def admit(self, parameters: dict[str, Any]) -> Asset:
        """Return the asset that a job may work on; raise `Refused` (422)."""

    def require_room(self, asset: Asset, parameters: dict[str, Any]) -> None:
        """Raise `Refused` (422) when something on the asset is in the way already."""

    def units(self, asset: Asset, parameters: dict[str, Any]) -> int:
        """Return what the job will cost at least, in Mux AI units."""

    def begin(self, job: Job, at: float) -> None:
        """See to what a job needs, as it begins to be processed."""

    def perform(self, job: Job, at: float, done: Done) -> None:
        """Do the work, now or later, and call `done` unless the job was cancelled meanwhile."""

    def end(self, job: Job, at: float) -> None:
        """Clean up after a job, however it ended."""


def workable(library: Library, asset_id: str) -> Asset:
    """Return an asset that Robots can hear.

    Raises:
        Refused: 422, when there is none, it is not ready, or has no playback ID that Robots may use.
    """
    asset = library.assets.get(asset_id)
    if asset is None:
        raise Refused("unprocessable_entity", "The asset was not found")
    # What Mux answers for an asset that is not ready is not documented.
    if asset.status != "ready" or asset.is_live:
        raise Refused("unprocessable_entity", "The asset is not ready")
    if not any(playback.policy in {"public", "signed"} for playback in asset.playback_ids):
        raise Refused("unprocessable_entity", "The asset has no public or signed playback ID")
    return asset
