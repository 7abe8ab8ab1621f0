from __future__ import annotations

from typing import Any

import pytest

from bot.errors import BadValue
from bot.rules.limits import BANNED_IN_PHRASES, MAX_PHRASES, check
from bot.rules.links import is_link
from bot.rules.request import CaptionRequest, Replace


def phrases(*given: str) -> tuple[str, ...]:
    return check(asset_id="abc", phrases=given).request.phrases


def warnings(**values: Any) -> tuple[str, ...]:
    return check(asset_id="abc", **values).warnings


def refused(**values: Any) -> BadValue:
    with pytest.raises(BadValue) as caught:
        check(**{"asset_id": "abc", **values})
    return caught.value


def test_values_are_trimmed_and_normalised() -> None:
    checked = check(
        asset_id=" abc\u200b ",
        language="Brazilian Portuguese",
        replace=Replace.ALL,
        track_name="\u00a0Studio\u00a0cut ",
        include_speakers=True,
        include_words=True,
        phrases=(" Mux ", "", "  ", "Mux", "mux", "Inter-Asterisk Exchange"),
    )
    assert checked.warnings == ()
    assert checked.request == CaptionRequest(
        asset_id="abc",
        language_code="pt-BR",
        replace=Replace.ALL,
        track_name="Studio cut",
        include_speakers=True,
        include_words=True,
        phrases=("Mux", "mux", "Inter-Asterisk Exchange"),
    )


@pytest.mark.parametrize("language", [None, "", " ", "auto", "detect"])
def test_no_language_means_detection(language: str | None) -> None:
    assert check(asset_id="abc", language=language).request.language_code is None


def test_a_language_outside_the_known_list_is_accepted_with_a_warning() -> None:
    assert "`th` (Thai)" in warnings(language="thai")[0]
    assert "`tlh` is not" in warnings(language="tlh")[0]


@pytest.mark.parametrize(
    ("asset_id", "says"),
    [
        ("", "empty"),
        ("a b", "a space"),
        ("a/b", "`/`"),
        ("é", "`é`"),
        ("a" * 256, "256 characters; an asset id has at most 255"),
        ("https://dashboard.mux.com/x", "is a link to the Mux dashboard, but not to a video"),
        ("https://vimeo.com/abc", "is a link, but not to a video at Mux"),
        ("<@U1>", "a person"),
        ("<#C1|x>", "a channel"),
        ("<!here>", "a group of people"),
        ("a<b", "`<`"),
    ],
)
def test_what_cannot_be_an_asset_id_is_refused(asset_id: str, says: str) -> None:
    problem = refused(asset_id=asset_id)
    assert says in str(problem)
    assert (problem.parameter, problem.value) == ("asset_id", asset_id)


def test_the_longest_asset_id_is_accepted() -> None:
    assert check(asset_id="a" * 255).request.asset_id == "a" * 255


@pytest.mark.parametrize(
    ("text", "link"),
    [("https://x.y", True), ("www.x.y", True), ("mux.com/a", True), ("HTTP://x", True), ("a_b-c", False)],
)
def test_a_link_is_told_from_an_id(text: str, link: bool) -> None:
    assert is_link(text) is link


def test_a_track_name_has_an_end() -> None:
    assert check(asset_id="abc", track_name="x" * 255).request.track_name == "x" * 255
    problem = refused(track_name="x" * 256)
    assert "256 characters; this bot accepts at most 255" in str(problem)
    assert problem.parameter == "track_name"


@pytest.mark.parametrize("name", ["", "  ", "\u200b"])
def test_a_blank_track_name_is_refused(name: str) -> None:
    assert "blank" in str(refused(track_name=name))


def test_a_hundred_phrases_are_accepted_and_one_more_is_not() -> None:
    many = tuple(f"phrase {number}" for number in range(MAX_PHRASES))
    assert phrases(*many, many[0], " ") == many
    problem = refused(phrases=(*many, "one more"))
    assert "`one more` is phrase 101; Mux takes at most 100" in str(problem)
    assert (problem.parameter, problem.value) == ("phrases", "one more")


def test_phrases_of_49_characters_pass_50_warn_and_51_are_refused() -> None:
    assert warnings(phrases=["x" * 49]) == ()
    assert phrases("x" * 50) == ("x" * 50,)
    assert "x" * 50 in warnings(phrases=["x" * 50])[0]
    assert "has 51 characters; Mux takes at most 50" in str(refused(phrases=["x" * 51]))


def test_five_words_pass_and_six_warn() -> None:
    assert warnings(phrases=["a b c d e"]) == ()
    assert "`a b c d e f` has 6 words" in warnings(phrases=["a b c d e f"])[0]


def test_a_phrase_that_is_long_in_both_ways_is_warned_about_twice() -> None:
    assert len(warnings(phrases=["a b c d e " + "f" * 40])) == 2


@pytest.mark.parametrize("character", BANNED_IN_PHRASES)
def test_a_banned_character_in_a_phrase_is_named(character: str) -> None:
    problem = refused(phrases=["fine", f"a{character}b"])
    assert f"contains `{character}`" in str(problem)
    assert problem.value == f"a{character}b"


@pytest.mark.parametrize("replace", [Replace.ALL, Replace.GENERATED])
def test_nothing_is_replaced_without_an_upload(replace: Replace) -> None:
    problem = refused(upload_to_mux=False, replace=replace)
    assert problem.parameter == "upload_to_mux"
    assert replace.value in str(problem)


def test_files_only_is_accepted_when_nothing_is_replaced() -> None:
    assert not check(asset_id="abc", upload_to_mux=False).request.upload_to_mux
