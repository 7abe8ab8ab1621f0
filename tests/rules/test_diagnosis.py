"""What the doctor makes of facts: a level, a sentence and a fix for each."""

from __future__ import annotations

import pytest

from bot.rules.diagnosis import doors, mux, own, slack
from bot.rules.diagnosis.doors import Door, Trip
from bot.rules.diagnosis.finding import Level, ok, problem, summary, warning

DOOR = Door(vendor="Slack", url="https://bot.example.com/slack/events", setting="SLACK_SIGNING_SECRET")


def test_the_result_counts_problems_and_warnings():
    fine, odd, bad = ok("A", "well."), warning("B", "b", "so.", "do."), problem("C", "c", "no.", "do.")
    assert summary([fine]) == "Everything that was looked at is as it should be."
    assert summary([fine, odd, odd]) == "2 warnings among 3 checks."
    assert summary([fine, odd, bad]) == "1 problem and 1 warning among 3 checks."


def test_a_setting_that_concerns_several_has_no_name():
    named, together = own.settings([("PORT", "is odd"), ("", "two go together")])
    assert named.said == "PORT: is odd"
    assert together.said == "The settings: two go together"
    assert together.fix == "Correct it in .env."


@pytest.mark.parametrize(
    ("secret", "api", "codes"),
    [
        ("0" * 32, "https://slack.com/api/", []),
        ("not-hexadecimal", "https://slack.com/api/", ["signing_secret_odd"]),
        ("not-hexadecimal", "http://127.0.0.1:1/api/", []),
        ("xoxe.1", "http://127.0.0.1:1/api/", ["signing_secret_odd"]),
        ("", "https://slack.com/api/", []),
    ],
)
def test_a_signing_secret_is_known_by_its_form(secret, api, codes):
    found = own.tokens({"SLACK_SIGNING_SECRET": secret}, slack_api_url=api)
    assert [each.code for each in found] == codes


def test_a_token_of_no_known_kind_is_something_else():
    (found,) = own.tokens({"SLACK_BOT_TOKEN": "abc"}, slack_api_url="")
    assert "SLACK_BOT_TOKEN is something else" in found.said


@pytest.mark.parametrize(
    ("url", "by_socket", "told", "level"),
    [
        ("", True, False, Level.OK),
        ("", True, True, Level.WARNING),
        ("", False, False, Level.WARNING),
        ("https://bot.example.com/", False, True, Level.OK),
        ("http://localhost:3000", False, True, Level.OK),
        ("http://bot.example.com", False, True, Level.PROBLEM),
        ("https://bot.example.com/mux/webhooks/", False, True, Level.PROBLEM),
    ],
)
def test_a_public_address_is_judged_by_who_uses_it(url, by_socket, told, level):
    assert own.public_url(url, by_socket=by_socket, told_by_mux=told).level is level


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0.2, Level.OK), (-60, Level.OK), (61, Level.WARNING), (-300, Level.WARNING), (301, Level.PROBLEM)],
)
def test_a_clock_may_be_off_a_minute_and_must_not_be_off_five(seconds, level):
    assert own.clock("Mux", seconds).level is level


def test_tables_that_are_not_there_yet_are_made():
    assert own.schema(None, "0009").level is Level.OK
    assert own.schema("0009", "0009").level is Level.OK


@pytest.mark.parametrize(("free", "code"), [(1e6, "disk_full"), (100e6, "disk_low"), (900e6, "ok")])
def test_a_disk_is_judged_by_what_is_left(free, code):
    assert own.disk(int(free)).code == code


@pytest.mark.parametrize(
    ("code", "why"),
    [("token_revoked", "it was revoked"), ("token_expired", "it has expired"), ("odd", "Slack refused it")],
)
def test_a_refused_token_has_its_reason(code, why):
    assert why in slack.token(code).said


def test_a_scope_that_is_not_known_here_is_named_all_the_same():
    *_, found = slack.scopes({"commands"}, ["commands"], ["new:scope"])
    assert found.code == "scope_new_scope"
    assert "a feature is missing" in found.said


