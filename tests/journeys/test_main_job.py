"""From `/caption` in a channel to captions in a thread."""

from __future__ import annotations

import re

GOOD = "studioTour7Qm2x01"
HAS_ENGLISH = "annualMeeting9Xp6h04"
FAILS_FIRST = "keynote2Wf5c05"


async def test_a_command_becomes_captions_in_a_thread(world) -> None:
    """The whole path: one paid job, one card, one result with a track and an SRT that opens."""
    shown = await world.says(f"{GOOD} en --speakers")

    (result,) = await world.eventually("result")
    (card,) = await world.eventually("card", saying="Done")
    assert GOOD in shown["shown"]["text"]
    assert result["thread_ts"] == card["ts"]
    assert "<@U0ANA>" in result["text"]
    assert "track_en_" in result["text"]
    link = re.search(r"<(http[^|>]+)\|Download the SRT file>", result["text"])
    assert link is not None
    async with world.http.get(link[1].replace("&amp;", "&")) as answer:
        assert (await answer.text()).startswith("1\n00:00:0")
    assert len(await world.journal("mux.effect", "job.created")) == 1


async def test_a_conflict_is_explained_with_the_choices(world) -> None:
    await world.says(f"{HAS_ENGLISH} en")

    (result,) = await world.eventually("result")
    assert "--replace" in result["text"]
    assert await world.journal("mux.effect", "job.completed") == []


async def test_replacing_says_which_track_went(world) -> None:
    await world.says(f"{HAS_ENGLISH} en --replace")

    (result,) = await world.eventually("result")
    (deleted,) = await world.journal("mux.effect", "track.deleted")
    assert deleted["data"]["track"] in result["text"]


async def test_a_failure_at_mux_says_whether_a_retry_can_help(world) -> None:
    await world.says(f"{FAILS_FIRST} en")

    (result,) = await world.eventually("result")
    assert "again" in result["text"]
    assert "units" in result["text"]


async def test_restarting_in_the_middle_of_a_job_loses_nothing(world) -> None:
    """The job ends at Mux while nobody listens; its thread still gets the result."""
    await world.says(f"{GOOD} en")
    await world.eventually("card", saying="Mux")
    await world.stop_bot()
    await world.until_mux_is_done()

    await world.start_bot()

    (result,) = await world.eventually("result")
    assert "track_en_" in result["text"]
    assert len(await world.journal("mux.effect", "job.created")) == 1
    assert len(await world.messages("card")) == 1


async def test_webhooks_that_never_come_cost_time_and_nothing_else(world) -> None:
    """Every webhook is lost; after a restart Mux is asked, and the thread gets its result."""
    await world.control("faults", kind="lose", target="webhook:*", times=None)
    await world.says(f"{GOOD} en")
    await world.eventually("card", saying="Mux")
    await world.stop_bot()
    await world.until_mux_is_done()

    await world.start_bot()

    assert await world.eventually("result")


async def test_two_people_who_ask_for_the_same_pay_once(world) -> None:
    await world.says(f"{GOOD} en", user="U0ANA")
    shown = await world.says(f"{GOOD} en", user="U0BEN")

    (result,) = await world.eventually("result")
    assert "<@U0ANA>" in shown["shown"]["text"]
    assert "<@U0BEN>" in result["text"]
    assert len(await world.journal("mux.effect", "job.created")) == 1


async def test_a_channel_whose_name_contains_payload_works(world) -> None:
    await world.says(f"{GOOD} en", channel="C0PAYLOAD")

    (result,) = await world.eventually("result")
    assert result["channel"] == "C0PAYLOAD"


async def test_a_result_that_its_channel_refuses_reaches_the_requester(world) -> None:
    """The bot is no member of #announcements: the card and the result go to Ana, with what to do."""
    await world.says(f"{GOOD} en", channel="C0ANNOUNCE")

    (card,) = await world.eventually("card", saying="/invite")
    (result,) = await world.eventually("result")
    assert card["channel"] == result["channel"] == "D0ANA"
    assert await world.messages("card", "C0ANNOUNCE") == []
