from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadCommand, BadValue
from bot.rules.grammar import (
    SUBCOMMANDS,
    Caption,
    Command,
    Help,
    OpenModal,
    help_rows,
    help_text,
    parse,
    usage,
)
from bot.rules.limits import check
from bot.rules.options import OPTIONS
from bot.rules.request import CaptionRequest, Replace
from bot.rules.text import normalise


def request_of(text: str) -> CaptionRequest:
    command = parse(text)
    assert isinstance(command, Caption)
    return command.request


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("abc", {}),
    ("  abc  ", {}),
    ("`abc`", {}),
    ('"abc"', {}),
    ("asset_id=abc", {}),
    ("--asset abc", {}),
    ("asset_id=abc en", {"language_code": "en"}),
    ("--speakers abc", {"include_speakers": True}),
    ("abc en", {"language_code": "en"}),
    ("abc pt_br", {"language_code": "pt-BR"}),
    ("abc english", {"language_code": "en"}),
    ('abc "brazilian portuguese"', {"language_code": "pt-BR"}),
    ("abc brazilian portuguese", {"language_code": "pt-BR"}),
    ("abc portuguese --speakers (brazil)", {"language_code": "pt-BR", "include_speakers": True}),
    ("abc no", {"language_code": "no"}),
    ("abc auto", {}),
    ("abc auto --lang=detect", {}),
    ("abc --language en", {"language_code": "en"}),
    ("abc --language=en", {"language_code": "en"}),
    ("abc --lang en", {"language_code": "en"}),
    ("abc —lang en", {"language_code": "en"}),
    ("abc lang=en", {"language_code": "en"}),
    ("abc language_code=en", {"language_code": "en"}),
    ("abc --language-code en", {"language_code": "en"}),
    ("abc en --lang english", {"language_code": "en"}),
    ('abc --lang ""', {}),
    ("--lang en abc", {"language_code": "en"}),
    ("--lang=german abc", {"language_code": "de"}),
    ("abc --replace", {"replace": Replace.ALL}),
    ("abc --replace en", {"replace": Replace.ALL, "language_code": "en"}),
    ("abc --replace=all", {"replace": Replace.ALL}),
    ("abc --replace all", {"replace": Replace.ALL}),
    ("abc --replace yes", {"replace": Replace.ALL}),
    ("abc --replace=replace_all", {"replace": Replace.ALL}),
    ("abc --replace=generated", {"replace": Replace.GENERATED}),
    ("abc --replace generated", {"replace": Replace.GENERATED}),
    ("abc --replace-generated", {"replace": Replace.GENERATED}),
    ("abc replace_generated=on", {"replace": Replace.GENERATED}),
    ("abc --replace=none", {}),
    ("abc --no-replace", {}),
    ("abc --no-replace-generated", {}),
    ("abc replace_existing=true", {"replace": Replace.ALL}),
    ("abc --replace-existing", {"replace": Replace.ALL}),
    ("abc replace_existing=false", {}),
    ("abc replace_existing_tracks=replace_generated", {"replace": Replace.GENERATED}),
    ("abc --replace-existing-tracks replace_all", {"replace": Replace.ALL}),
    ('abc --replace-existing-tracks "replace_all"', {"replace": Replace.ALL}),
    ("abc replace_existing=false replace_existing_tracks=replace_all", {"replace": Replace.ALL}),
    ("abc --replace --replace=all replace_existing=1", {"replace": Replace.ALL}),
    ('abc --name "Studio cut"', {"track_name": "Studio cut"}),
    ("abc --name “Studio cut”", {"track_name": "Studio cut"}),
    ("abc --name='Bob's cut'", {"track_name": "Bob's cut"}),
    ("abc --name Studio en", {"track_name": "Studio", "language_code": "en"}),
    ("abc --name don't", {"track_name": "don't"}),
    ('abc --name "--speakers"', {"track_name": "--speakers"}),
    ("abc --name a=b", {"track_name": "a=b"}),
    ('abc track_name="Q&amp;A"', {"track_name": "Q&A"}),
    ('abc --name "say \\"hi\\""', {"track_name": 'say "hi"'}),
    ("abc --name x --name x", {"track_name": "x"}),
    ("abc --speakers", {"include_speakers": True}),
    ("abc --Speakers", {"include_speakers": True}),
    ("abc --include_speakers", {"include_speakers": True}),
    ("abc include_speakers=true", {"include_speakers": True}),
    ("abc speakers=YES", {"include_speakers": True}),
    ("abc --speakers on", {"include_speakers": True}),
    ('abc --speakers="1"', {"include_speakers": True}),
    ("abc --speakers=no", {}),
    ("abc --speakers false", {}),
    ("abc --speakers off", {}),
    ("abc --no-speakers", {}),
    ("abc --no-speakers=false", {"include_speakers": True}),
    ("abc --words --speakers", {"include_words": True, "include_speakers": True}),
    ('abc --words "en"', {"include_words": True, "language_code": "en"}),
    ("abc include_words=0", {}),
    ("abc --no-upload", {"upload_to_mux": False}),
    ("abc --no-upload en", {"upload_to_mux": False, "language_code": "en"}),
    ("abc upload_to_mux=false", {"upload_to_mux": False}),
    ("abc --upload=off --no-replace", {"upload_to_mux": False}),
    ("abc --no-upload=false --replace", {"replace": Replace.ALL}),
    ("abc --phrase Mux --phrase 'Inter-Asterisk Exchange'", {"phrases": ("Mux", "Inter-Asterisk Exchange")}),
    ('abc --phrase "Smith, John"', {"phrases": ("Smith, John",)}),
    ('abc phrases="a","b"', {"phrases": ("a", "b")}),
    ('abc phrases="a", "b" en', {"phrases": ("a", "b"), "language_code": "en"}),
    ("abc phrases=“a”,“b”", {"phrases": ("a", "b")}),
    ("abc phrases=a, b, en en", {"phrases": ("a", "b", "en"), "language_code": "en"}),
    ('abc --phrases "a, b, c" en', {"phrases": ("a", "b", "c"), "language_code": "en"}),
    ('abc --phrases "Smith, John","b"', {"phrases": ("Smith, John", "b")}),
    ('abc --phrases "a" "b" --words', {"phrases": ("a", "b"), "include_words": True}),
    ('abc --phrases "a, a, , b" --phrase a', {"phrases": ("a", "b")}),
    ('abc --phrase ""', {}),
]


