from __future__ import annotations

import pytest

from bot.rules.hosts import FILE_HOSTS, Hosts, is_listed

LOCAL = Hosts(
    stream="http://127.0.0.1:1/stream", image="http://127.0.0.1:1/image", player="http://127.0.0.1:1/player"
)


def test_addresses_are_muxs_unless_a_local_mux_is_named() -> None:
    assert Hosts().text("p1", "t1") == "https://stream.mux.com/p1/text/t1.vtt"
    assert Hosts().thumbnail("p1") == "https://image.mux.com/p1/thumbnail.png"
    assert Hosts().watch("p1") == "https://player.mux.com/p1"
    assert LOCAL.text("p1", "t1") == "http://127.0.0.1:1/stream/p1/text/t1.vtt"
    assert LOCAL.thumbnail("p1", width=320) == "http://127.0.0.1:1/image/p1/thumbnail.png?width=320"


def test_a_signed_address_carries_its_token_and_nothing_else() -> None:
    assert Hosts().text("p1", "t1", token="a.b.c") == "https://stream.mux.com/p1/text/t1.vtt?token=a.b.c"
    assert Hosts().thumbnail("p1", width=320, token="a.b.c").endswith("/p1/thumbnail.png?token=a.b.c")


@pytest.mark.parametrize(
    ("at_seconds", "written"), [(0.0, "0"), (12.5, "12.5"), (3600.0, "3600"), (-1.0, "0"), (0.0004, "0")]
)
def test_a_moment_in_the_video_has_a_link(at_seconds: float, written: str) -> None:
    assert Hosts().watch("p1", at_seconds=at_seconds) == f"https://player.mux.com/p1?start-time={written}"


def test_odd_ids_stay_in_their_place() -> None:
    assert "?" not in Hosts().watch("p?x#y")


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("stream.mux.com", True),
        ("MUX.com.", True),
        ("storage.googleapis.com", True),
        ("bucket.s3.us-east-1.amazonaws.com", True),
        ("amazonaws.com", False),
        ("evilmux.com", False),
        ("mux.com.evil.example", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_hosts_are_listed_by_name_or_by_what_they_lie_below(host: str, listed: bool) -> None:
    assert is_listed(host, frozenset(FILE_HOSTS)) is listed
