"""The doctor on the command line: what it prints, and what its exit code says."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from handlers import cli
from tests.handlers.doctor.town import NOWHERE


def settings_file(folder: Path, **given: str) -> str:
    file = folder / "settings"
    file.write_text("".join(f"{name.upper()}={value}\n" for name, value in given.items()))
    return str(file)


def test_every_setting_that_is_wrong_is_a_finding_of_its_own(tmp_path):
    file = settings_file(tmp_path, slack_bot_token="xoxb-secret", port="many", mux_token_secret="s3cret")

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", file, "--json"])

    said = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert [each["said"].partition(":")[0] for each in said["findings"]] == [
        "SLACK_SIGNING_SECRET",
        "MUX_TOKEN_ID",
        "PORT",
    ]
    assert all(each["code"] == "setting_wrong" and each["fix"] for each in said["findings"])
    assert "xoxb-secret" not in ran.output
    assert "s3cret" not in ran.output


def test_problems_make_the_exit_code_1_and_are_told_in_words(tmp_path):
    file = settings_file(
        tmp_path,
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        slack_api_url=f"{NOWHERE}/api/",
        mux_token_id="id",
        mux_token_secret="s3cret",
        mux_base_url=NOWHERE,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
    )

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", file])

    assert ran.exit_code == 1
    assert "problem  Reaching Slack: Slack did not answer" in ran.stdout
    assert "         Fix: Let this machine reach it over https" in ran.stdout
    assert "ok       Public address: none, and none is needed" in ran.stdout


def test_settings_that_cannot_be_read_make_the_exit_code_2(tmp_path):
    (tmp_path / "settings").write_bytes(b"\xff\xfe\xff")

    ran = CliRunner().invoke(cli.app, ["doctor", "--env-file", str(tmp_path / "settings")])

    assert ran.exit_code == 2
    assert "cannot be read" in ran.output
