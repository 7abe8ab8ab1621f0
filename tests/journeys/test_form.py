"""From a form, however it was opened, to captions where they were asked for."""

from __future__ import annotations

from typing import Any

from tests.journeys.acts import eventually, state

TOUR = "studioTour7Qm2x01"
CHAIRS = "twoChairs4Kd8w02"
HAS_ENGLISH = "annualMeeting9Xp6h04"
BOARD = "G0BOARD"


async def opened(world: Any, user: str = "U0ANA") -> dict[str, Any]:
    """Wait for the person's form."""

    async def find() -> Any:
        return (await state(world))["views"][user]

    (view,) = await eventually(find)
    return dict(view)


async def submit(world: Any, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    filled = {name: {f"caption_{name}": value} for name, value in values.items()}
    return dict(await world.control("slack/submit", user_id="U0ANA", view_id=view["id"], values=filled))


async def search(world: Any, view: dict[str, Any], name: str, query: str) -> list[dict[str, Any]]:
    async def find() -> Any:
        answer = await world.control(
            "slack/suggest",
            user_id="U0ANA",
            view_id=view["id"],
            block_id=name,
            action_id=f"caption_{name}",
            query=query,
        )
        return answer["result"]

    return list(await eventually(find))


async def test_a_video_is_found_by_a_part_of_its_title(world) -> None:
    await world.says("")
    view = await opened(world)
    (video,) = await search(world, view, "video", "TOUR stud")
    spoken = (await search(world, view, "language", "engl"))[0]
    outcome = await submit(world, view, video=video, language=spoken, phrases="Mux\nHLS")
    assert (outcome["errors"], outcome["open_view"]) == ({}, None)
    (result,) = await world.eventually("result")
    (job,) = await world.journal("mux.effect", "job.created")
    assert "track_en_" in result["text"]
    assert result["channel"] == "C0DEMO"
    assert job is not None


async def test_a_pasted_player_link_leads_to_its_video_and_another_channel_hears_it(world) -> None:
    await world.says("")
    view = await opened(world)
    wrong = await submit(world, view, link="https://youtu.be/abc")
    assert "YouTube" in wrong["errors"]["link"]
    await submit(world, view, link=f"https://player.mux.com/play{TOUR}?x=1", channel="C0PAYLOAD")
    (result,) = await world.eventually("result")
    assert result["channel"] == "C0PAYLOAD"
    assert "Studio tour" in result["text"]


async def test_a_message_that_links_to_a_video_gets_its_captions_in_its_thread(world) -> None:
    said = await world.control(
        "slack/say",
        user_id="U0BEN",
        channel_id="C0DEMO",
        text=f"New cut: https://player.mux.com/play{CHAIRS}",
    )
    await world.control(
        "slack/shortcut",
        user_id="U0ANA",
        callback_id="caption_message",
        channel_id="C0DEMO",
        ts=said["ts"],
    )
    await submit(world, await opened(world))
    (result,) = await world.eventually("result")
    (card,) = await world.eventually("card", saying="Done")
    assert (card["thread_ts"], result["thread_ts"]) == (said["ts"], said["ts"])
    assert "Two chairs" in result["text"]


async def test_a_form_that_opens_too_late_is_offered_again_and_opens_then(world) -> None:
    await world.control(
        "faults", kind="refuse", target="slack:views.open", code="expired_trigger_id", times=1
    )
    await world.says("")

    async def offer() -> Any:
        messages = (await state(world))["channels"][0]["messages"]
        return [one for one in messages if one["ephemeral_to"] == "U0ANA" and "is kept" in one["text"]]

    (message,) = await eventually(offer)
    button = message["blocks"][-1]["elements"][0]
    await world.control(
        "slack/press",
        user_id="U0ANA",
        channel_id="C0DEMO",
        ts=message["ts"],
        block_id=message["blocks"][-1]["block_id"],
        action_id=button["action_id"],
    )
    view = await opened(world)
    assert view["callback_id"] == "caption_modal"


def texts(view: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]


async def test_captions_are_asked_for_again_from_the_card_with_the_conflict_named(world) -> None:
    await world.says(f"{HAS_ENGLISH} en --replace")
    (card,) = await world.eventually("card", saying="Done")
    buttons = next(block for block in card["blocks"] if block["type"] == "actions")
    again = next(one for one in buttons["elements"] if one["action_id"] == "job_again")
    await world.control(
        "slack/press",
        user_id="U0ANA",
        channel_id="C0DEMO",
        ts=card["ts"],
        block_id=buttons["block_id"],
        action_id=again["action_id"],
    )
    view = await opened(world)
    values = view["state"]["values"]
    assert values["video"]["caption_video"]["selected_option"]["value"] == HAS_ENGLISH
    assert values["replace"]["caption_replace"]["selected_option"]["value"] == "replace_all"
    assert "is on the video already" in view["blocks"][0]["text"]["text"]
    (track,) = await world.journal("mux.effect", "track.created")
    remark = next(text for text in texts(view) if text.startswith("Mux will delete"))
    assert track["data"]["track"] in remark
    assert "uploaded" in remark


async def test_a_channel_without_the_bot_hears_of_a_form_through_the_person(world) -> None:
    await world.control("slack/kick", channel_id=BOARD)
    await world.control("slack/shortcut", user_id="U0ANA", callback_id="caption_video")
    view = await opened(world)
    await submit(world, view, link=TOUR, channel=BOARD)
    (result,) = await world.eventually("result")
    assert result["channel"] == "D0ANA"
