"""What a person asks for: one generate-premium-captions job, checked. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self


class Replace(StrEnum):
    """What happens to text tracks of the same language or name (Mux's `replace_existing_tracks`)."""

    FAIL = "fail"
    """Mux refuses the job when there is one; nothing is billed if the language was given."""
    ALL = "replace_all"
    """Every match is deleted first; sent as `replace_existing: true`."""
    GENERATED = "replace_generated"
    """Only tracks that Mux's own speech recognition made are deleted; an uploaded one refuses the job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRequest:
    """The parameters of one job, within every limit that Mux documents.

    `asset_id` is a Mux asset id; `language_code` a normalised BCP 47 tag, None for detection.
    Two equal values are the same work, so their work key is what identical requests share.
    """

    asset_id: str
    language_code: str | None = None
    replace: Replace = Replace.FAIL
    track_name: str | None = None
    include_speakers: bool = False
    include_words: bool = False
    upload_to_mux: bool = True
    phrases: tuple[str, ...] = ()

    def changed(self, **changes: Any) -> Self:
        """Return a copy with `changes` applied."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return {
            "asset_id": self.asset_id,
            "language_code": self.language_code,
            "replace": self.replace.value,
            "track_name": self.track_name,
            "include_speakers": self.include_speakers,
            "include_words": self.include_words,
            "upload_to_mux": self.upload_to_mux,
            "phrases": list(self.phrases),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        return cls(
            asset_id=stored["asset_id"],
            language_code=stored.get("language_code"),
            replace=Replace(stored.get("replace", Replace.FAIL)),
            track_name=stored.get("track_name"),
            include_speakers=bool(stored.get("include_speakers", False)),
            include_words=bool(stored.get("include_words", False)),
            upload_to_mux=bool(stored.get("upload_to_mux", True)),
            phrases=tuple(stored.get("phrases", ())),
        )
