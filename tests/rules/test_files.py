"""Which files in Slack can become videos at Mux."""

from __future__ import annotations

import pytest

from bot.rules import form, preflight
from bot.rules.files import MOST_BYTES, SlackFile, is_media, obstacle
from bot.rules.form import CaptionForm, Wanted, check, name_of, value_of
from bot.rules.links import Pointer, PointerKind

FIT = {"id": "F1", "name": "a.mp4", "media_type": "video/mp4", "size": 10, "url": "https://files.slack.com/a"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"media_type": "AUDIO/MPEG"}, None),
        ({"size": MOST_BYTES}, None),
        ({"size": MOST_BYTES + 1}, preflight.FILE_SIZE),
        ({"size": 0}, preflight.FILE_SIZE),
        ({"media_type": "image/png"}, preflight.FILE_KIND),
        ({"url": ""}, preflight.FILE_GONE),
    ],
)
def test_only_a_video_or_sound_of_fair_size_is_sent(changes, code):
    found = obstacle(SlackFile(**FIT | changes))
    assert (None if found is None else found.code) == code


def test_an_empty_type_is_no_media():
    assert not is_media("")


@pytest.mark.parametrize("name", ["cut.mp4", "a|b.mp4", "x" * 300, "\U0001f3ac" * 80, ""])
def test_a_file_survives_the_way_through_the_form(name):
    pointer = Pointer(kind=PointerKind.FILE, id="F0ABC1", written=name)
    value = value_of(pointer)
    assert len(value.encode("utf-16-le")) // 2 <= 150
    found = check(CaptionForm(video=value, channel_id="C1"))
    assert isinstance(found, Wanted)
    assert (found.pointer.kind, found.pointer.id) == (PointerKind.FILE, "F0ABC1")
    assert found.pointer.written == (name[:45] or "F0ABC1")
    assert name_of(value) == found.pointer.written


def test_nobody_can_paste_a_file():
    found = check(CaptionForm(link=f"{form.FILE}F0ABC1|x", channel_id="C1"))
    assert not isinstance(found, Wanted)


def test_what_was_named_otherwise_keeps_its_form():
    ids = {kind: value_of(Pointer(kind=kind, id="Id1", written="x")) for kind in PointerKind}
    assert ids == {
        PointerKind.ASSET: "Id1",
        PointerKind.PLAYBACK: "playback:Id1",
        PointerKind.FILE: "file:Id1|x",
    }
