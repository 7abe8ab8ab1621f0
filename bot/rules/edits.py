"""A correction of captions that exist: which words and names become which. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.rules.jobs import Failure, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class WordEdit:
    """A word or phrase and what takes its place; Mux matches whole words only. `replace` may be empty."""

    find: str
    replace: str
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerEdit:
    """A speaker label and its new text, both without brackets; spoken words stay as they are."""

    find: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionEdit:
    """One edit-captions job: Mux makes a new track, so the track's id changes.

    Names are replaced before words. Unless `keep_original`, Mux deletes `track_id` once the new track is
    up. The new track is named after the old one with `name_suffix` added (Mux's `edited` when empty).
    """

    asset_id: str
    track_id: str
    words: tuple[WordEdit, ...] = ()
    speakers: tuple[SpeakerEdit, ...] = ()
    keep_original: bool = False
    name_suffix: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: plain JSON values under the field names of this class."""
        return {
            "asset_id": self.asset_id,
            "track_id": self.track_id,
            "words": [
                {"find": edit.find, "replace": edit.replace, "case_sensitive": edit.case_sensitive}
                for edit in self.words
            ],
            "speakers": [{"find": edit.find, "replace": edit.replace} for edit in self.speakers],
            "keep_original": self.keep_original,
            "name_suffix": self.name_suffix,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote; unknown keys of a newer version are ignored."""
        return cls(
            asset_id=stored["asset_id"],
            track_id=stored["track_id"],
            words=tuple(
                WordEdit(
                    find=edit["find"],
                    replace=edit["replace"],
                    case_sensitive=bool(edit.get("case_sensitive", False)),
                )
                for edit in stored.get("words", ())
            ),
            speakers=tuple(
                SpeakerEdit(find=edit["find"], replace=edit["replace"]) for edit in stored.get("speakers", ())
            ),
            keep_original=bool(stored.get("keep_original", False)),
            name_suffix=stored.get("name_suffix", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOutcome:
    """What a completed edit produced: how many places changed, the new track, and a link of 7 days."""

    replacements: int = 0
    track_id: str | None = None
    vtt_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport:
    """What Mux says about an edit-captions job, by webhook or by answer; as `Report` is for captions.

    `source_track_id` is the track that the edit began with.
    """

    signal: Signal
    mux_id: str
    asset_id: str = ""
    source_track_id: str = ""
    passthrough: str = ""
    units_consumed: int = 0
    changed_at: float | None = None
    outcome: EditOutcome | None = None
    failure: Failure | None = None
