"""The Home tab: shown when it is opened, changed by those who may, and honest about what went wrong."""

from __future__ import annotations

import pytest

from bot.errors import NotReached, OutcomeUnknown, SlackRefused, StoreError, UserError
from bot.rules.policy import Asker
from bot.services import environments, workspaces
from bot.store.installations import Installation
from handlers import home as doors
from handlers.home import Home
from tests.handlers.home_rig import Rig


@pytest.fixture
async def rig(sqlite_store) -> Rig:
    new = Installation(place="T1", installer_id="U1", token="sealed")
    await sqlite_store.transaction(workspaces.install, new, expires_in=None)
    return Rig(sqlite_store)


async def test_the_tab_is_published_when_it_is_opened_and_again_only_when_it_changed(rig):
    await rig.opens()
    await rig.opens(view={"id": "V0"})
    assert len(rig.slack.homes) == 1
    assert "Not connected to Mux" in str(rig.slack.homes[0])
    assert "home_connect" in str(rig.slack.homes[0])

    await rig.opens()
    await rig.opens(tab="messages")
    assert len(rig.slack.homes) == 2


async def test_one_workspace_sees_what_its_operator_set_up_and_cannot_change_it(sqlite_store):
    rig = Rig(sqlite_store, several=False)
    await rig.opens()
    for action in ("home_connect", "home_disconnect"):
        await rig.presses(action)

    assert "Production of Films" in str(rig.slack.homes[0])
    assert "no webhook is set up" in str(rig.slack.homes[0])
    assert rig.slack.views == []
    assert (await rig.sends())["view"]["callback_id"] == "mux_told"
    await rig.presses("home_caption")
    assert rig.slack.views[-1]["callback_id"] == "caption_modal"


async def test_an_environment_that_did_not_give_its_name_is_not_called_unknown(sqlite_store):
    rig = Rig(sqlite_store, several=False)
    rig.home = Home(modals=rig.home.modals, environment="not known: Mux was not reached")
    await rig.opens()

    assert "the environment of this bot" in str(rig.slack.homes[0])


async def test_the_form_opens_for_an_administrator_and_for_the_installer_only(rig):
    await rig.presses("home_connect")
    rig.slack.admins.add("U2")
    await rig.presses("home_connect", user="U2")
    await rig.presses("home_connect", user="U3")
    rig.slack.role_error = SlackRefused("missing_scope", method="users.info")
    await rig.presses("home_connect", user="U2")

    assert [view["callback_id"] for view in rig.slack.views] == [
        *("mux_modal", "mux_modal", "mux_told", "mux_told"),
    ]


async def test_a_token_that_mux_vouches_for_connects_and_the_tab_says_so(rig, sqlite_store):
    said = await rig.sends()

    assert said["response_action"] == "update"
    assert "Connected to" in str(said["view"])
    assert "secret-1" not in str(said)
    assert "Connected to Mux" in str(rig.slack.homes[-1])
    assert (await sqlite_store.transaction(environments.of_team, "T1")).connected_by == "U1"
    await rig.presses("home_disconnect")
    assert "Not connected to Mux" in str(rig.slack.homes[-1])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Mux does not accept this token."), "does not accept"),
        (NotReached("no way"), "did not answer"),
        (StoreError("the disk is full"), "could not be stored"),
    ],
)
async def test_what_is_wrong_stands_at_the_field_and_nothing_typed_is_lost(rig, error, said):
    rig.accounts.error = error
    answer = await rig.sends()

    assert answer["response_action"] == "errors"
    assert said in answer["errors"]["token_secret"]


async def test_a_blank_field_is_told_before_mux_is_asked(rig):
    rig.accounts.error = AssertionError("nobody is asked")

    assert list((await rig.sends(secret=" "))["errors"]) == ["token_secret"]


async def test_somebody_who_may_not_connects_nothing_even_with_the_form(rig, sqlite_store):
    said = await rig.sends(user="U3")

    assert "may connect Mux" in str(said["view"])
    assert await sqlite_store.transaction(environments.of_team, "T1") is None


@pytest.mark.parametrize(("error", "shown"), [(None, "mux_told"), (UserError("Not this one."), "mux_modal")])
async def test_a_slow_mux_is_waited_for_after_the_answer(rig, error, shown):
    home = Home(modals=rig.home.modals, accounts=rig.accounts, patience_seconds=0.01)
    rig.home = home
    rig.accounts.wait.clear()
    rig.accounts.error = error

    said = await rig.sends(late=True)

    assert "Asking Mux" in str(said["view"])
    assert rig.slack.views[-1]["callback_id"] == shown
    assert rig.slack.views[-1]["id"] == "V1"
    assert "secret-1" not in str(rig.slack.views)


async def test_somebody_who_may_not_disconnects_nothing(rig, sqlite_store):
    await rig.sends()
    await rig.presses("home_disconnect", user="U3")

    assert await sqlite_store.transaction(environments.of_team, "T1") is not None


async def test_what_slack_does_not_take_is_logged_and_nothing_else(rig):
    rig.slack.error = OutcomeUnknown("lost")
    await rig.opens()
    await rig.presses("home_connect")
    await rig.home.welcome("T1", "U1")
    rig.home = Home(modals=rig.home.modals, accounts=rig.accounts, patience_seconds=0.0)
    await rig.sends(late=True)
    rig.accounts.error = NotReached("no way")
    await rig.presses("home_disconnect")

    assert rig.slack.homes == rig.slack.views == rig.slack.posts == []


async def test_the_installer_is_welcomed(rig):
    await rig.home.welcome("T1", "U1")

    ((channel, text),) = rig.slack.posts
    assert channel == "U1"
    assert "Connect Mux" in text


async def test_what_is_remembered_of_tabs_has_an_end(rig):
    for number in range(doors.REMEMBERED + 5):
        rig.home._published["T0", f"U{number}"] = ""
    await rig.home.publish(Asker(team_id="T1", user_id="U1", channel_id=""))

    assert len(rig.home._published) == doors.REMEMBERED
