"""What a person gets back from `/caption`, and what is on disk by then."""

from __future__ import annotations

import pytest

from handlers import bodies

BAD_COMMANDS = [
    "help",
    "?",
    "asset1 klingonese",
    "asset1 english french",
    "asset1 en extra words here",
    "cancel",
    "retry a/b",
    "status one two",
    "list everything",
    "asset/1",
    "asset1 --speeker",
    "asset1 --speaker=maybe",
    "asset1 --words=perhaps",
    "asset1 --lang",
    "asset1 --lang jp",
    "asset1 --lang und",
    "asset1 --lang x-private",
    "asset1 --name",
    'asset1 --name ""',
    'asset1 --name "   "',
    "asset1 --name " + "n" * 256,
    'asset1 --name "unclosed',
    "asset1 --phrase",
    "asset1 --phrase " + "p" * 51,
    'asset1 --phrase "a<b"',
    'asset1 --phrase "a>b"',
    'asset1 --phrase "a{b"',
    'asset1 --phrase "a}b"',
    'asset1 --phrase "a[b"',
    'asset1 --phrase "a]b"',
    "asset1 --phrases " + ",".join(f"p{number}" for number in range(101)),
    "asset1 --replace --no-upload",
    "asset1 --replace-generated --no-upload",
    "asset1 --replace=everything",
    "asset1 replace_existing=true replace_existing_tracks=replace_generated",
    "asset1 replace_existing_tracks=sometimes",
    "asset1 --lang en --lang fr",
    "asset1 en --lang fr",
    "asset1 --name a --name b",
    "asset1 --speakers --no-speakers",
    "asset1 --words --no-words",
    "asset1 upload_to_mux=nope",
    "asset1 include_speakers=2",
    "asset1 colour=red",
    "asset1 --",
    "asset1 --=",
    "asset1 =",
    "--speakers",
    "a" * 256,
    "asset1 --unknown-flag-that-nobody-knows",
    "\u0430\u0441\u0435\u04421",
    "asset1 --phrase \u201cunclosed smart",
    "x" * 20_000,
]


async def test_a_command_is_answered_privately_and_its_job_is_on_disk(doors) -> None:
    """Nothing of value is in memory only when the answer leaves."""
    response = await doors.command("asset1 en --speakers")

    answer = response.json()
    assert response.status_code == 200
    assert answer["response_type"] == "ephemeral"
    assert "asset1" in answer["text"]
    counts = await doors.counts()
    assert (counts["job"], counts["effect"], counts["audit"]) == (1, 3, 1)


@pytest.mark.parametrize("text", BAD_COMMANDS)
async def test_a_bad_command_is_explained_and_changes_nothing(doors, text) -> None:
    """Each gets an answer in words, none a traceback, and the store stays as it was."""
    before = await doors.counts()

    response = await doors.command(text)

    answer = response.json()
    assert response.status_code == 200
    assert answer["response_type"] == "ephemeral"
    assert "Traceback" not in answer["text"]
    assert "not your fault" not in answer["text"]
    assert await doors.counts() == before


async def test_every_bad_command_has_an_answer_of_its_own(doors) -> None:
    texts = [text for text in BAD_COMMANDS[3:] if isinstance(text, str)]

    answers = {(await doors.command(text)).json()["text"] for text in texts}

    assert len(texts) >= 50 - 3
    assert len(answers) == len(texts)


async def test_the_same_submission_twice_makes_one_job(doors) -> None:
    """Slack or a proxy may deliver a command again; its trigger id tells."""
    first = await doors.command("asset1 en", trigger_id="same")
    second = await doors.command("asset1 en", trigger_id="same")

    assert first.json()["text"] == second.json()["text"]
    assert (await doors.counts())["job"] == 1


async def test_identical_work_is_joined_and_the_second_person_told_whose_it_is(doors) -> None:
    await doors.command("asset1 en", trigger_id="one", user_id="U1")

    answer = (await doors.command("asset1 en", trigger_id="two", user_id="U2")).json()

    counts = await doors.counts()
    assert "<@U1>" in answer["text"]
    assert (counts["job"], counts["watcher"]) == (1, 1)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"text": "payload-talk en"}, id="text"),
        pytest.param({"text": "asset1 en --name payload=x"}, id="value"),
        pytest.param({"text": "asset1", "channel_name": "payload-reviews"}, id="channel"),
        pytest.param({"text": "asset1", "user_name": "payload"}, id="user"),
    ],
)
async def test_a_command_that_contains_the_word_payload_works(doors, fields) -> None:
    """Bolt's own parser drops these over HTTP."""
    response = await doors.command(fields.pop("text"), **fields)

    assert response.status_code == 200
    assert (await doors.counts())["job"] == 1


async def test_a_forged_command_is_refused_and_changes_nothing(doors) -> None:
    response = await doors.slack(b"command=%2Fcaption&text=asset1", "text/plain", signature="v0=00")

    assert response.status_code == 401
    assert (await doors.counts())["job"] == 0


@pytest.mark.parametrize("signature", ["", "v0=", "v0=zz", "v1=abc", "é".encode("latin-1"), "x" * 5000])
async def test_no_signature_however_odd_is_a_server_error(doors, signature) -> None:
    response = await doors.slack(b"command=%2Fcaption", "text/plain", signature=signature)

    assert response.status_code == 401


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "9" * 5000, "1789999699", "1790000301"])
async def test_a_stale_or_odd_timestamp_is_refused_although_signed(doors, timestamp) -> None:
    response = await doors.slack(b"command=%2Fcaption", "text/plain", timestamp=timestamp)

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        pytest.param(b"\xff\xfe", "application/x-www-form-urlencoded", id="not-utf-8"),
        pytest.param(b"{", "application/json", id="broken-json"),
        pytest.param(b"[1]", "application/json", id="a-list"),
        pytest.param(b"payload=%7B", "application/x-www-form-urlencoded", id="broken-payload"),
        pytest.param(b"[" * 100_000, "application/json", id="deep"),
    ],
)
async def test_a_signed_body_that_slack_would_not_send_is_refused(doors, raw, content_type) -> None:
    assert (await doors.slack(raw, content_type)).status_code == 400


async def test_a_body_beyond_the_limit_is_not_read(doors) -> None:
    response = await doors.slack(b"x" * (bodies.MAX_BYTES + 1), "text/plain")

    assert response.status_code == 413


async def test_slack_may_check_the_address(doors) -> None:
    response = await doors.slack(
        b'{"type": "url_verification", "challenge": "c1"}', "application/json; charset=utf-8"
    )

    assert response.status_code == 200
    assert "c1" in response.text


async def test_a_fault_of_ours_is_told_with_a_reference(doors) -> None:
    """The store is gone, so the listener raises; the person still gets an answer."""
    await doors.store.close()

    response = await doors.command("asset1 en")

    assert response.status_code == 200
    assert "not your fault" in response.json()["text"]
