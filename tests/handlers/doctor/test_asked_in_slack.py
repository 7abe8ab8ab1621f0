"""The doctor in Slack: `/caption doctor`, and who may ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers.doctor.breaking import uploads_off
from tests.handlers.doctor.town import typed, without


async def test_an_admin_is_answered_at_once_and_then_in_full(town):
    await town.run_bot()

    at_once, then = await typed(town, "U0ADA")

    assert "the answer follows here" in at_once
    assert then.startswith("Everything that was looked at is as it should be.")
    assert "Mux Robots" in then


async def test_what_is_wrong_comes_first_with_its_fix(town):
    await uploads_off(town, Path())
    await town.run_bot(mux_robots_version="v9")

    _, then = await typed(town, "U0ADA")

    assert then.startswith("2 problems among")
    assert "Problem: Mux Robots: Mux has no such version of Robots (404). Remove MUX_ROBOTS_VERSION" in then


async def test_members_learn_nothing_unless_the_operator_names_them(town):
    await town.run_bot()
    _, refused = await typed(town, "U0ANA")
    assert refused.startswith("Only admins of this workspace")
    assert "Mux" not in refused


async def test_the_operator_may_name_further_people(town):
    await town.run_bot(allowed_admins=("U0ANA",))
    _, then = await typed(town, "U0ANA")
    assert "Mux Robots" in then


@pytest.mark.parametrize("town", [without("users:read")], indirect=True)
async def test_without_users_read_nobody_is_taken_for_an_admin(town):
    await town.run_bot()
    _, then = await typed(town, "U0ADA")
    assert "lacks the optional scope `users:read`" in then
    assert "ALLOWED_ADMINS" in then
