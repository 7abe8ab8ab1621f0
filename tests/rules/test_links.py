"""Every form in which people paste a video, and what is understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadCommand, BadValue
from bot.rules import links
from bot.rules.grammar import Caption, parse
from bot.rules.links import Pointer, PointerKind
from bot.rules.video import TextTrack

A = "02QiK5ZVnPq8wXkJr7tLmB4sDfGhYcE1uA9oNzTbV3c"
"""An asset id as long as Mux's."""
P = "a4nOgmxGWg6gULfcBbAa00gXyfcwPnAFldF8RdsNyk8M"
"""A playback id as long as Mux's."""
DASHBOARD = "https://dashboard.mux.com/organizations/org1/environments/env1/video/assets"
ASSET, PLAYBACK = (PointerKind.ASSET, A), (PointerKind.PLAYBACK, P)

PASTED = {
    "asset id": (A, ASSET),
    "short asset id": ("asset1", (PointerKind.ASSET, "asset1")),
    "asset id in back-ticks": (f"`{A}`", ASSET),
    "asset id in three back-ticks": (f"```{A}```", ASSET),
    "asset id in quotes": (f'"{A}"', ASSET),
    "asset id in single quotes": (f"'{A}'", ASSET),
    "asset id in smart quotes": (f"\u201c{A}\u201d", ASSET),
    "asset id in bold": (f"*{A}*", ASSET),
    "asset id struck out": (f"~{A}~", ASSET),
    "asset id in parentheses": (f"({A})", ASSET),
    "asset id in angle brackets": (f"<{A}>", ASSET),
    "asset id with a full stop": (f"{A}.", ASSET),
    "asset id with a comma": (f"{A},", ASSET),
    "asset id with a question mark": (f"{A}?", ASSET),
    "asset id between spaces": (f"  {A}\t", ASSET),
    "asset id with a zero-width space": (f"\u200b{A}\u200b", ASSET),
    "stream": (f"https://stream.mux.com/{P}.m3u8", PLAYBACK),
    "stream over http": (f"http://stream.mux.com/{P}.m3u8", PLAYBACK),
    "stream in capitals": (f"HTTPS://STREAM.MUX.COM/{P}.m3u8", PLAYBACK),
    "stream without scheme": (f"stream.mux.com/{P}.m3u8", PLAYBACK),
    "stream with a port": (f"https://stream.mux.com:443/{P}.m3u8", PLAYBACK),
    "stream with a token": (f"https://stream.mux.com/{P}.m3u8?token=eyJhbGciOiJSUzI1NiJ9.e30.sig", PLAYBACK),
    "stream with options": (
        f"https://stream.mux.com/{P}.m3u8?max_resolution=720p&min_resolution=480p",
        PLAYBACK,
    ),
    "stream with escaped options": (f"https://stream.mux.com/{P}.m3u8?a=1&amp;b=2", PLAYBACK),
    "stream without extension": (f"https://stream.mux.com/{P}", PLAYBACK),
    "stream with a slash at the end": (f"https://stream.mux.com/{P}/", PLAYBACK),
    "stream's own file name": (f"{P}.m3u8", PLAYBACK),
    "text track": (f"https://stream.mux.com/{P}/text/trackId01.vtt", PLAYBACK),
    "transcript": (f"https://stream.mux.com/{P}/text/trackId01.txt", PLAYBACK),
    "MP4": (f"https://stream.mux.com/{P}/high.mp4", PLAYBACK),
    "MP4 by height": (f"https://stream.mux.com/{P}/1080p.mp4?download=film.mp4", PLAYBACK),
    "sound only": (f"https://stream.mux.com/{P}/audio.m4a", PLAYBACK),
    "player": (f"https://player.mux.com/{P}", PLAYBACK),
    "player with metadata": (
        f"https://player.mux.com/{P}?metadata-video-title=My%20film&autoplay=1",
        PLAYBACK,
    ),
    "player with a fragment": (f"https://player.mux.com/{P}#t=10", PLAYBACK),
    "player with a full stop": (f"https://player.mux.com/{P}.", PLAYBACK),
    "player in parentheses": (f"(https://player.mux.com/{P})", PLAYBACK),
    "player in Slack's brackets": (f"<https://player.mux.com/{P}>", PLAYBACK),
    "player with Slack's label": (f"<https://player.mux.com/{P}|the new film>", PLAYBACK),
    "player without scheme, labelled": (f"<http://player.mux.com/{P}|player.mux.com/{P}>", PLAYBACK),
    "player as Markdown": (f"[film](https://player.mux.com/{P})", PLAYBACK),
    "player in back-ticks": (f"`https://player.mux.com/{P}`", PLAYBACK),
    "thumbnail, png": (f"https://image.mux.com/{P}/thumbnail.png", PLAYBACK),
    "thumbnail, jpg": (f"https://image.mux.com/{P}/thumbnail.jpg?time=10&width=640", PLAYBACK),
    "thumbnail, webp": (f"https://image.mux.com/{P}/thumbnail.webp", PLAYBACK),
    "animated gif": (f"https://image.mux.com/{P}/animated.gif?fps=15", PLAYBACK),
    "animated webp": (f"https://image.mux.com/{P}/animated.webp", PLAYBACK),
    "storyboard, vtt": (f"https://image.mux.com/{P}/storyboard.vtt", PLAYBACK),
    "storyboard, png": (f"https://image.mux.com/{P}/storyboard.png", PLAYBACK),
    "storyboard, json": (f"https://image.mux.com/{P}/storyboard.json", PLAYBACK),
    "dashboard": (f"{DASHBOARD}/{A}", ASSET),
    "dashboard, monitor": (f"{DASHBOARD}/{A}/monitor", ASSET),
    "dashboard with a query": (f"{DASHBOARD}/{A}?tab=captions", ASSET),
    "dashboard with a slash at the end": (f"{DASHBOARD}/{A}/", ASSET),
    "dashboard in Slack's brackets": (f"<{DASHBOARD}/{A}>", ASSET),
    "API, asset": (f"https://api.mux.com/video/v1/assets/{A}", ASSET),
    "API, tracks of an asset": (f"https://api.mux.com/video/v1/assets/{A}/tracks", ASSET),
    "API, playback id": (f"https://api.mux.com/video/v1/playback-ids/{P}", PLAYBACK),
    "player element": (f'<mux-player playback-id="{P}"></mux-player>', PLAYBACK),
    "player element with more": (
        f'<mux-player stream-type="on-demand" playback-id="{P}" accent-color="#f97316"></mux-player>',
        PLAYBACK,
    ),
    "player element, single quotes": (f"<mux-player playback-id='{P}'></mux-player>", PLAYBACK),
    "player element, smart quotes": (f"<mux-player playback-id=\u201c{P}\u201d></mux-player>", PLAYBACK),
    "player element, escaped": (f'&lt;mux-player playback-id="{P}"&gt;&lt;/mux-player&gt;', PLAYBACK),
    "video element": (f'<mux-video playback-id="{P}" controls></mux-video>', PLAYBACK),
    "React player": (f'<MuxPlayer playbackId="{P}" />', PLAYBACK),
    "React player, braces": (f'<MuxPlayer streamType="on-demand" playbackId={{"{P}"}} />', PLAYBACK),
    "embedded player": (
        f'<iframe src="https://player.mux.com/{P}?primary-color=%23fff" style="width: 100%"></iframe>',
        PLAYBACK,
    ),
    "embedded picture": (f'<img src="https://image.mux.com/{P}/thumbnail.webp" alt="a film">', PLAYBACK),
    "attribute alone": (f'playback-id="{P}"', PLAYBACK),
    "property alone": (f"playback_id: {P}", PLAYBACK),
}
NOT_A_VIDEO = {
    "https://www.youtube.com/watch?v=abc": "is a link to YouTube",
    "https://youtu.be/abc": "is a link to YouTube",
    "https://vimeo.com/1": "not to a video at Mux",
    "https://example.com/film.mp4": "not to a video at Mux",
    f"https://stream.mux.com.example.com/{P}.m3u8": "not to a video at Mux",
    f"https://stream.mux.com@example.com/{P}.m3u8": "is a link that is not understood",
    "https://[::1]/film": "is a link that is not understood",
    "https://acme.slack.com/files/U1/F1/film.mp4": "something in Slack",
    "https://files.slack.com/files-pri/T1-F1/film.mp4": "something in Slack",
    "<https://acme.slack.com/archives/C1/p1|a message>": "something in Slack",
    "https://stream.mux.com/": "without a playback id",
    "https://player.mux.com": "without a playback id",
    "https://stream.mux.com/a%20b.m3u8": "without a playback id",
    "rtmps://global-live.mux.com:443/app": "where a live stream is sent to",
    "https://dashboard.mux.com/organizations/o/environments/e/video/live-streams/s1": "a live stream",
    "https://dashboard.mux.com/organizations/o/environments/e/robots/jobs": "not to a video in it",
    "https://www.mux.com/pricing": "is a link to Mux, but not to a video",
    "https://api.mux.com/video/v1/live-streams/s1": "is a link to Mux, but not to a video",
    "<@U1|ana>": "a person in Slack",
    "<#C1|films>": "a channel in Slack",
    "<!channel>": "a group of people in Slack",
    "": "The asset id is empty",
    "...": "contains `.`",
    "two words": "contains a space",
    "film.mp4": "contains `.`",
}


