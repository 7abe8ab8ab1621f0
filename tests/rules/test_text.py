from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadCommand
from bot.rules.text import closest, normalise, pieces, plain, quote, show, split, unquote


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("abc en", "abc en", id="ordinary text stays"),
        pytest.param("  abc en \n", "abc en", id="ends are trimmed"),
        pytest.param("abc\u00a0en\u2003x\ty", "abc en x y", id="odd spaces"),
        pytest.param("a\u200bbc\ufeff \u2060en\u200e", "abc en", id="invisible marks"),
        pytest.param("abc —lang en", "abc --lang en", id="em dash"),
        pytest.param("abc \u2013lang en", "abc --lang en", id="en dash"),
        pytest.param("abc -\u2014lang en", "abc --lang en", id="hyphen and em dash"),
        pytest.param("abc \u2011\u2011no\u2011upload", "abc --no-upload", id="non-breaking hyphens"),
        pytest.param("abc before—after — x", "abc before—after — x", id="dashes in text stay"),
        pytest.param("--name “Studio cut”", '--name "Studio cut"', id="curly double quotes"),
        pytest.param("--name=“Studio cut”", '--name="Studio cut"', id="curly quotes after ="),
        pytest.param("phrases=“a”,“b”", 'phrases="a","b"', id="curly quotes in a list"),
        pytest.param("--name „Größe“", '--name "Größe"', id="German quotes"),
        pytest.param("--name «\u00a0Été\u00a0»", '--name " Été "', id="French quotes"),
        pytest.param("--name \u2018Studio cut\u2019", '--name "Studio cut"', id="curly single quotes"),
        pytest.param("\u2018don\u2019t stop\u2019", '"don\u2019t stop"', id="apostrophe in single quotes"),
        pytest.param("don\u2019t dogs\u2019 day", "don\u2019t dogs\u2019 day", id="apostrophes stay"),
        pytest.param("don't", "don't", id="straight apostrophe stays"),
        pytest.param('“say "hi" C:\\x”', '"say \\"hi\\" C:\\\\x"', id="inner quotes are escaped"),
        pytest.param('--name "a “b” —c"', '--name "a “b” —c"', id="inside straight quotes nothing changes"),
        pytest.param("--name 'a “b” c'", "--name 'a “b” c'", id="inside single quotes nothing changes"),
        pytest.param("“open", '"open', id="a lone curly quote becomes straight"),
        pytest.param("`abc` en", "abc en", id="back-ticks around a value"),
        pytest.param("```abc —lang “en”```", 'abc --lang "en"', id="back-ticks around everything"),
        pytest.param("Q&amp;A &lt;b&gt;", "Q&A <b>", id="entities"),
        pytest.param("&amp;lt;", "&lt;", id="entities are undone once"),
        pytest.param("<https://x.y/a?b&amp;c|x.y> en", "https://x.y/a?b&c en", id="link with a label"),
        pytest.param("<https://x.y>", "https://x.y", id="bare link"),
        pytest.param("&lt;https://x.y&gt;", "<https://x.y>", id="typed angle brackets are no link"),
        pytest.param("<#C1|chan> <@U1>", "<#C1|chan> <@U1>", id="mentions stay"),
        pytest.param(
            "\u0645\u06cc\u200c\u062e\u0648",
            "\u0645\u06cc\u200c\u062e\u0648",
            id="joiners inside a word stay",
        ),
        pytest.param("abc\u200d en\u200c", "abc en", id="stray joiners go"),
    ],
)
def test_what_phones_and_slack_do_to_text_is_undone(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


def test_words_know_where_they_stand() -> None:
    words = split('abc  --name="Studio cut" \'a b\' don\'t "x\\"y"')
    assert [(word.at, word.value, word.quoted) for word in words] == [
        (0, "abc", False),
        (5, "--name=Studio cut", False),
        (25, "a b", True),
        (31, "don't", False),
        (37, 'x"y', True),
    ]


@pytest.mark.parametrize(("text", "at"), [('abc "en', 4), ('abc --name="x', 11), ('a"', 1), ('"a\\"', 0)])
def test_a_quote_that_is_never_closed_is_pointed_at(text: str, at: int) -> None:
    with pytest.raises(BadCommand, match="never closed") as caught:
        split(text)
    assert caught.value.at == at
    assert caught.value.value == text[at:]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("", ()),
        (",", ()),
        ("a", ((0, "a"),)),
        ("a,b,", ((0, "a"), (2, "b"))),
        ('"a","b c"', ((0, "a"), (4, "b c"))),
        ('"a, b"', ((1, "a"), (3, " b"))),
        ('"a, b","c"', ((0, "a, b"), (7, "c"))),
        ("'a','b c'", ((0, "a"), (4, "b c"))),
    ],
)
def test_a_list_is_cut_at_its_commas(raw: str, found: tuple[tuple[int, str], ...]) -> None:
    assert pieces(raw) == found


@given(text=st.text())
def test_plain_text_is_already_plain(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(values=st.lists(st.text().map(plain), min_size=1))
def test_quoted_values_come_apart_again(values: list[str]) -> None:
    assert [word.value for word in split(normalise(" ".join(map(quote, values))))] == values


@given(values=st.lists(st.text(alphabet='&<>"\\ ab').map(plain), min_size=1))
def test_quoted_values_survive_the_escaping_of_slack(values: list[str]) -> None:
    line = " ".join(map(quote, values))
    sent = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert [word.value for word in split(normalise(sent))] == values


def refusal(line: str) -> BadCommand | None:
    try:
        split(line)
    except BadCommand as problem:
        return problem
    return None


@given(text=st.text(alphabet="\"'\\ab ,=“”\u2018\u2019`—&lt;<>|https:/\u200d"))
def test_any_text_is_cut_into_words_or_refused(text: str) -> None:
    line = normalise(text)
    problem = refusal(line)
    if problem:
        assert line[problem.at] == '"'
    else:
        assert all(line.startswith(word.raw, word.at) for word in split(line))


@pytest.mark.parametrize(
    "hostile",
    [
        '"' * 16_000,
        '\\"' * 8_000,
        "'a " * 5_000,
        "\u2018a " * 5_000,
        "`a " * 5_000,
        "“a " * 5_000,
        "-" * 16_000 + "—",
    ],
    ids=lambda text: text[:3],
)
def test_hostile_text_costs_no_more_than_its_length(hostile: str) -> None:
    started = time.process_time()
    refusal(normalise(hostile))
    assert time.process_time() - started < 1.0


def test_long_values_are_shortened_and_blank_ones_stay_visible() -> None:
    assert show("x" * 200) == f"`{'x' * 79}…`"
    assert show(" ") == '" "'


def test_the_nearest_known_word_is_found() -> None:
    assert closest("speakrs", ["words", "speakers"]) == "speakers"
    assert closest("zzz", ["words", "speakers"]) is None


def test_unquoting_leaves_bare_text_alone() -> None:
    assert unquote("a\\b") == "a\\b"
