"""The question before several jobs are started at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.links import Pointer, PointerKind
from bot.rules.request import CaptionRequest
from bot.rules.video import TextTrack, Video
from bot.ui import many
from bot.ui.blocks import MESSAGE_LIMIT, MOST_BLOCKS, SECTION_LIMIT, TEXT_LIMIT, texts_of
from bot.ui.mrkdwn import size

REQUEST = CaptionRequest(asset_id="asset1", language_code="en")


def pointer(name: str) -> Pointer:
    return Pointer(kind=PointerKind.ASSET, id=name, written=name)


def video(name: str, **changes: object) -> Video:
    values = {"title": f"Film {name}", "duration_seconds": 60.0, "status": "ready", "policy": "public"}
    return Video(asset_id=name, **values | changes)  # type: ignore[arg-type]  # one dict for many fields


def shown(message: object) -> str:
    return "\n".join(text["text"] for block in message.blocks for text in texts_of(block) if "text" in text)  # type: ignore[attr-defined]  # a Message


def test_the_offer_lists_what_is_known_and_says_that_nothing_was_started() -> None:
    offer = many.offer("d1", REQUEST, [(pointer("a"), video("a")), (pointer("b"), None)], ["Mind."])
    for said in (offer.text, shown(offer)):
        assert "Nothing was started yet. These are 2 videos:" in said
        assert "1. *Film a* · `a` · 1 min" in said
        assert "2. `b` · length not known yet" in said
        assert "Total length: at least 1 min; 1 not known yet." in said
        assert "For each of them: English." in said
        assert "Please note: Mind." in said


def test_the_offer_can_be_taken_and_left() -> None:
    row = many.offer("d1", REQUEST, [(pointer("a"), None)] * 2, []).blocks[-2]
    assert [(each["action_id"], each["value"]) for each in row["elements"]] == [
        ("job_many_start", "d1"),
        ("job_many_drop", "d1"),
    ]


def test_the_total_length_is_told_as_far_as_it_is_known() -> None:
    both = many.offer("d1", REQUEST, [(pointer("a"), video("a")), (pointer("b"), video("b"))], [])
    none = many.offer("d1", REQUEST, [(pointer("a"), None), (pointer("b"), None)], [])
    assert "Total length: 2 min." in both.text
    assert "Total length: not known yet." in none.text


def test_what_is_known_to_be_in_the_way_is_said_before_anything_is_started() -> None:
    live = video("a", is_live=True)
    track = TextTrack(id="t1", name="English", language_code="en")
    taken = video("b", tracks=(track,), duration_seconds=None)
    offer = many.offer("d1", REQUEST, [(pointer("a"), live), (pointer("b"), taken)], [])
    assert "`a` is still being streamed live." in offer.text
    assert "already has the text track `English (en)`" in offer.text
    assert "`b` · length not known yet" in offer.text


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=600), st.text(max_size=600)), min_size=2, max_size=25))
def test_no_offer_is_more_than_slack_takes(named) -> None:
    videos = [
        (pointer(written), video("x", title=title) if number % 3 else None)
        for number, (written, title) in enumerate(named)
    ]
    offer = many.offer("d" * 24, REQUEST, videos, ["w" * 600] * 9)
    texts = [
        text["text"] for block in offer.blocks for text in texts_of(block) if isinstance(text["text"], str)
    ]
    assert len(offer.blocks) <= MOST_BLOCKS
    assert size(offer.text) <= TEXT_LIMIT
    assert all(size(text) <= SECTION_LIMIT for text in texts)
    assert sum(map(size, texts)) <= MESSAGE_LIMIT


def test_what_was_started_is_listed(job) -> None:
    started = many.started([(job, False), (job.changed(id="other"), True)])
    assert "1 job was started." in started.text
    assert "was running already" in started.text
    assert "2 jobs were started." in many.started([(job, False), (job, False)]).text


def test_a_no_and_a_late_press_are_answered() -> None:
    assert "nothing will be" in many.dropped().text
    assert "run the command again" in many.gone().text