def test_many_missing_scopes_are_listed():
    *_, found = slack.scopes({"a"}, ["a"], ["im:history", "mpim:history", "im:write"])
    assert "Add im:history, mpim:history, im:write under" in found.fix


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("not_allowed_token_type", "it is no app-level token"),
        ("forbidden_team", "the app is not installed where it belongs"),
        ("invalid_auth", "Slack does not know it"),
    ],
)
def test_a_refused_app_token_has_its_reason(code, why):
    assert why in slack.app_token(code).said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "ok"),
        ("not_in_channel", "not_in_channel"),
        ("channel_not_found", "channel_not_found"),
        ("is_archived", "channel_archived"),
        ("missing_scope", "channel_not_seen"),
    ],
)
def test_a_channel_is_judged_by_what_slack_says_to_a_stranger(said, code):
    assert slack.channel("C1", said).code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("", "ok"),
        ("missing_scope", "upload_scope"),
        ("file_uploads_except_images_disabled", "uploads_disabled"),
        ("storage_limit_reached", "storage_full"),
        ("odd", "upload_refused"),
    ],
)
def test_an_upload_is_judged_by_what_slack_says_to_the_wish(said, code):
    assert slack.upload(said).code == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("invalid_client_id", "client_id_wrong"),
        ("bad_client_secret", "client_secret_wrong"),
        ("invalid_code", "ok"),
        ("odd", "client_unknown"),
    ],
)
def test_credentials_are_right_when_only_the_code_is_wrong(said, code):
    assert slack.client(said).code == code


def test_what_mux_says_of_a_token_is_told_apart():
    assert mux.token(401).code == "mux_token_refused"
    assert mux.token(404).code == "mux_token_odd"


def test_permissions_that_mux_does_not_list_are_not_judged():
    assert [each.code for each in mux.permissions([], environment="E", files=True)] == ["ok"]


def test_files_need_writing_only_where_there_are_files():
    given = ["robots:*", "video:read"]
    assert [each.code for each in mux.permissions(given, environment="E", files=False)] == ["ok", "ok"]
    assert [each.code for each in mux.permissions(["*"], environment="E", files=True)] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (0, "", "ok"),
        (401, "insufficient_scope", "robots_scope"),
        (403, "insufficient_scope", "robots_scope"),
        (403, "forbidden", "terms_pending"),
        (404, "not_found", "robots_version"),
        (403, "robots_workflow_not_available", "robots_refused"),
    ],
)
def test_terms_are_told_from_permissions_by_muxs_own_word(status, said, code):
    assert mux.robots(status, said, "Words.").code == code


@pytest.mark.parametrize(
    ("addresses", "code"), [({}, "webhook_absent"), ({"u": False}, "webhook_disabled"), ({"u": True}, "ok")]
)
def test_a_webhook_is_there_and_switched_on(addresses, code):
    assert mux.webhook(addresses, "u").code == code


@pytest.mark.parametrize(
    ("trip", "code"),
    [
        (Trip(failure="name"), "door_name"),
        (Trip(failure="refused"), "door_closed"),
        (Trip(failure="timeout"), "door_silent"),
        (Trip(failure="certificate", detail="expired"), "door_certificate"),
        (Trip(failure="broken", detail="ServerDisconnectedError"), "door_broken"),
        (Trip(status=301), "door_redirects"),
        (Trip(status=200, ours=True), "ok"),
        (Trip(status=200), "door_other"),
        (Trip(status=404), "door_other"),
        (Trip(status=401), "door_other"),
        (Trip(status=503), "door_behind"),
        (Trip(status=503, ours=True), "door_fails"),
        (Trip(status=500), "door_fails"),
        (Trip(status=401, ours=True, reason="stale"), "door_stale"),
        (Trip(status=401, ours=True, reason="malformed"), "door_header"),
        (Trip(status=401, ours=True, reason="mismatch", sent="a", received="b"), "door_body"),
        (Trip(status=401, ours=True, reason="mismatch", sent="a", received="a"), "door_secret"),
    ],
)
def test_a_round_trip_that_fails_says_where_it_failed(trip, code):
    found = doors.judge(DOOR, trip)
    assert found.code == code
    assert (found.level is Level.OK) == (code == "ok")
    assert bool(found.fix) == (code != "ok")
