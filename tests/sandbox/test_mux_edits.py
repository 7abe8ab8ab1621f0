"""edit-captions at the local Mux: its rules, what it writes, and what becomes of the tracks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import FaultKind
from bot.sandbox.mux import catalogue
from bot.sandbox.mux.corrections import corrected

EDITS = "/robots/v0/jobs/edit-captions"
ASSET = catalogue.ANNUAL_MEETING
TRACK = "trackAnnualEn01"
WORD = {"find": "the", "replace": "THE"}
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "mux-robots-openapi.json"


async def edit(site, passthrough: str = "captionbot:e1", **parameters: Any):
    wanted = {"asset_id": ASSET, "track_id": TRACK, "replacements": [WORD]} | parameters
    sent = {name: value for name, value in wanted.items() if value is not None}
    return await site.client.post(EDITS, json={"parameters": sent, "passthrough": passthrough})


async def finished(site, **parameters: Any) -> dict[str, Any]:
    answer = await edit(site, **parameters)
    assert answer.status_code == 202, answer.text
    await site.pass_time(10)
    return (await site.client.get(f"{EDITS}/{answer.json()['data']['id']}")).json()["data"]


async def text_of(site, track_id: str, asset_id: str = ASSET) -> str:
    answer = await site.client.get(f"/stream/play{asset_id}/text/{track_id}.vtt", auth=None)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_an_edit_makes_a_new_track_and_deletes_the_old_one(site) -> None:
    before = await text_of(site, TRACK)
    job = await finished(site)
    outputs = job["outputs"]
    assert job["parameters"]["delete_original_track"] is True
    assert outputs["total_replacement_count"] == before.lower().split().count("the") > 0
    (track,) = (await site.tracks(ASSET)).values()
    assert (track["id"], track["name"], track["language_code"]) == (
        outputs["uploaded_track_id"],
        "English (edited)",
        "en",
    )
    after = await text_of(site, track["id"])
    assert after.casefold() == before.casefold()
    assert "THE" in after
    link = await site.client.get(outputs["temporary_vtt_url"], auth=None)
    assert (link.text, link.headers["content-type"]) == (after, "text/vtt; charset=utf-8")
    await site.pass_time(8 * 86_400)
    assert (await site.client.get(outputs["temporary_vtt_url"], auth=None)).status_code == 403


async def test_the_original_stays_when_that_is_wanted_or_nothing_is_uploaded(site) -> None:
    await finished(site, delete_original_track=False, track_name_suffix="fixed")
    assert {track["name"] for track in (await site.tracks(ASSET)).values()} == {"English", "English (fixed)"}
    job = await finished(site, upload_to_mux=False)
    assert "uploaded_track_id" not in job["outputs"]
    assert job["outputs"]["temporary_vtt_url"]
    assert TRACK in await site.tracks(ASSET)


async def test_a_name_that_is_taken_ends_the_job_and_leaves_the_original(site) -> None:
    await finished(site, delete_original_track=False)
    job = await finished(site, replacements=[{"find": "a", "replace": "b"}])
    assert job["status"] == "errored"
    assert job["errors"][0]["type"] == "validation_error"
    assert len(await site.tracks(ASSET)) == 2


async def test_a_track_that_goes_away_meanwhile_ends_the_job(site) -> None:
    job_id = (await edit(site)).json()["data"]["id"]
    await site.client.delete(f"/video/v1/assets/{ASSET}/tracks/{TRACK}")
    await site.pass_time(10)
    assert (await site.client.get(f"{EDITS}/{job_id}")).json()["data"]["errors"]


async def test_swearing_goes_first_then_names_then_words() -> None:
    vtt = "WEBVTT\n\nNOTE damn --> not\n\n1\n00:00.000 --> 00:01.000\n[speaker_0] Damn the mucks,\nmucks up\n"
    parameters = {
        "auto_censor_profanity": {"mode": "mask"},
        "speaker_replacements": [{"find": "speaker_0", "replace": "Ana"}],
        "replacements": [{"find": "Ana", "replace": "Anna"}, {"find": "mucks", "replace": r"Mux\1"}],
    }
    text, count = corrected(vtt, parameters)
    assert text.endswith("[Anna] ???? the Mux\\1,\nMux\\1 up\n")
    assert count == 5


@pytest.mark.parametrize(
    ("said", "parameters", "after", "count"),
    [
        ("art party Art", {"replacements": [{"find": "art", "replace": "x"}]}, "x party x", 2),
        (
            "art Art",
            {"replacements": [{"find": "art", "replace": "x", "case_sensitive": True}]},
            "x Art",
            1,
        ),
        ("new\nyork", {"replacements": [{"find": "New York", "replace": "NYC"}]}, "NYC", 1),
        ("C++ is C", {"replacements": [{"find": "C++", "replace": ""}]}, " is C", 1),
        (
            "speaker_0 says",
            {"speaker_replacements": [{"find": "speaker_0", "replace": "A"}]},
            "speaker_0 says",
            0,
        ),
        (
            "[speaker_01] x",
            {"speaker_replacements": [{"find": "speaker_0", "replace": "A"}]},
            "[speaker_01] x",
            0,
        ),
        ("oh damn it", {"auto_censor_profanity": {}}, "oh ____ it", 1),
        ("oh damn it", {"auto_censor_profanity": {"mode": "remove"}}, "oh  it", 1),
        (
            "damn fudge",
            {"auto_censor_profanity": {"never_censor": ["Damn"], "always_censor": ["fudge"]}},
            "damn _____",
            1,
        ),
    ],
)
def test_whole_words_change_and_labels_only_by_name(said, parameters, after, count) -> None:
    head = "WEBVTT\n\n1\n00:00.000 --> 00:01.000\n"
    assert corrected(f"{head}{said}\n", parameters) == (f"{head}{after}\n", count)


@given(st.text(alphabet="ab \n\r->0:.[]", max_size=80))
def test_an_edit_that_finds_nothing_changes_no_byte(text) -> None:
    vtt = f"WEBVTT\n\n{text}"
    assert corrected(vtt, {"replacements": [{"find": "zebra", "replace": ""}]}) == (vtt, 0)


@pytest.mark.parametrize(
    "parameters",
    [
        {"replacements": None},
        {"replacements": []},
        {"replacements": {}},
        {"replacements": ["x"]},
        {"replacements": [{"find": "", "replace": "x"}]},
        {"replacements": [{"find": "x"}]},
        {"replacements": [WORD | {"case_sensitive": "yes"}]},
        {"replacements": [WORD | {"whole": True}]},
        {"speaker_replacements": [{"find": "[a]", "replace": "b"}]},
        {"speaker_replacements": [{"find": "a", "replace": ""}]},
        {"speaker_replacements": [{"find": "a", "replace": "b", "all": True}]},
        {"auto_censor_profanity": []},
        {"auto_censor_profanity": {"mode": "beep"}},
        {"auto_censor_profanity": {"detection_method": "list"}},
        {"auto_censor_profanity": {"always_censor": [""]}},
        {"track_name_suffix": ""},
        {"upload_to_mux": "yes"},
        {"track_id": None},
        {"asset_id": ""},
        {"language_code": "en"},
    ],
)
async def test_a_wrong_edit_is_400(site, parameters) -> None:
    answer = await edit(site, **parameters)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_parameters")


async def test_a_body_without_parameters_or_with_a_long_stamp_is_400(site) -> None:
    assert (await site.client.post(EDITS, json={})).status_code == 400
    assert (await edit(site, passthrough="x" * 256)).status_code == 400


@pytest.mark.parametrize(
    "parameters",
    [
        {"asset_id": "no"},
        {"track_id": "no"},
        {"track_id": f"audio{ASSET}"},
        {"asset_id": catalogue.FRESH_UPLOAD},
        {"asset_id": catalogue.SHELVED_CUT},
        {"asset_id": catalogue.LIVE_TOWN_HALL},
    ],
)
async def test_what_cannot_be_edited_is_422(site, parameters) -> None:
    assert (await edit(site, **parameters)).status_code == 422


async def test_a_track_that_is_not_ready_is_422(site) -> None:
    await site.client.post("/_sandbox/mux/behaviour", json={"track_seconds": 1_000})
    job = await site.finished(catalogue.STUDIO_TOUR)
    answer = await edit(site, asset_id=catalogue.STUDIO_TOUR, track_id=job["outputs"]["track_id"])
    assert answer.status_code == 422


async def test_the_same_edit_under_way_is_409_and_another_one_is_not(site) -> None:
    assert (await edit(site)).status_code == 202
    assert (await edit(site, delete_original_track=True)).status_code == 409
    assert (await edit(site, replacements=[{"find": "we", "replace": "us"}])).status_code == 202


async def test_terms_units_and_scopes_are_403(mux_site, token, site) -> None:
    await site.client.post("/_sandbox/mux/behaviour", json={"units_left": 5})
    assert (await edit(site)).json()["error"]["type"] == "robots_units_limit_exceeded"
    await site.client.post("/_sandbox/mux/behaviour", json={"terms_accepted": False})
    assert (await edit(site)).json()["error"]["type"] == "forbidden"
    async with mux_site(token("video:read")) as other:
        assert (await edit(other)).json()["error"]["type"] == "insufficient_scope"
    assert (await site.client.post(EDITS, json={}, auth=None)).status_code == 401


async def test_edits_are_listed_opened_and_cancelled_apart_from_captions(site) -> None:
    captions = await site.start(catalogue.TWO_CHAIRS)
    edited = (await edit(site)).json()["data"]["id"]
    await site.pass_time(2.5)
    for workflow, job_id in (("edit-captions", edited), ("generate-premium-captions", captions)):
        listed = (await site.client.get("/robots/v0/jobs", params={"workflow": workflow})).json()["data"]
        assert [(job["id"], job["workflow"]) for job in listed] == [(job_id, workflow)]
    assert (await site.client.get(f"{EDITS}/{captions}")).status_code == 404
    assert (await site.client.post(f"/robots/v0/jobs/{edited}/cancel")).status_code == 200
    assert (await site.client.post(f"/robots/v0/jobs/{edited}/cancel")).status_code == 409
    await site.pass_time(10)
    assert TRACK in await site.tracks(ASSET)


async def test_edits_fail_and_throw_faults_like_other_jobs(site) -> None:
    failing = {"failures": [{"type": "processing_error", "message": "Broken"}]}
    await site.client.post(f"/_sandbox/mux/assets/{ASSET}", json=failing)
    assert (await finished(site))["errors"] == failing["failures"]
    site.throw(FaultKind.ERROR_AFTER, "mux:edit")
    assert (await edit(site)).status_code == 500
    assert len(site.mux.journal.find("mux.effect", "job.created")) == 2


async def test_an_edit_is_told_under_its_own_name(mux_site) -> None:
    async with mux_site(SandboxConfig(bot_url="http://127.0.0.1:9")) as site:
        job = await finished(site)
        told = (await site.client.get("/_sandbox/mux/webhooks")).json()["events"]
    types = [event["type"] for event in told]
    assert [name for name in types if name.startswith("robots.")] == [
        f"robots.job.edit_captions.{state}" for state in ("pending", "processing", "completed")
    ]
    done = next(event for event in told if event["type"].endswith("edit_captions.completed"))
    assert done["data"] == job
    assert types.index("video.asset.track.created") < types.index("video.asset.track.deleted")


async def test_an_edit_is_as_the_specification_says(site) -> None:
    if not SPEC.exists():
        pytest.skip("the specification is not at hand beside this checkout")
    whole = json.loads(SPEC.read_text(encoding="utf-8"))
    schema = {**whole, "$ref": "#/components/schemas/EditCaptionsJob"}
    jsonschema.Draft202012Validator(schema).validate(await finished(site))