@pytest.mark.parametrize(("text", "values"), GOOD, ids=[text for text, _ in GOOD])
def test_a_good_command_is_understood(text: str, values: dict[str, Any]) -> None:
    assert request_of(text) == CaptionRequest(asset_id="abc", **values)


@pytest.mark.parametrize("text", ["", "  ", "\n", "\u200b", "\u00a0"])
def test_nothing_typed_opens_the_form(text: str) -> None:
    assert parse(text) == OpenModal()


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("help", ""),
        ("HELP", ""),
        ("?", ""),
        ("-h", ""),
        ("—help", ""),
        ("abc en --help", ""),
        ("help phrases", "phrases"),
        ('help "two words" more', "two words more"),
    ],
)
def test_help_is_understood(text: str, topic: str) -> None:
    assert parse(text) == Help(topic=topic)


def test_an_asset_named_like_a_subcommand_can_be_had_in_quotes() -> None:
    assert request_of('"help" en').asset_id == "help"
    assert usage(CaptionRequest(asset_id="help")) == '"help"'


def test_warnings_come_with_the_request() -> None:
    command = parse('abc thai --phrase "a b c d e f"')
    assert isinstance(command, Caption)
    assert [("`th`" in warning, "6 words" in warning) for warning in command.warnings] == [
        (True, False),
        (False, True),
    ]


def test_the_same_command_in_mux_words_and_in_ours_is_the_same_request() -> None:
    assert request_of(
        'asset_id=abc language_code=en replace_existing=true include_speakers=true phrases="Mux","API"'
    ) == request_of("abc en --replace --speakers --phrase Mux --phrase API")


def checked(values: dict[str, Any]) -> CaptionRequest | None:
    try:
        return check(**values).request
    except BadValue:
        return None


