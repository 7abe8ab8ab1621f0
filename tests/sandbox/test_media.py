from __future__ import annotations

import hashlib
import json
from itertools import pairwise

import pytest
import srt

from bot.sandbox.media import FOLDER, Clip, load_clips

CLIPS = load_clips()
TABLE = json.loads((FOLDER / "clips.json").read_text(encoding="utf-8"))
EVERY_CLIP = pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS.keys())


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry["name"])
def test_every_file_is_the_one_that_was_made(entry) -> None:
    assert set(entry["sha256"]) == set(entry["files"].values())
    for name, digest in entry["sha256"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name


@EVERY_CLIP
def test_captions_are_strict_srt_inside_the_clip(clip: Clip) -> None:
    assert clip.prepared is not None
    assert clip.duration_seconds is not None
    for text in (clip.prepared.srt, clip.prepared.speakers_srt):
        cues = list(srt.parse(text))
        assert [cue.index for cue in cues] == list(range(1, len(cues) + 1))
        assert cues[-1].end.total_seconds() < clip.duration_seconds
        assert all(first.end <= second.start for first, second in pairwise(cues))
        assert all(0 < (cue.end - cue.start).total_seconds() <= 7 for cue in cues)


@EVERY_CLIP
def test_captions_can_be_read_in_their_time(clip: Clip) -> None:
    assert clip.prepared is not None
    for cue in srt.parse(clip.prepared.srt):
        text = cue.content.replace("<i>", "").replace("</i>", "")
        assert all(len(line) <= 42 for line in text.split("\n"))
        assert text.count("\n") <= 1
        assert len(text) / (cue.end - cue.start).total_seconds() <= 21


@EVERY_CLIP
def test_words_follow_each_other_and_say_the_captions(clip: Clip) -> None:
    assert clip.prepared is not None
    words = clip.prepared.words
    assert all(word["start"] < word["end"] for word in words)
    assert all(first["end"] <= second["start"] + 0.002 for first, second in pairwise(words))
    spoken = " ".join(cue.content for cue in srt.parse(clip.prepared.srt))
    assert " ".join(word["word"] for word in words) == " ".join(
        spoken.replace("<i>", "").replace("</i>", "").split()
    )


@EVERY_CLIP
def test_films_are_small_and_have_a_poster(clip: Clip) -> None:
    assert clip.video.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    assert clip.video.stat().st_size < 500_000
    assert clip.poster is not None
    assert clip.poster.read_bytes()[:3] == b"\xff\xd8\xff"


def test_a_misheard_name_has_as_many_words_as_the_name() -> None:
    for clip in CLIPS.values():
        assert clip.prepared is not None
        for name, heard in clip.prepared.misheard.items():
            assert len(name.split()) == len(heard.split())
            assert name in " ".join(clip.prepared.srt.split())