@pytest.mark.parametrize(("pasted", "understood"), PASTED.values(), ids=PASTED)
def test_whatever_is_pasted_where_an_asset_is_asked_for_is_understood(pasted, understood) -> None:
    pointer = links.read(pasted.replace("&lt;", "<").replace("&gt;", ">"))
    assert (pointer.kind, pointer.id) == understood


@pytest.mark.parametrize(("pasted", "understood"), PASTED.values(), ids=PASTED)
def test_a_command_understands_the_same_with_a_language_behind_it(pasted, understood) -> None:
    asked = parse(f"{pasted} de --speakers")
    assert isinstance(asked, Caption)
    assert [(pointer.kind, pointer.id) for pointer in asked.pointers] == [understood]
    assert (asked.request.asset_id, asked.request.language_code) == (understood[1], "de")


@pytest.mark.parametrize(
    ("pasted", "understood"),
    [row for name, row in PASTED.items() if "short" not in name],
    ids=[name for name in PASTED if "short" not in name],
)
def test_a_message_is_searched_for_the_same(pasted, understood) -> None:
    found = links.find(f"Morning! Can somebody look at {pasted} before noon, please?")
    assert [(pointer.kind, pointer.id) for pointer in found] == [understood]


@pytest.mark.parametrize(("pasted", "why"), NOT_A_VIDEO.items())
def test_what_is_no_video_at_mux_is_told_why(pasted, why) -> None:
    with pytest.raises(BadValue) as caught:
        links.read(pasted)
    assert why in str(caught.value)
    assert caught.value.parameter == "asset_id"
    assert caught.value.fix


