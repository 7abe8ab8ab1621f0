"""Nothing of one workspace is reached, forged or read from another."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from bot.mux import wire
from bot.vault import Vault
from tests.journeys.workspaces import NORTH, SANDBOX, job_of, rows, served

STANDING = "SELECT public_id, state, rank, stopped_by, next_job FROM job ORDER BY id"
BUTTONS = (
    *("job_cancel", "job_retry", "job_replace", "job_files_only", "job_status", "job_files", "job_again"),
    *("job_many_start", "job_many_drop", "job_replace_unsaved", "fix_words", "fix_restore", "fix_phrases"),
)


async def test_nothing_of_another_workspace_can_be_reached(people, tmp_path):
    """Whoever knows the id of a job elsewhere, and presses, types or signs it, gets nothing."""
    await served(people, SANDBOX, NORTH)
    theirs = await job_of(people, NORTH)
    mine = await job_of(people, SANDBOX)
    before = await rows(tmp_path, STANDING)

    for command in ("status", "cancel", "retry"):
        said = await people.says(SANDBOX, f"{command} {theirs}")
        assert "There is no job" in said, (command, said)
    for scope in ("mine", "channel", "all"):
        said = await people.says(SANDBOX, f"list {scope}")
        assert mine in said
        assert theirs not in said
    assert "There is no job" in await people.says(SANDBOX, f"status {NORTH.video}")
    shown = await people.sees(SANDBOX, mine)
    assert theirs not in shown
    assert "Northwind" not in shown

    assert before == await rows(tmp_path, STANDING)


async def test_no_button_of_another_workspace_can_be_forged(people, tmp_path):
    """The id is known and the press is signed; only the workspace is not the job's."""
    await served(people, SANDBOX, NORTH)
    theirs = await job_of(people, NORTH)
    before = await rows(tmp_path, STANDING)

    for action in BUTTONS:
        await forge(people.sandbox, action, theirs)
    await asyncio.sleep(0.5)

    assert await rows(tmp_path, STANDING) == before
    shown = str(await people.state(SANDBOX))
    assert NORTH.video not in shown
    assert "studio tour" not in shown.replace("Studio tour", "")


async def test_an_event_counts_only_for_the_environment_that_signed_it(people, tmp_path):
    await served(people, SANDBOX, NORTH)
    name = await job_of(people, NORTH)
    await people.says(NORTH, f"{NORTH.video} fr --no-upload")
    jobs = await rows(tmp_path, "SELECT public_id, coalesce(mux_id, 'x'), passthrough FROM job")
    ((_, mux_id, passthrough),) = [job for job in jobs if job[0] != name]
    ours = dict(await rows(tmp_path, "SELECT team_id, hook FROM mux_environment"))
    sealed = dict(await rows(tmp_path, "SELECT team_id, webhook_secret FROM mux_environment"))
    vault = Vault([people.sandbox.printed["ENCRYPTION_KEYS"]])
    event = {
        "type": "robots.job.generate_premium_captions.errored",
        "id": "forged-1",
        "created_at": "2026-11-22T00:00:00Z",
        "data": {
            "id": mux_id,
            "workflow": "generate-premium-captions",
            "status": "errored",
            "passthrough": passthrough,
            "parameters": {},
            "errors": [{"type": "processing_error", "message": "forged"}],
        },
    }

    async def send(hook: str, secret: str) -> int:
        raw = json.dumps(event).encode()
        signed = {"mux-signature": wire.sign(raw, secret, at=int(time.time()))}
        url = f"{people.sandbox.bot_url}/mux/webhooks{hook}"
        async with people.sandbox.http.post(url, data=raw, headers=signed) as answer:
            return int(answer.status)

    mine = vault.open(sealed[SANDBOX.id])
    assert await send(f"/{ours[NORTH.id]}", mine) == 401
    assert await send("/unknown", mine) == 404
    assert await send("", mine) == 404
    assert await send(f"/{ours[SANDBOX.id]}", mine) == 200
    results = await people.sandbox.eventually("result", 2, team=NORTH.id)
    assert "forged" not in str(results)


async def forge(sandbox, action_id: str, value: str) -> None:
    """Press a button with a value that this workspace never saw, signed as Slack signs."""
    body = {
        "type": "block_actions",
        "team": {"id": SANDBOX.id, "domain": "sandbox"},
        "user": {"id": SANDBOX.user, "team_id": SANDBOX.id},
        "channel": {"id": SANDBOX.channel},
        "container": {"type": "message", "channel_id": SANDBOX.channel, "message_ts": "1.1"},
        "trigger_id": f"forged.{action_id}",
        "response_url": f"{sandbox.url}/never",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
    }
    raw = urlencode({"payload": json.dumps(body)}).encode()
    at = str(int(time.time()))
    secret = sandbox.printed["SLACK_SIGNING_SECRET"].encode()
    made = hmac.new(secret, b"v0:" + at.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": f"v0={made}",
    }
    async with sandbox.http.post(f"{sandbox.bot_url}/slack/events", data=raw, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def test_no_token_and_no_secret_stands_anywhere_in_clear(people, sandbox, tmp_path, capfd):
    """The database with its journal, every log line, every page and every message."""
    await served(people, SANDBOX, NORTH)
    await job_of(people, NORTH)
    granted = (await sandbox.look("slack/installations"))["tokens"]
    secrets = {SANDBOX.token[1], NORTH.token[1], sandbox.printed["SLACK_CLIENT_SECRET"]}
    secrets |= {sandbox.printed["SLACK_SIGNING_SECRET"], sandbox.printed["ENCRYPTION_KEYS"]}
    secrets |= {str(value) for each in granted for value in each.values() if str(value).startswith("xox")}
    assert len(secrets) > 6

    stored = b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    said = "".join(capfd.readouterr())
    shown = str([await people.state(team) for team in (SANDBOX, NORTH)])
    for secret in secrets:
        assert secret.encode() not in stored, secret[:6]
        assert secret not in said, secret[:6]
        assert secret not in shown, secret[:6]
