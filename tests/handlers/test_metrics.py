"""What `/metrics` counts, and that the page about operation explains all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import CaptionBotError, Throttled
from bot.metrics import Metrics, outcome_of
from bot.mux import client as mux_client
from bot.slack import client as slack_client
from handlers import serving

PAGE = Path(__file__).parents[2] / "docs" / "operate.md"


def samples(text: str) -> dict[str, float]:
    """Return each sample by its name and its labels' values, sorted."""
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_is_explained_and_nothing_else():
    exist = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in text_string_to_metric_families(Metrics(socket=True).page().decode())
    }
    section = PAGE.read_text().partition("\n## Metrics\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_]+)`", section, re.MULTILINE)) == exist


async def test_a_scrape_tells_jobs_by_state_and_what_waits(doors):
    await doors.command("asset1 en")
    await doors.command("asset2 en")

    found = samples((await doors.http.get("/metrics")).text)

    assert found["caption_bot_jobs requested"] == 2
    assert found["caption_bot_jobs completed"] == 0
    assert found["caption_bot_effects open"] == 6
    assert found["caption_bot_effects given_up"] == 0
    assert found["caption_bot_queue_age_seconds"] >= 0
    assert found["caption_bot_units_consumed"] == 0
    assert found["caption_bot_store_up"] == 1


async def test_without_a_store_the_rest_is_still_told(doors):
    await doors.store.close()

    found = samples((await doors.http.get("/metrics")).text)

    assert found["caption_bot_store_up"] == 0


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"),
        (302, "redirected"),
        (404, "refused"),
        (429, "throttled"),
        (503, "failed"),
        (0, "no_answer"),
    ],
)
def test_an_outcome_is_known_by_its_status(status, outcome):
    assert outcome_of(status) == outcome


async def test_requests_to_both_vendors_are_measured_by_outcome():
    metrics = Metrics()

    async def answer(request: Request) -> Response:
        return JSONResponse({}, int(request.query_params.get("status", "429")), {"Retry-After": "1"})

    with serving.listen("127.0.0.1", 0) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
        async with serving.serving(app, sock):
            async with slack_client.open_session(heard=metrics.heard_from("slack")) as session:
                with pytest.raises(Throttled):
                    await slack_client.connect(f"{url}/api/", session).auth_test("xoxb-1")
            await _ask_mux(url, metrics)
    await _ask_mux("http://127.0.0.1:1", metrics)

    found = samples(metrics.page().decode())
    assert found["caption_bot_vendor_throttled_total slack"] == 1
    assert found["caption_bot_vendor_throttled_total mux"] == 1
    assert found["caption_bot_vendor_seconds_count slack throttled"] == 1
    assert found["caption_bot_vendor_seconds_count mux throttled"] == 1
    assert found["caption_bot_vendor_seconds_count mux no_answer"] == 1
    assert found["caption_bot_vendor_seconds_count mux ok"] == 0


async def _ask_mux(url: str, metrics: Metrics) -> None:
    http = mux_client.connect(url, "id", "secret")
    try:
        with pytest.raises(CaptionBotError):
            await mux_client.MuxClient(http, heard=metrics.heard_from("mux")).whoami()
    finally:
        await http.aclose()


async def test_a_session_tells_of_a_connection_that_does_not_come_about():
    heard = []
    async with slack_client.open_session(heard=lambda status, _seconds: heard.append(status)) as session:
        with pytest.raises(CaptionBotError):
            await slack_client.connect("http://127.0.0.1:1/api/", session).auth_test("xoxb-1")
    assert heard == [0]