def test_the_table_is_as_long_as_promised() -> None:
    assert len(PASTED) >= 60


def test_a_token_in_a_link_is_not_kept() -> None:
    pointer = links.read(f"https://stream.mux.com/{P}.m3u8?token=secret")
    assert pointer.written == f"https://stream.mux.com/{P}.m3u8"


def test_a_message_that_names_videos_several_times_gives_each_once_in_order() -> None:
    text = (
        f"<https://player.mux.com/{P}|film>, {A}! And again https://stream.mux.com/{P}.m3u8, {DASHBOARD}/{A}"
    )
    assert [(pointer.kind, pointer.id) for pointer in links.find(text)] == [PLAYBACK, ASSET]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Good morning everybody, the internationalization2026 is done",
        "ANINTERNATIONALIZATION and UNREADABLE1234567890",
        "see https://example.com/Ab3Ab3Ab3Ab3Ab3Ab3 or mail Ab3Ab3Ab3Ab3Ab3Ab3@example.com",
        "https://player.mux.com/%20 leads nowhere, nor does https://api.mux.com/video/v1/live-streams/s1",
        "https://player.mux.com/ is where players are, https://mux.com is the site",
        "<@U1AbCdEf2345678901> wrote in <#C1AbCdEf2345678901|films>",
    ],
)
def test_a_message_without_videos_gives_none(text) -> None:
    assert links.find(text) == ()