requests = (
    st.fixed_dictionaries(
        {
            "asset_id": st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True) | st.just("help"),
            "language": st.sampled_from([None, "en", "pt-BR", "no", "bre", "zh-Hant-TW", "tlh"]),
            "replace": st.sampled_from(Replace),
            "track_name": st.none() | st.text(min_size=1) | st.text(alphabet="\"'\\ &lt;<https://x=,—`“”"),
            "include_speakers": st.booleans(),
            "include_words": st.booleans(),
            "upload_to_mux": st.booleans(),
            "phrases": st.lists(st.text(max_size=20) | st.text(alphabet="\"', =-—`“”\u2019a")),
        }
    )
    .map(checked)
    .filter(lambda request: request is not None)
)


@given(request=requests)
def test_the_usage_of_a_request_is_read_back_as_that_request(request: CaptionRequest) -> None:
    assert request_of(usage(request)) == request


def understood(text: str) -> Command | BadCommand:
    try:
        return parse(text)
    except BadCommand as problem:
        return problem


words = st.sampled_from(
    [
        *(f"--{name}" for option in OPTIONS for name in option.names),
        *(f"{name}=" for option in OPTIONS for name in option.names),
        "--no-upload",
        "no",
        "en",
        "abc",
        "true",
        "“",
        '"',
        "'",
        ",",
        "=",
        "—",
        "`",
        "-",
        " ",
        "help",
        "<https://x.y|x>",
    ]
)


@given(text=st.text() | st.lists(words).map(" ".join) | st.lists(words).map("".join))
def test_any_text_at_all_is_a_command_or_refused_with_its_place(text: str) -> None:
    result = understood(text)
    if isinstance(result, BadCommand):
        assert str(result)
        assert result.fix
        assert 0 <= result.at <= len(normalise(text))
    elif isinstance(result, Caption):
        assert request_of(usage(result.request)) == result.request


def test_a_usage_is_short_when_nothing_is_special() -> None:
    request = CaptionRequest(
        asset_id="abc",
        language_code="pt-BR",
        replace=Replace.GENERATED,
        track_name="Studio cut",
        include_speakers=True,
        include_words=True,
        phrases=("Mux", "Inter-Asterisk Exchange"),
    )
    assert usage(CaptionRequest(asset_id="abc")) == "abc"
    assert usage(request) == (
        'abc pt-BR --replace-generated --name "Studio cut" --speakers --words '
        '--phrase Mux --phrase "Inter-Asterisk Exchange"'
    )
    assert usage(CaptionRequest(asset_id="abc", upload_to_mux=False)) == "abc --no-upload"


def test_the_largest_request_is_short_enough_to_be_read() -> None:
    largest = check(
        asset_id="a" * 255,
        track_name='"' * 255,
        phrases=['"' * 47 + f"{number:03}" for number in range(100)],
    ).request
    assert request_of(usage(largest)) == largest


def test_every_example_in_the_help_is_understood() -> None:
    command, *rows = help_rows()
    assert isinstance(parse(command.example.removeprefix("/caption ")), Caption)
    for row in rows:
        if row.example.startswith("/caption "):
            assert not isinstance(parse(row.example.removeprefix("/caption ")), Caption)
        else:
            assert request_of(f"abc {row.example}") != CaptionRequest(asset_id="abc")
            assert request_of(f"{row.example} abc") == request_of(f"abc {row.example}")


def test_the_help_shows_every_option_and_subcommand_under_the_commands_own_name() -> None:
    text = help_text("/subtitle")
    assert text.startswith("/subtitle <asset-id> [language] [options]: ")
    assert "/subtitle help: " in text
    assert len(text.splitlines()) == 1 + sum(bool(option.syntax) for option in OPTIONS) + len(SUBCOMMANDS)
    assert len(help_rows()) == len(text.splitlines())


def test_every_parameter_of_mux_has_an_option_of_its_own_name() -> None:
    parameters = {option.parameter for option in OPTIONS} - {"replace"}
    names = {name for option in OPTIONS for name in option.names}
    assert {parameter.replace("_", "-") for parameter in parameters} <= names
    assert set(CaptionRequest.__slots__) - parameters == {"replace"}
