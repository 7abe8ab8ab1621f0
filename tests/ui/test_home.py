"""The Home tab and the form that connects Mux: Slack takes them, and they say what there is to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.jobs import State
from bot.sandbox.slack.blocks import checked_view
from bot.ui import home
from bot.ui.home import Connection, Shown

MINE = Connection(environment="Production of Films", by="U1", at=1_795_000_000.0)
POLLED = Connection(environment="Production", polled="this token may not add a webhook")


def said(view) -> str:
    return str(view["blocks"])


def actions(view) -> list[str]:
    return [
        each["action_id"]
        for block in view["blocks"]
        for each in block.get("elements", ())
        if "action_id" in each
    ]


@pytest.mark.parametrize(
    ("shown", "offered", "words"),
    [
        (Shown(connection=None, may_connect=True), ["home_connect"], "Connect it with an access token"),
        (Shown(connection=None, may_connect=False), [], "An administrator of this workspace"),
        (
            Shown(connection=MINE, may_connect=True),
            ["home_caption", "home_connect", "home_disconnect"],
            "Mux tells by webhook",
        ),
        (Shown(connection=MINE, may_connect=False), ["home_caption"], "Connected by <@U1>"),
        (Shown(connection=POLLED, may_connect=False), ["home_caption"], "because this token may not"),
        (Shown(connection=POLLED, may_connect=True), ["home_caption"], "Whoever runs this bot set it up"),
    ],
)
def test_the_tab_says_how_things_stand_and_offers_only_what_the_person_may_do(shown, offered, words):
    view = home.build(shown)

    assert actions(view) == offered
    assert words in said(view)
    checked_view(view)


@settings(max_examples=50)
@given(data=st.data())
def test_slack_takes_the_tab_whatever_the_jobs_are_called(data, draw_jobs, draw_text):
    jobs = tuple(data.draw(draw_jobs()) for _ in range(3))
    connection = Connection(environment=data.draw(draw_text()), polled=data.draw(draw_text()), by="U1")

    checked_view(home.build(Shown(connection=connection, may_connect=True, jobs=jobs)))


def test_running_jobs_stand_apart_from_those_that_are_over(job):
    over = job.changed(id="over", state=State.COMPLETED, finished_at=1.0, units_consumed=30)
    text = said(home.build(Shown(connection=MINE, may_connect=False, jobs=(job, over))))

    assert text.index("Your jobs under way") < text.index(job.id) < text.index("Your latest jobs")
    assert text.index("Your latest jobs") < text.index("`over`")
    assert "30" in text


def test_the_form_keeps_the_id_of_a_token_and_never_its_secret():
    view = home.connect_form(token_id="id-1", error="Mux does not accept this token.")

    checked_view(view)
    assert "id-1" in said(view)
    assert "Mux does not accept this token" in said(view)
    secret = next(block for block in view["blocks"] if block.get("block_id") == home.TOKEN_SECRET)
    assert "initial_value" not in secret["element"]
    checked_view(home.connect_form())


def test_what_was_typed_is_read_without_the_space_around_it_and_blanks_are_named():
    values = {
        "token_id": {"caption_token_id": {"value": " id "}},
        "token_secret": {"caption_token_secret": {"value": None}},
    }

    assert home.read({"state": {"values": values}}) == ("id", "")
    assert list(home.missing("id", "")) == ["token_secret"]
    assert list(home.missing("", "x")) == ["token_id"]
    assert home.missing("id", "secret") == {}
    assert home.refused("No. " * 2_000)["token_secret"].startswith("No.")


def test_every_other_view_is_one_that_slack_takes_and_the_welcome_is_one_message(takes):
    for view in (home.checking(), home.connected(MINE), home.not_allowed()):
        checked_view(view)
    takes(home.welcome("U1"))
    assert "Connect Mux" in home.welcome("U1").text
