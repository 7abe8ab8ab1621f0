"""What the operator sets, and what they are told when it is not enough."""

from __future__ import annotations

import pytest

from bot import environment, settings
from bot.errors import SettingsError

GIVEN = {
    "slack_bot_token": "xoxb-secret-1",
    "slack_signing_secret": "secret-2",
    "mux_token_id": "id",
    "mux_token_secret": "secret-3",
}


def test_every_missing_setting_is_named_at_once_with_its_meaning(monkeypatch):
    for name in GIVEN:
        monkeypatch.delenv(name.upper(), raising=False)

    with pytest.raises(SettingsError) as caught:
        settings.load(None)

    assert all(f"{name.upper()}: is missing" in str(caught.value) for name in GIVEN)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"slack_bot_token": "  "}, "SLACK_BOT_TOKEN: is empty"),
        ({"mux_token_id": " "}, "MUX_TOKEN_ID: is empty"),
        ({"slack_api_url": "slack.com"}, "SLACK_API_URL: must start with http:// or https://"),
        ({"mux_stream_url": "stream.mux.com"}, "MUX_STREAM_URL: must start with http:// or https://"),
        ({"port": 70_000}, "PORT: Input should be less than or equal to 65535"),
        ({"database_url": "mysql://x"}, "DATABASE_URL must start with sqlite+aiosqlite://"),
        ({"unverifiable": "results:drop"}, "UNVERIFIABLE: 'results:drop' is not understood"),
        ({"unverifiable": "all:hold"}, "UNVERIFIABLE: 'all:hold' is not understood"),
        ({"log_format": "xml"}, "LOG_FORMAT: String should match"),
        ({"lease_seconds": 10}, "LEASE_SECONDS: Input should be greater than 15"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(wrong, said):
    with pytest.raises(SettingsError) as caught:
        settings.load(None, **{**GIVEN, **wrong})

    assert said in str(caught.value)
    assert "secret-" not in str(caught.value)


def test_no_secret_is_shown_by_the_settings_themselves():
    loaded = settings.load(None, **GIVEN, mux_webhook_secret="secret-4, secret-5")

    assert "secret-" not in f"{loaded!r} {loaded}"
    assert [one.get_secret_value() for one in loaded.mux_webhook_secret] == ["secret-4", "secret-5"]


def test_hosts_of_files_are_a_list():
    loaded = settings.load(None, **GIVEN, mux_file_hosts="files.example, .cdn.example")

    assert loaded.mux_file_hosts == ("files.example", ".cdn.example")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GIVEN.items()) + "PORT=1\n")
    monkeypatch.setenv("PORT", "2")

    assert settings.load(tmp_path / ".env").port == 2


def test_names_may_be_written_in_any_case_and_what_is_empty_is_not_given(tmp_path, monkeypatch):
    file = tmp_path / "bot.env"
    file.write_text("# A comment.\nexport Port = '4'\nHOST=\nPUBLIC_URL\nOTHER=5\nDATABASE_URL=\"a b\"\n")
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("public_url", "https://bot.test")

    found = environment.given({"port", "host", "public_url", "database_url"}, file)

    assert found == {"port": "4", "public_url": "https://bot.test", "database_url": "a b"}


def test_a_file_that_is_not_there_gives_nothing(tmp_path):
    assert environment.given({"port"}, tmp_path / "bot.env") == {}
    assert environment.given({"port"}, tmp_path) == {}
    assert environment.given({"port"}, None) == {}


KEY = "A" * 43 + "="
SEVERAL = {
    "slack_client_id": "1.2",
    "slack_client_secret": "secret-6",
    "slack_signing_secret": "secret-2",
    "encryption_keys": KEY,
    "public_url": "https://bot.test",
}


@pytest.mark.parametrize("missing", sorted(SEVERAL))
def test_several_workspaces_need_a_client_keys_and_an_address(missing):
    given = {name: value for name, value in SEVERAL.items() if name != missing}

    with pytest.raises(SettingsError, match=rf"{missing.upper()}: is missing"):
        settings.load(None, **given)


def test_a_mode_asks_for_nothing_that_it_does_not_need():
    several = settings.load(None, **SEVERAL)
    by_socket = settings.load(
        None, **{**GIVEN, "slack_signing_secret": "", "slack_app_token": "xapp-secret-7"}
    )

    assert (several.several_workspaces, several.by_socket) == (True, False)
    assert (by_socket.several_workspaces, by_socket.by_socket) == (False, True)
    assert several.unused == by_socket.unused == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**GIVEN, "slack_app_token": "xapp-1"}, "SLACK_SIGNING_SECRET is not used"),
        ({**GIVEN, **SEVERAL}, "SLACK_CLIENT_ID is not used"),
        ({**SEVERAL, "mux_token_id": "id"}, "each workspace connects its own"),
    ],
)
def test_of_two_ways_that_are_both_configured_it_is_said_which_is_taken(given, said):
    assert [sentence for sentence in settings.load(None, **given).unused if said in sentence]


@pytest.mark.parametrize("key", ["short", KEY[:-1], "\u00e4" * 44, f"{KEY}, x"])
def test_something_else_than_a_key_is_refused_without_being_shown(key):
    with pytest.raises(SettingsError) as caught:
        settings.load(None, **{**SEVERAL, "encryption_keys": key})

    assert "ENCRYPTION_KEYS: holds something that is no key" in str(caught.value)
    assert key not in str(caught.value)


def test_what_is_missing_and_what_is_wrong_are_told_together():
    with pytest.raises(SettingsError) as caught:
        settings.load(None, **{**GIVEN, "slack_bot_token": "", "port": "many"})

    assert "SLACK_BOT_TOKEN: is missing" in str(caught.value)
    assert "PORT: Input should be a valid integer" in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "reposts"),
    [
        ("results:repost,chatter:hold", {"results"}),
        ("chatter:repost", {"chatter"}),
        ("results:repost, chatter:repost", {"results", "chatter"}),
        ("", set()),
    ],
)
def test_what_may_be_said_again_unread_is_the_operators_choice(policy, reposts):
    assert settings.load(None, **GIVEN, unverifiable=policy).reposts == reposts


def test_people_and_channels_are_given_as_lists_with_commas():
    given = settings.load(None, **GIVEN, allowed_users="U1, U2", allowed_channels="C1", allowed_admins="U3,")

    assert (given.allowed_users, given.allowed_channels) == (("U1", "U2"), ("C1",))
    assert given.allowed_admins == ("U3",)


def test_a_mux_of_ones_own_serves_streams_images_and_its_player_itself():
    ours = settings.load(None, **GIVEN, mux_base_url="http://127.0.0.1:3030/")
    assert ours.mux_stream_url == "http://127.0.0.1:3030/stream"
    assert ours.mux_image_url == "http://127.0.0.1:3030/image"
    assert ours.mux_player_url == "http://127.0.0.1:3030/player"


def test_what_is_said_of_the_streams_counts_and_muxs_own_stay_where_they_are():
    said = settings.load(None, **GIVEN, mux_base_url="http://127.0.0.1:1", mux_stream_url="https://s.test")
    assert said.mux_stream_url == "https://s.test"
    assert settings.load(None, **GIVEN).mux_stream_url == "https://stream.mux.com"
    assert settings.load(None, **GIVEN, mux_base_url="https://api.mux.com/").mux_image_url == (
        "https://image.mux.com"
    )