@pytest.mark.parametrize(
    ("text", "ids", "language"),
    [
        (f"{A} {P} en", [A, P], "en"),
        (f"{A},{P}", [A, P], None),
        (f"{A}, {P}, french", [A, P], "fr"),
        (f"{A} and https://player.mux.com/{P} en", [A, P], "en"),
        ("asset1,asset2 en", ["asset1", "asset2"], "en"),
        ("asset1, asset2, asset3 --words", ["asset1", "asset2", "asset3"], None),
        (f"en https://player.mux.com/{P}", [P], "en"),
        (f"asset1 https://player.mux.com/{P}", ["asset1", P], None),
        (f"https://player.mux.com/{P} brazilian portuguese", [P], "pt-BR"),
        (f"--speakers https://player.mux.com/{P} --lang en {A}", [P, A], "en"),
        (f"asset_id={A} https://player.mux.com/{P}", [A, P], None),
        (f"asset_id=https://player.mux.com/{P} en", [P], "en"),
        (f'"asset1" {A}', ["asset1", A], None),
    ],
)
def test_a_command_takes_several_videos_at_once(text, ids, language) -> None:
    asked = parse(text)
    assert isinstance(asked, Caption)
    assert [pointer.id for pointer in asked.pointers] == ids
    assert (asked.request.asset_id, asked.request.language_code) == (ids[0], language)


@pytest.mark.parametrize(
    ("text", "value", "says"),
    [
        (f"{A} {A}", A, "there twice"),
        (
            f"https://player.mux.com/{P} https://stream.mux.com/{P}.m3u8",
            f"https://stream.mux.com/{P}.m3u8",
            "twice",
        ),
        (",".join(f"asset{number}" for number in range(26)), "asset25", "26 videos; at most 25"),
        (f"{A} https://vimeo.com/1", "https://vimeo.com/1", "not to a video at Mux"),
        (f"caption this https://player.mux.com/{P}", "caption this", "is not a language"),
        (
            f"{A} https://acme.slack.com/files/U1/F1/f.mp4",
            "https://acme.slack.com/files/U1/F1/f.mp4",
            "in Slack",
        ),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused_at_its_place(text, value, says) -> None:
    with pytest.raises(BadCommand) as caught:
        parse(text)
    assert says in str(caught.value)
    assert text[caught.value.at :].startswith(value)


def test_as_many_videos_as_allowed_are_taken() -> None:
    asked = parse(",".join(f"asset{number}" for number in range(25)))
    assert isinstance(asked, Caption)
    assert len(asked.pointers) == 25


@given(st.text())
def test_no_text_makes_the_search_fail(text) -> None:
    for pointer in links.find(text):
        assert links.read(pointer.written).id == pointer.id


@given(st.text())
def test_one_value_is_a_video_or_refused_in_words(text) -> None:
    try:
        pointer = links.read(text)
    except BadValue as problem:
        said = str(problem)
    else:
        said = "."
        assert Pointer.from_json(pointer.to_json()) == pointer
    assert said.endswith(".")


@given(st.from_regex(r"\A[A-Za-z0-9_-]{1,255}\Z"))
def test_every_id_is_understood_in_every_link(video_id) -> None:
    for link in (f"https://player.mux.com/{video_id}", f"stream.mux.com/{video_id}.m3u8"):
        assert links.read(link).id == video_id


def test_a_track_has_defaults() -> None:
    assert TextTrack(id="t1").status == ""
