from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.mux import checks


def body(**parameters: Any) -> dict[str, Any]:
    return {"parameters": {"asset_id": "a1", **parameters}}


@pytest.mark.parametrize(
    "good",
    [
        body(),
        body(language_code="pt-BR", track_name="Legendas", phrases=["Mux Robots"]),
        body(replace_existing=True),
        body(replace_existing=False, replace_existing_tracks="replace_all"),
        body(upload_to_mux=False, replace_existing=False, replace_existing_tracks="fail"),
        body(phrases=["one two three four five", "x" * 49]),
        body() | {"passthrough": "p" * 255},
    ],
)
def test_a_good_request_has_no_problems(good) -> None:
    assert checks.problems(good) == []


@pytest.mark.parametrize(
    ("bad", "about"),
    [
        ([], "parameters"),
        ({"parameters": []}, "parameters"),
        ({"parameters": {}}, "asset_id"),
        (body(asset_id=""), "asset_id"),
        (body(asset_id=7), "asset_id"),
        (body(language_code="english language"), "language_code"),
        (body(language_code="pt_BR"), "language_code"),
        (body(language_code=None), "language_code"),
        (body(track_name=""), "track_name"),
        (body(include_words="yes"), "include_words"),
        (body(replace_existing_tracks="all"), "replace_existing_tracks"),
        (body(replace_existing=True, replace_existing_tracks="fail"), "together"),
        (body(upload_to_mux=False, replace_existing=True), "upload_to_mux"),
        (body(upload_to_mux=False, replace_existing_tracks="replace_all"), "upload_to_mux"),
        (body(phrases=[]), "phrases"),
        (body(phrases="Mux"), "phrases"),
        (body(phrases=["x"] * 1001), "phrases"),
        (body(phrases=[""]), "phrases[0]"),
        (body(phrases=["ok", "x" * 50]), "phrases[1]"),
        (body(phrases=["one two three four five six"]), "words"),
        (body(phrases=["   "]), "words"),
        (body(phrases=[7]), "phrases[0]"),
        (body(langauge_code="en"), "langauge_code"),
        (body() | {"passthrough": "p" * 256}, "passthrough"),
        (body() | {"passthrough": 7}, "passthrough"),
        (body() | {"pass_through": "p"}, "pass_through"),
    ],
)
def test_each_broken_rule_is_named(bad, about: str) -> None:
    messages = checks.problems(bad)
    assert any(about in message for message in messages), messages


@pytest.mark.parametrize("character", "<>{}[]\\")
def test_a_banned_character_in_a_phrase_is_refused(character: str) -> None:
    assert checks.problems(body(phrases=[f"a{character}b"]))


def test_every_broken_rule_gets_its_own_message() -> None:
    assert len(checks.problems(body(include_words=1, include_speakers=1, phrases=[]))) == 3


@given(
    st.recursive(st.none() | st.booleans() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v))
)
def test_no_json_value_breaks_the_checks(value) -> None:
    assert isinstance(checks.problems(value), list)
    assert isinstance(checks.problems({"parameters": value}), list)


def test_both_switches_name_the_same_policies() -> None:
    assert checks.policy({"replace_existing": True}) == "replace_all"
    assert checks.policy({"replace_existing": False}) == "fail"
    assert checks.policy({"replace_existing_tracks": "replace_generated"}) == "replace_generated"
