from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ui import mrkdwn
from bot.ui.mrkdwn import DateStyle


@given(text=st.text())
def test_escaping_can_be_undone_and_leaves_no_bracket(text):
    escaped = mrkdwn.escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@pytest.mark.parametrize(
    ("url", "label", "expected"),
    [
        ("https://a.example/x?a=1&b=2", "SRT", "<https://a.example/x?a=1&amp;b=2|SRT>"),
        ("https://a.example/a|b", "SRT", "<https://a.example/a%7Cb|SRT>"),
        ("http://a.example/<x>", "a|b <c>", "<http://a.example/%3Cx%3E|a¦b &lt;c&gt;>"),
        ("https://a.example/", "\u200b", "<https://a.example/|link>"),
        ("javascript:alert(1)", "SRT <x>", "SRT &lt;x&gt;"),
        ("https://a.example/ b", "SRT", "SRT"),
        ("", "SRT", "SRT"),
    ],
)
def test_only_a_web_address_becomes_a_link(url, label, expected):
    assert mrkdwn.link(url, label) == expected


def test_a_date_is_shown_in_the_readers_zone_and_falls_back_to_utc():
    assert mrkdwn.date(1_795_000_000.9) == (
        "<!date^1795000000^{date_short_pretty} at {time}|18 Nov 2026, 11:06 UTC>"
    )
    assert mrkdwn.date(0, DateStyle.DAY) == "<!date^0^{date_short_pretty}|1 Jan 1970>"


@given(at=st.floats(allow_nan=False))
def test_no_moment_is_too_far_away_to_be_shown(at):
    assert mrkdwn.date(at).startswith("<!date^")
    assert mrkdwn.utc(at).endswith(" UTC")


def test_only_ids_become_mentions_and_channel_links():
    assert mrkdwn.mention("U0ANA") == "<@U0ANA>"
    assert mrkdwn.mention("U0ANA|x><!channel") == "U0ANA|x&gt;&lt;!channel"
    assert mrkdwn.channel("C0CHANNEL") == "<#C0CHANNEL>"
    assert mrkdwn.channel("general") == "general"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("abc", "`abc`"),
        ("a`b`` <c>", "`a\u02cbb\u02cb\u02cb &lt;c&gt;`"),
        (" \n", "`(empty)`"),
        ("x" * 300, "`" + "x" * 199 + "…`"),
    ],
)
def test_code_cannot_be_broken_out_of(value, expected):
    assert mrkdwn.code(value) == expected


def test_bold_gives_way_to_the_texts_own_asterisks():
    assert mrkdwn.bold("Launch") == "*Launch*"
    assert mrkdwn.bold("5 * 5") == "5 * 5"
    assert mrkdwn.bold("\u200b") == ""


def test_preformatted_text_keeps_its_lines_and_cannot_end_its_block():
    assert mrkdwn.preformatted("a\n\tb\x00 ``` <x>") == ("```\na\n\tb `\u200b`\u200b` &lt;x&gt;\n```",)
    assert mrkdwn.preformatted("") == ("```\n(empty)\n```",)


def test_long_preformatted_text_is_spread_over_blocks_without_a_loss():
    typed = "&word " * 1_000

    parts = mrkdwn.preformatted(typed)

    assert all(len(part) <= 2_900 for part in parts)
    assert "".join(part[4:-4] for part in parts).replace("&amp;", "&") == typed.strip()


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("ab cdef", 4, "ab…"),
        ("a&amp;bc", 7, "a&amp;…"),
        ("a&amp;bc", 6, "a…"),
        ("a <@U0ANA> bcd", 11, "a <@U0ANA>…"),
        ("a <@U0ANA> bcd", 10, "a…"),
        ("ab👍🏽cd", 6, "ab…"),
        ("ab👍🏽cd", 7, "ab👍🏽…"),
        ("👩‍👩‍👧‍👦x", 11, "…"),
        ("🇩🇪🇫🇷", 7, "🇩🇪…"),
        ("🇩🇪🇫🇷", 5, "🇩🇪…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("\u1112\u1161\u11ab\u1112\u1161\u11ab", 5, "\u1112\u1161\u11ab…"),
        ("🏴\U000e0067\U000e0062\U000e007f!!", 8, "…"),
    ],
)
def test_clipping_never_halves_an_entity_a_mention_or_a_grapheme(text, limit, expected):
    assert mrkdwn.clip(text, limit) == expected


@settings(deadline=None)
@given(data=st.data())
def test_clipped_text_fits_and_begins_as_the_text_does(
    data, draw_text: Callable[..., st.SearchStrategy[str]]
):
    text = mrkdwn.escape(mrkdwn.clean(data.draw(draw_text())))
    limit = data.draw(st.integers(1, 600))

    clipped = mrkdwn.clip(text, limit)

    assert mrkdwn.size(clipped) <= limit
    assert clipped == text or text.startswith(clipped.removesuffix("…"))


@settings(deadline=None)
@given(data=st.data())
def test_split_text_loses_only_pieces_that_fit_nowhere(
    data, draw_text: Callable[..., st.SearchStrategy[str]]
):
    text = mrkdwn.escape(mrkdwn.clean(data.draw(draw_text())))
    limit = data.draw(st.integers(6, 600))

    parts = mrkdwn.split(text, limit)

    assert all(mrkdwn.size(part) <= limit for part in parts)
    assert "".join(parts) == text or any(mrkdwn.size(piece) > limit for piece in mrkdwn._graphemes(text))


def test_a_piece_longer_than_the_limit_is_left_out():
    assert mrkdwn.split("ab<@U0ANALONG>cd", 3) == ("ab", "cd")


def test_joined_parts_skip_what_says_nothing():
    assert mrkdwn.sentences("One.", "", "Two.") == "One. Two."
    assert mrkdwn.lines("One", "", "Two") == "One\nTwo"
    assert mrkdwn.dotted("one", "", "two") == "one · two"


@pytest.mark.parametrize(
    ("parts", "most", "expected"),
    [
        ([], None, ""),
        (["a"], None, "a"),
        (["a", "b"], None, "a and b"),
        (["a", "b", "c"], 3, "a, b and c"),
        (["a", "b", "c"], 2, "a, b and 1 more"),
    ],
)
def test_a_list_reads_like_a_sentence(parts, most, expected):
    assert mrkdwn.listed(parts, most) == expected


def test_clean_text_is_one_line_that_nothing_can_turn_around():
    assert mrkdwn.clean(" a\n b\x1b\u202ec\ud83d\u200d ") == "a bc\ufffd\u200d"
