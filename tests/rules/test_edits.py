from __future__ import annotations

from bot.rules.edits import CaptionEdit, SpeakerEdit, WordEdit


def test_an_edit_comes_back_from_the_store_as_it_was() -> None:
    edit = CaptionEdit(
        asset_id="a",
        track_id="t",
        words=(WordEdit(find="mucks", replace="Mux", case_sensitive=True), WordEdit(find="um", replace="")),
        speakers=(SpeakerEdit(find="speaker_0", replace="Ana"),),
        keep_original=True,
        name_suffix="v2",
    )
    assert CaptionEdit.from_json(edit.to_json()) == edit


def test_an_edit_of_an_older_version_gets_the_defaults() -> None:
    stored = {"asset_id": "a", "track_id": "t", "words": [{"find": "x", "replace": "y"}], "newer": 1}
    assert CaptionEdit.from_json(stored) == CaptionEdit(
        asset_id="a", track_id="t", words=(WordEdit(find="x", replace="y"),)
    )
