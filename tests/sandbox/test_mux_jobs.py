"""A job's life at Mux: what it makes, what it costs, and what it deletes."""

from __future__ import annotations

import pytest
import srt

from bot.sandbox.mux import catalogue
from tests.sandbox.mux_jobs import DAY_SECONDS, PREMIUM, error


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


async def test_a_job_vanishes_after_thirty_days(site) -> None:
    job_id = await site.start(catalogue.STUDIO_TOUR)
    await site.pass_time(30 * DAY_SECONDS + 1)
    assert error(await site.client.get(f"{PREMIUM}/{job_id}")) == (404, "not_found")
    assert (await site.client.get("/robots/v0/jobs")).json()["data"] == []
