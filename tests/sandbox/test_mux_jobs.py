from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import srt

from bot.sandbox.mux import catalogue

PREMIUM = "/robots/v0/jobs/generate-premium-captions"
DAY_SECONDS = 86_400


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["type"]


async def test_a_created_job_is_pending_and_has_cost_nothing(site) -> None:
    answer = await site.create(catalogue.STUDIO_TOUR, language_code="en", passthrough="captionbot:x")
    job = answer.json()["data"]
    assert answer.status_code == 202
    assert (job["status"], job["units_consumed"], job["passthrough"]) == ("pending", 0, "captionbot:x")
    assert "outputs" not in job
    assert job["parameters"]["upload_to_mux"] is True


async def test_a_job_passes_through_processing_to_completed(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    site.mux.clock.advance(1.5)
    assert (await site.job(job_id))["status"] == "processing"
    site.mux.clock.advance(1.5)
    assert (await site.job(job_id))["status"] == "completed"


async def test_a_completed_job_made_a_track_that_is_ready_a_little_later(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR, language_code="en-GB")
    site.mux.clock.advance(3.1)
    outputs = (await site.job(job_id))["outputs"]
    track = (await site.tracks(catalogue.STUDIO_TOUR))[outputs["track_id"]]
    assert (track["status"], track["language_code"]) == ("preparing", "en-GB")
    assert (track["name"], track["text_source"]) == ("English (Generated)", "uploaded")
    site.mux.clock.advance(1)
    assert (await site.tracks(catalogue.STUDIO_TOUR))[outputs["track_id"]]["status"] == "ready"


async def test_a_given_language_is_a_label_with_full_confidence(site) -> None:
    outputs = (await site.finished(catalogue.BIENVENIDA, language_code="pt"))["outputs"]
    assert (outputs["language_code"], outputs["detected_language"]) == ("pt", "pt")
    assert outputs["auto_language_confidence"] == 1


async def test_an_omitted_language_is_detected(site) -> None:
    outputs = (await site.finished(catalogue.BIENVENIDA))["outputs"]
    assert (outputs["language_code"], outputs["detected_language"]) == ("es", "es")
    assert 0 < outputs["auto_language_confidence"] < 1


async def test_the_srt_link_needs_no_credentials_and_dies_after_seven_days(site) -> None:
    job = await site.finished(catalogue.TWO_CHAIRS, include_speakers=True)
    link = job["outputs"]["temporary_srt_url"]
    found = await site.client.get(link, auth=None)
    cues = list(srt.parse(found.text))
    assert cues[0].content.startswith("[speaker_0] ")
    assert (await site.client.get(link.replace("captions", "other"), auth=None)).status_code == 403
    assert (await site.client.get(link + "0", auth=None)).status_code == 403
    await site.pass_time(7 * DAY_SECONDS)
    old = await site.client.get(link, auth=None)
    assert (old.status_code, old.headers["content-type"]) == (403, "application/xml")
    assert "ExpiredToken" in old.text


async def test_words_come_when_asked_for_and_cost_more(site) -> None:
    plain = await site.finished(catalogue.STUDIO_TOUR, upload_to_mux=False)
    worded = await site.finished(catalogue.STUDIO_TOUR, upload_to_mux=False, include_words=True)
    assert "temporary_words_url" not in plain["outputs"]
    assert worded["units_consumed"] > plain["units_consumed"] > 0
    words = (await site.client.get(worded["outputs"]["temporary_words_url"])).json()["words"]
    assert words[0]["word"] == "Welcome"


async def test_without_upload_there_is_no_track(site) -> None:
    job = await site.finished(catalogue.STUDIO_TOUR, upload_to_mux=False)
    assert "track_id" not in job["outputs"]
    assert await site.tracks(catalogue.STUDIO_TOUR) == {}


async def test_phrases_mend_names_that_are_misheard_without_them(site) -> None:
    options = {"upload_to_mux": False, "include_words": True}
    heard = await site.finished(catalogue.STUDIO_TOUR, **options)
    hinted = await site.finished(catalogue.STUDIO_TOUR, phrases=["Mux Robots", "caption bot"], **options)
    texts, words = [], []
    for job in (heard, hinted):
        text = (await site.client.get(job["outputs"]["temporary_srt_url"])).text
        texts.append(" ".join(text.split()))
        listed = (await site.client.get(job["outputs"]["temporary_words_url"])).json()["words"]
        words.append(" ".join(word["word"] for word in listed))
    assert "mucks robots" in texts[0]
    assert "Mux Robots" not in texts[0]
    assert "Mux Robots" in texts[1]
    assert "Caption Bot" in texts[1]
    assert "mucks robots" in words[0]
    assert "caption but" in words[0]
    assert "Mux Robots" in words[1]


@pytest.mark.parametrize(
    ("asset_id", "parameters"),
    [
        ("noSuchAsset", {}),
        (catalogue.FRESH_UPLOAD, {}),
        (catalogue.LIVE_TOWN_HALL, {}),
        (catalogue.SHELVED_CUT, {}),
        (catalogue.ANNUAL_MEETING, {"language_code": "en"}),
        (catalogue.ANNUAL_MEETING, {"language_code": "en-GB"}),
        (catalogue.ANNUAL_MEETING, {"language_code": "eng"}),
        (catalogue.ANNUAL_MEETING, {"language_code": "fr", "track_name": " ENGLISH "}),
    ],
)
async def test_what_cannot_be_captioned_is_422_and_free(site, asset_id: str, parameters) -> None:
    answer = await site.create(asset_id, **parameters)
    assert error(answer) == (422, "unprocessable_entity")
    assert isinstance(answer.json()["error"]["message"], str)
    assert site.mux.journal.find("mux.effect", "job.created") == []


async def test_a_signed_playback_id_is_enough(site) -> None:
    assert (await site.finished(catalogue.INVESTOR_CALL))["status"] == "completed"


async def test_a_conflict_found_after_transcription_is_errored_and_paid(site) -> None:
    job = await site.finished(catalogue.ANNUAL_MEETING)
    assert job["status"] == "errored"
    assert job["errors"][0]["type"] == "validation_error"
    assert "retryable" not in job["errors"][0]
    assert job["units_consumed"] > 0
    assert list(await site.tracks(catalogue.ANNUAL_MEETING)) == ["trackAnnualEn01"]


@pytest.mark.parametrize("switch", [{"replace_existing": True}, {"replace_existing_tracks": "replace_all"}])
@pytest.mark.parametrize("language", [{}, {"language_code": "en-US"}])
async def test_replacing_deletes_the_old_track_and_names_it(site, switch, language) -> None:
    outputs = (await site.finished(catalogue.ANNUAL_MEETING, **switch, **language))["outputs"]
    assert outputs["replaced_track_id"] == "trackAnnualEn01"
    assert outputs["replaced_tracks"] == [
        {
            "id": "trackAnnualEn01",
            "type": "text",
            "name": "English",
            "language_code": "en",
            "text_source": "generated_vod",
        }
    ]
    assert list(await site.tracks(catalogue.ANNUAL_MEETING)) == [outputs["track_id"]]


async def test_an_unsure_detection_deletes_nothing(site) -> None:
    changed = {"detection_confidence": 0.3}
    await site.client.post(f"/_sandbox/mux/assets/{catalogue.ANNUAL_MEETING}", json=changed)
    job = await site.finished(catalogue.ANNUAL_MEETING, replace_existing_tracks="replace_all")
    assert job["status"] == "errored"
    assert list(await site.tracks(catalogue.ANNUAL_MEETING)) == ["trackAnnualEn01"]


async def test_replace_generated_spares_an_earlier_premium_track(site) -> None:
    first = await site.finished(
        catalogue.ANNUAL_MEETING, language_code="en", replace_existing_tracks="replace_generated"
    )
    assert first["status"] == "completed"
    again = await site.create(
        catalogue.ANNUAL_MEETING, language_code="en", replace_existing_tracks="replace_generated"
    )
    assert error(again) == (422, "unprocessable_entity")


async def test_two_jobs_that_race_for_one_name_end_with_one_track(site) -> None:
    first = await site.start(catalogue.STUDIO_TOUR, language_code="en")
    second = await site.start(catalogue.STUDIO_TOUR, language_code="en", phrases=["Mux"])
    await site.pass_time(10)
    assert [(await site.job(job_id))["status"] for job_id in (first, second)] == ["completed", "errored"]


async def test_the_same_parameters_in_flight_are_409_and_free_again_when_over(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR, upload_to_mux=False)
    twin = await site.create(catalogue.STUDIO_TOUR, upload_to_mux=False, passthrough="captionbot:other")
    assert error(twin) == (409, "conflict")
    assert job_id not in twin.text
    await site.pass_time(10)
    assert (await site.create(catalogue.STUDIO_TOUR, upload_to_mux=False)).status_code == 202


async def test_a_retryable_failure_passes_with_the_second_run(site) -> None:
    job = await site.finished(catalogue.KEYNOTE)
    assert (job["status"], job["errors"][0]["type"]) == ("errored", "timeout_error")
    assert job["errors"][0]["retryable"] is True
    assert (await site.finished(catalogue.KEYNOTE))["status"] == "completed"


async def test_cancelling_is_final_and_answers_with_the_short_form(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    cancelled = await site.client.post(f"/robots/v0/jobs/{job_id}/cancel")
    assert cancelled.json()["data"]["status"] == "cancelled"
    assert "parameters" not in cancelled.json()["data"]
    assert error(await site.client.post(f"/robots/v0/jobs/{job_id}/cancel")) == (409, "conflict")
    assert error(await site.client.post("/robots/v0/jobs/rjob_no/cancel")) == (404, "not_found")
    await site.pass_time(10)
    assert (await site.job(job_id))["status"] == "cancelled"


async def test_cancelling_while_processing_creates_no_track(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    site.mux.clock.advance(2)
    await site.client.post(f"/robots/v0/jobs/{job_id}/cancel")
    await site.pass_time(10)
    assert (await site.job(job_id))["status"] == "cancelled"
    assert await site.tracks(catalogue.STUDIO_TOUR) == {}


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


async def test_a_job_vanishes_after_thirty_days(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    await site.pass_time(30 * DAY_SECONDS + 1)
    assert error(await site.client.get(f"{PREMIUM}/{job_id}")) == (404, "not_found")
    assert (await site.client.get("/robots/v0/jobs")).json()["data"] == []


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
