"""Several videos in one command: asked about first, then one press starts them all, once."""

from __future__ import annotations

from bot.store import jobs
from bot.ui import many

SEVERAL = "asset1, asset2, <https://player.mux.com/play3|the film> en"


async def offered(doors, **fields: str) -> str:
    answer = (await doors.command(SEVERAL, **fields)).json()
    assert "Nothing was started yet. These are 3 videos" in answer["text"]
    return str(answer["blocks"][-2]["elements"][0]["value"])


async def test_a_command_with_several_videos_asks_first(doors) -> None:
    await offered(doors)
    counts = await doors.counts()
    assert (counts["job"], counts["effect"], counts["draft"]) == (0, 0, 1)


async def test_one_press_starts_all_of_them_and_a_double_click_no_more(doors) -> None:
    draft_id = await offered(doors)

    told = await doors.press(many.START, draft_id, in_private=True)
    again = await doors.press(many.START, draft_id, in_private=True)

    assert "3 jobs were started" in told["text"]
    assert told["replace_original"] is True
    assert again["text"] == told["text"]
    assert (await doors.counts())["job"] == 3


async def test_a_link_is_kept_until_mux_says_what_it_leads_to(doors) -> None:
    await doors.command("https://player.mux.com/play1 en", trigger_id="t1")
    stored = await doors.store.transaction(jobs.by_request, "command:T1:t1")
    assert (stored.job.pointer.id, stored.job.request.asset_id) == ("play1", "play1")


async def test_a_no_starts_nothing_and_cannot_be_taken_back(doors) -> None:
    draft_id = await offered(doors)
    assert "Nothing was started" in (await doors.press(many.DROP, draft_id, in_private=True))["text"]
    late = await doors.press(many.START, draft_id, in_private=True)
    assert "nothing to decide" in late["text"]
    assert (await doors.counts())["job"] == 0


async def test_nobody_else_can_say_yes(doors) -> None:
    draft_id = await offered(doors)
    assert "nothing to decide" in (await doors.press(many.START, draft_id, user="U9"))["text"]
    assert "nothing to decide" in (await doors.press(many.DROP, draft_id, user="U9"))["text"]
    assert (await doors.counts())["job"] == 0
