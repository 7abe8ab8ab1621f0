"""The doctor against one thing wrong at a time: each is named, with its fix."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.rules.diagnosis.finding import Finding, Level
from handlers import doctor
from tests.handlers.doctor.breaking import STEPS
from tests.handlers.doctor.town import Town, without


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing that is wrong, and what the doctor must say of it, as wrong.toml has it."""

    code: str
    said: str
    fix: str
    level: str = Level.PROBLEM
    settings: dict[str, Any] = field(default_factory=dict)
    sandbox: dict[str, Any] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    before: str = ""
    shift_seconds: float = 0.0


ALL_WRONG = tuple(
    Wrong(**row) for row in tomllib.loads(Path(__file__).with_name("wrong.toml").read_text())["wrong"]
)


@pytest.mark.parametrize(
    ("town", "wrong"),
    [
        pytest.param({**wrong.sandbox, **without(*wrong.lacks)}, wrong, id=f"{number:02}-{wrong.code}")
        for number, wrong in enumerate(ALL_WRONG)
    ],
    indirect=["town"],
)
async def test_each_thing_that_is_wrong_is_named_with_its_fix(town, wrong, tmp_path):
    changes = await STEPS[wrong.before](town, tmp_path) if wrong.before else {}

    found = await town.examined(shift=wrong.shift_seconds, **wrong.settings, **changes)

    told = [each for each in found if each.code == wrong.code and wrong.said in each.said]
    assert told, doctor.in_words(found)
    assert wrong.fix in told[0].fix
    assert told[0].level == wrong.level
    assert_nothing_secret(found, town, {**wrong.settings, **changes})


def assert_nothing_secret(found: list[Finding], town: Town, changes: dict[str, Any]) -> None:
    names = ("slack_bot_token", "slack_signing_secret", "slack_app_token", "mux_token_secret")
    given = {**town.settings.model_dump(), **changes}
    secrets = [given[name] for name in names]
    plain = [one if isinstance(one, str) else one.get_secret_value() for one in secrets]
    said = doctor.in_json(found)
    assert not [one for one in plain if one and one in said]


def test_the_page_about_connecting_lists_every_finding_that_is_shown_here():
    page = (Path(__file__).parents[3] / "docs" / "connect.md").read_text()

    listed = re.findall(r"^\| `([a-z_]+)` \|", page.partition("| Code |")[2], re.MULTILINE)

    assert listed == list(dict.fromkeys(["setting_wrong", *(wrong.code for wrong in ALL_WRONG)]))
