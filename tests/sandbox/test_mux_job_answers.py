"""Who may ask about jobs, which are listed, and what every answer looks like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.sandbox.mux import catalogue
from tests.sandbox.mux_jobs import PREMIUM, error


async def test_the_list_lags_and_tells_little(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    assert (await site.client.get("/robots/v0/jobs")).json() == {"data": [], "total_row_count": 0}
    site.mux.clock.advance(2.1)
    (summary,) = (await site.client.get("/robots/v0/jobs")).json()["data"]
    assert set(summary) == {"id", "workflow", "status", "created_at", "updated_at", "_links"}
    assert summary["id"] == job_id


async def test_the_list_filters_and_pages(site) -> None:
    ids = {await site.start(catalogue.STUDIO_TOUR, phrases=[str(n)]) for n in range(7)}
    other = await site.start(catalogue.TWO_CHAIRS)
    await site.pass_time(10)

    async def listed(**query):
        return (await site.client.get("/robots/v0/jobs", params=query)).json()

    pages = [await listed(asset_id=catalogue.STUDIO_TOUR, limit=3, page=page) for page in (1, 2, 3)]
    assert [len(page["data"]) for page in pages] == [3, 3, 1]
    assert {job["id"] for page in pages for job in page["data"]} == ids
    assert pages[0]["total_row_count"] == 7
    assert (await listed(status="pending"))["total_row_count"] == 0
    assert (await listed(workflow="summarize"))["total_row_count"] == 0
    assert [j["id"] for j in (await listed(asset_id=catalogue.TWO_CHAIRS))["data"]] == [other]


@pytest.mark.parametrize(
    "query", ["limit=101", "limit=0", "limit=x", "page=0", "workflow=x", "status=canceled", "asset_id="]
)
async def test_a_bad_list_query_is_400(site, query: str) -> None:
    answer = await site.client.get(f"/robots/v0/jobs?{query}")
    assert error(answer) == (400, "invalid_parameters")


async def test_neither_version_sees_the_jobs_of_the_other(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    path = f"/robots/v1/jobs/generate-premium-captions/{job_id}"
    assert (await site.client.get(path)).status_code == 404
    body = {"parameters": {"asset_id": catalogue.STUDIO_TOUR}}
    twin = await site.client.post("/robots/v1/jobs/generate-premium-captions", json=body)
    assert twin.status_code == 202


async def test_broken_rules_are_400_with_a_list_of_messages(site) -> None:
    answer = await site.create(catalogue.STUDIO_TOUR, phrases=[], track_name="")
    assert error(answer) == (400, "invalid_parameters")
    assert len(answer.json()["error"]["messages"]) == 2
    assert error(await site.client.post(PREMIUM, content=b"{")) == (400, "invalid_parameters")


async def test_credentials_and_scopes_are_checked(site, mux_site, token) -> None:
    for auth in (None, ("sandbox-token-id", "wrong")):
        assert error(await site.client.get("/robots/v0/jobs", auth=auth)) == (401, "unauthorized")
    for header in ("Basic !", "Bearer x"):
        answer = await site.client.get("/robots/v0/jobs", auth=None, headers={"authorization": header})
        assert error(answer) == (401, "unauthorized")
    async with mux_site(token("video:*")) as limited:
        assert error(await limited.create(catalogue.STUDIO_TOUR)) == (403, "insufficient_scope")
        assert (await limited.client.get("/video/v1/assets")).status_code == 200


async def test_terms_and_units_are_403_by_type(site) -> None:
    await site.client.post("/_sandbox/mux/behaviour", json={"terms_accepted": False})
    refused = await site.create(catalogue.STUDIO_TOUR)
    assert error(refused) == (403, "forbidden")
    assert "https://dashboard.mux.com/" in refused.json()["error"]["message"]
    await site.client.post("/_sandbox/mux/behaviour", json={"terms_accepted": True, "units_left": 120})
    expensive = await site.create(catalogue.STUDIO_TOUR, include_words=True)
    assert error(expensive) == (403, "robots_units_limit_exceeded")
    await site.finished(catalogue.STUDIO_TOUR)
    assert (await site.client.get("/_sandbox/mux/behaviour")).json()["units_left"] == 20


async def test_every_answer_carries_rate_limit_headers(site) -> None:
    first = await site.client.get("/robots/v0/jobs")
    second = await site.client.get("/video/v1/assets")
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, second)]
    assert left[0] > left[1]


async def test_the_journal_tells_who_paid_for_what(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR, passthrough="captionbot:42")
    (entry,) = site.mux.journal.find("mux.effect", "job.created")
    assert entry.data == {
        "job": job_id,
        "asset": catalogue.STUDIO_TOUR,
        "passthrough": "captionbot:42",
        "workflow": "generate-premium-captions",
        "paid": True,
    }
    (call,) = site.mux.journal.find("mux.call", "mux:create")
    assert (call.data["status"], call.data["body"]["passthrough"]) == (202, "captionbot:42")
    assert "sandbox-token-secret" not in json.dumps(site.mux.journal.to_json())


def _answers_validator():
    specs = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"
    if not specs.exists():
        pytest.skip("the description of Mux's API is not at hand")
    import jsonschema

    description = json.loads(specs.read_text(encoding="utf-8"))

    def check(value, schema: str) -> None:
        jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{schema}", "components": description["components"]}
        ).validate(value)

    return check


async def test_answers_are_what_mux_describes(site) -> None:
    check = _answers_validator()
    await site.finished(catalogue.ANNUAL_MEETING, replace_existing=True, include_words=True)
    await site.finished(catalogue.KEYNOTE)
    get = site.client.get
    for summary in (await get("/robots/v0/jobs")).json()["data"]:
        check((await get(summary["_links"]["self"]["href"])).json(), "GeneratePremiumCaptionsJobResponse")
    check((await get("/robots/v0/jobs")).json(), "ListJobsResponse")
    check((await get("/video/v1/assets")).json(), "ListAssetsResponse")
    check((await get("/system/v1/whoami")).json(), "WhoAmIResponse")
    playback = (await get(f"/video/v1/playback-ids/play{catalogue.STUDIO_TOUR}")).json()
    check(playback, "GetAssetOrLiveStreamIdResponse")
    check((await get(f"{PREMIUM}/rjob_no")).json(), "ErrorResponse")
    check((await get("/system/v1/whoami", auth=None)).json(), "UnauthorizedResponse")
