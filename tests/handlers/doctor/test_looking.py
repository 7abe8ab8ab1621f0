"""The doctor against a healthy set-up: nothing to mend, and nothing left behind."""

from __future__ import annotations

import time

from bot.rules.diagnosis.finding import Level
from bot.sandbox.faults import Fault, FaultKind
from handlers import doctor


async def test_a_healthy_set_up_has_no_findings_to_mend(town):
    await town.run_bot()

    found = await town.examined(allowed_channels=("C0DEMO",))

    assert [each for each in found if each.level is not Level.OK] == []
    assert doctor.in_words(found).endswith("Everything that was looked at is as it should be.")
    checks = {each.check for each in found}
    assert {"Clock", "Slack scopes", "Channel C0DEMO", "Uploads to Slack", "Mux Robots"} <= checks
    assert {"Slack's way in", "Mux's way in", "Database schema", "Database lock"} <= checks


async def test_by_socket_the_app_token_is_looked_at_and_no_door_for_slack(town):
    found = await town.examined(
        slack_app_token=town.config.slack_app_token, mux_webhook_secret=(), public_url=""
    )

    assert [each for each in found if each.level is not Level.OK] == []
    checks = {each.check for each in found}
    assert {"App token", "Unused setting"} <= checks
    assert "Slack's way in" not in checks


async def test_slack_that_asks_for_patience_is_not_taken_for_a_problem(town):
    for target in ("slack:conversations.history", "slack:files.getUploadURLExternal"):
        town.sandbox.faults.add(Fault(kind=FaultKind.RATE_LIMITED, target=target, times=None))

    found = await town.examined(allowed_channels=("C0DEMO",), public_url="")

    assert {"channel_not_seen", "upload_refused"} <= {each.code for each in found}
    assert [each for each in found if each.level is Level.PROBLEM] == []


async def test_looking_leaves_nothing_behind(town, tmp_path):
    await town.examined(allowed_channels=("C0DEMO",))

    assert list(tmp_path.iterdir()) == []
    assert town.sandbox.journal.find("slack.effect") == []


async def test_looking_takes_no_longer_than_one_question(town):
    sandbox = town.sandbox
    for target in ("slack:auth.test", "mux:whoami"):
        sandbox.faults.add(Fault(kind=FaultKind.TIMEOUT_BEFORE, target=target, seconds=0.5, times=None))

    started = time.monotonic()
    found = await town.examined()

    assert time.monotonic() - started < 5
    assert {"slack_unreachable", "mux_unreachable"} <= {each.code for each in found}
