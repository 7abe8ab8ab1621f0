"""Jobs as wild as the world makes them, and a checker of what Slack takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import strategies as st

from bot.rules.jobs import Failure, Job, Outcome, ReplacedTrack, State
from bot.rules.request import CaptionRequest, Replace
from bot.rules.video import TextTrack, Video
from bot.ui.message import Message
from tests.ui.filled_views import a_job

_NASTY = (
    "<!channel>",
    "<!here|here>",
    "<@U0EVERYONE>",
    "<https://evil.example|Click>",
    "&lt;!channel&gt;",
    "`",
    "```",
    "*bold* _it_ ~gone~",
    "שלום עולם",
    "\u202egnirts\u202c",
    "👩‍👩‍👧‍👦",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "🇩🇪🇫🇷",
    "👍🏽",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢",
    "\n\r\n\t\x00\x1b[31m",
    "\u200b\ufeff",
    "\ud83d",
    "|",
    "&",
    "{date}",
    "x" * 500,
)
_FIFTY = tuple(f"U0WATCHER{number:02}" for number in range(50))
_OURS = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CDG][A-Z0-9]+|https?://[^\s<>|]+\|[^<>|\n]+|!date\^\d+\^[^<>|^]+\|[^<>|]+)>"
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


@cache
def wild_text(max_size: int = 500) -> st.SearchStrategy[str]:
    """Draw text of any script, often with something in it that would hurt if it were not escaped."""
    pieces = st.one_of(st.sampled_from(_NASTY), st.text(st.characters(), max_size=20))
    return st.lists(pieces, max_size=8).map(lambda drawn: "".join(drawn)[:max_size])


@cache
def wild_requests() -> st.SearchStrategy[CaptionRequest]:
    return st.builds(
        CaptionRequest,
        asset_id=st.one_of(st.just("As5et1d"), wild_text(120)),
        language_code=st.one_of(
            st.none(), st.sampled_from(["en", "pt-BR", "zh-Hant-TW", "xx"]), wild_text(40)
        ),
        replace=st.sampled_from(Replace),
        track_name=st.one_of(st.none(), wild_text(255)),
        include_speakers=st.booleans(),
        include_words=st.booleans(),
        upload_to_mux=st.booleans(),
        phrases=st.one_of(
            st.lists(wild_text(60), max_size=4).map(tuple),
            wild_text(60).map(lambda phrase: (phrase,) * 100),
        ),
    )


@cache
def wild_failures() -> st.SearchStrategy[Failure]:
    return st.builds(
        Failure,
        code=st.one_of(
            st.sampled_from(
                [
                    "invalid_parameters",
                    "insufficient_scope",
                    "forbidden",
                    "robots_units_limit_exceeded",
                    "robots_workflow_not_available",
                    "validation_error",
                    "processing_error",
                    "timeout_error",
                    "timeout",
                    "conflict",
                ]
            ),
            wild_text(60),
        ),
        message=st.one_of(
            wild_text(3_000),
            st.builds(
                "".join,
                st.tuples(
                    st.sampled_from(
                        ["phrases[3] ", "track_name ", "asset not found ", "track exists ", "playback "]
                    ),
                    wild_text(),
                ),
            ),
        ),
        retryable=st.booleans(),
        status=st.one_of(
            st.none(), st.sampled_from([400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 503, 504])
        ),
    )


@cache
def wild_outcomes() -> st.SearchStrategy[Outcome]:
    urls = st.one_of(
        st.none(),
        st.just("https://files.example/captions.srt?sig=a%2Fb&exp=1|2"),
        st.just("https://files.example/" + "u" * 2_400),
        st.just("https://files.example/" + "u" * 9_000),
        wild_text(),
    )
    tracks = st.builds(ReplacedTrack, id=wild_text(60), name=wild_text(), language_code=wild_text(20))
    return st.builds(
        Outcome,
        language_code=st.one_of(st.sampled_from(["", "en", "pt-BR"]), wild_text(40)),
        track_id=st.one_of(st.none(), wild_text(80)),
        detected_language=st.one_of(st.none(), st.just("de"), wild_text(40)),
        language_confidence=st.one_of(st.none(), st.floats(0, 1)),
        srt_url=urls,
        words_url=urls,
        replaced=st.one_of(st.lists(tracks, max_size=3).map(tuple), tracks.map(lambda track: (track,) * 40)),
    )


@cache
def wild_videos() -> st.SearchStrategy[Video]:
    tracks = st.builds(
        TextTrack,
        id=wild_text(60),
        name=wild_text(),
        language_code=st.one_of(st.sampled_from(["en", "pt-BR", ""]), wild_text(40)),
        status=st.sampled_from(["ready", "preparing", "errored", "deleted"]),
        source=st.sampled_from(["uploaded", "generated_vod", ""]),
    )
    return st.builds(Video, asset_id=st.just("As5et1d"), tracks=st.lists(tracks, max_size=3).map(tuple))


@cache
def wild_jobs(*states: State) -> st.SearchStrategy[Job]:
    """Draw jobs in one of `states` (any, when none is given) whose texts were written by an enemy."""
    people = st.sampled_from(["U0ANA", "W0BEN", "U0CARLA"])
    return st.builds(
        Job,
        id=st.just("job_0000000001"),
        state=st.sampled_from(states or tuple(State)),
        request=wild_requests(),
        team_id=st.just("T0TEAM"),
        channel_id=st.one_of(st.just("C0CHANNEL"), wild_text(20)),
        user_id=st.one_of(people, wild_text(20)),
        created_at=st.floats(0, 4e9),
        updated_at=st.floats(0, 4e9),
        finished_at=st.one_of(st.none(), st.floats(0, 4e9)),
        mux_id=st.one_of(st.none(), wild_text(255)),
        title=wild_text(500),
        units_consumed=st.integers(0, 10**9),
        outcome=st.one_of(st.none(), wild_outcomes()),
        failure=st.one_of(st.none(), wild_failures()),
        watchers=st.one_of(st.lists(people, max_size=3).map(tuple), st.just(_FIFTY)),
        warnings=st.lists(wild_text(), max_size=8).map(tuple),
        video=st.one_of(st.none(), wild_videos()),
        retry_of=st.one_of(st.none(), wild_text(20)),
        stopped_by=st.one_of(st.none(), people),
        next_job=st.one_of(st.none(), wild_text(20)),
        next_by=st.one_of(st.none(), people, wild_text(20)),
    )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _strings(value: Any) -> list[str]:
    """Return every string that Slack would show, from a block or a part of one."""
    if isinstance(value, dict):
        shown = [value["text"]] if isinstance(value.get("text"), str) else []
        return shown + [text for part in value.values() for text in _strings(part)]
    return [text for part in value for text in _strings(part)] if isinstance(value, list) else []


def _check_safe(text: str) -> None:
    foreign = _OURS.sub("", text)
    assert "<" not in foreign, text
    assert ">" not in foreign, text
    assert not _ENTITY.search(foreign), text
    text.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text), text


def _check_button(button: dict[str, Any]) -> None:
    assert (button["type"], button["text"]["type"]) == ("button", "plain_text")
    assert 1 <= _units(button["text"]["text"]) <= 75
    assert 1 <= _units(button["action_id"]) <= 255
    assert _units(button.get("value", "")) <= 2_000
    assert 1 <= _units(button.get("accessibility_label", "-")) <= 75
    assert button.get("style", "danger") in {"danger", "primary"}
    confirm = button.get("confirm")
    if confirm is not None:
        assert 1 <= _units(confirm["title"]["text"]) <= 100
        assert 1 <= _units(confirm["text"]["text"]) <= 300
        assert all(1 <= _units(confirm[choice]["text"]) <= 30 for choice in ("confirm", "deny"))


def _check_block(block: dict[str, Any]) -> None:
    kind = block["type"]
    if kind == "section":
        assert ("text" in block) != ("fields" in block)
        assert 1 <= _units(block.get("text", {"text": "-"})["text"]) <= 3_000
        assert 1 <= len(block.get("fields", ["-"])) <= 10
        assert all(1 <= _units(field["text"]) <= 2_000 for field in block.get("fields", ()))
    elif kind == "header":
        assert block["text"]["type"] == "plain_text"
        assert 1 <= _units(block["text"]["text"]) <= 150
    elif kind == "context":
        assert 1 <= len(block["elements"]) <= 10
        assert all(1 <= _units(part["text"]) <= 3_000 for part in block["elements"])
    elif kind == "actions":
        assert 1 <= len(block["elements"]) <= 25
        assert 1 <= _units(block.get("block_id", "-")) <= 255
        for button in block["elements"]:
            _check_button(button)
    else:
        assert kind == "divider"


@pytest.fixture(scope="session")
def takes() -> Callable[[Message], None]:
    """Assert that Slack takes a message whole, and that nothing in it is parsed that we did not write."""

    def check(message: Message) -> None:
        assert message.text.strip()
        assert _units(message.text) <= 4_000
        assert 1 <= len(message.blocks) <= 50
        for block in message.blocks:
            _check_block(block)
        shown = _strings(list(message.blocks))
        assert all(text.strip() for text in shown)
        assert sum(map(_units, shown)) <= 11_000
        for text in [message.text, *shown]:
            _check_safe(text)

    return check


@pytest.fixture(scope="session")
def draw_jobs() -> Callable[..., st.SearchStrategy[Job]]:
    """Give tests the strategy `wild_jobs`."""
    return wild_jobs


@pytest.fixture(scope="session")
def draw_text() -> Callable[..., st.SearchStrategy[str]]:
    """Give tests the strategy `wild_text`."""
    return wild_text


@pytest.fixture
def job() -> Job:
    """Return a job that goes well, with nothing unusual about it."""
    return a_job()


@pytest.fixture
def wanted() -> CaptionRequest:
    return CaptionRequest(
        asset_id="As5et1d",
        language_code="en",
        track_name="English CC",
        phrases=("Vercel", "a" * 50, "one two"),
    )
