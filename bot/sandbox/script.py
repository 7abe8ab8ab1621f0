"""One whole conversation with the bot, without a browser, judged by the sandbox's journal.

It works on any running sandbox, more than once: what it captions are videos that it adds itself.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from bot.sandbox.telling import links, spoken

Say = Callable[[str], Any]

PERSON: Final = "U0ANA"
CHANNEL: Final = "C0DEMO"
DEADLINE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_LIKE: Final = "twoChairs4Kd8w02"
_CAPTIONED: Final = "annualMeeting9Xp6h04"
_FAILURE: Final = "Transcription failed"
_OK: Final = 200


class Unexpected(Exception):
    """A step went otherwise than it should: what was expected, and what was seen."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}; saw {seen}")
        self.expected = expected
        self.seen = seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command that starts a job: how its card has to end, and how many paid creates it may cost."""

    text: str
    asset: str
    ends: str
    paid: int


async def play(base_url: str, out: Say, *, deadline_seconds: float = DEADLINE_SECONDS) -> bool:
    """Play the conversation and say whether all of it went as it should.

    `out` gets the conversation line by line, and after a failure which step it was, what was expected and
    what was seen. Each wait gives up after `deadline_seconds`.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=deadline_seconds)) as session:
        conversation = _Conversation(_Sandbox(session, base_url.rstrip("/")), out, deadline_seconds)
        try:
            await conversation.play()
        except Unexpected as wrong:
            out(f"\nFAILED: {conversation.step}")
            out(f"  expected: {wrong.expected}")
            out(f"  seen:     {wrong.seen}")
            return False
        except (aiohttp.ClientError, TimeoutError) as error:
            out(f"\nFAILED: {conversation.step}")
            out(f"  expected: an answer from {base_url}")
            out(f"  seen:     {type(error).__name__}: {error}")
            return False
    out("\nEverything went as it should.")
    return True


class _Sandbox:
    """The control interface of a running sandbox."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        async with self._session.get(f"{self._base_url}{path}", params=query) as answer:
            return await self._read(answer)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"{self._base_url}{path}", json=body) as answer:
            return await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> dict[str, Any]:
        text = await answer.text()
        if not answer.ok:
            raise Unexpected(f"{answer.method} {answer.url.path} to succeed", f"{answer.status}: {text}")
        body: dict[str, Any] = await answer.json()
        return body

    async def download(self, url: str) -> tuple[int, str]:
        async with self._session.get(url) as answer:
            return answer.status, await answer.text()

    async def journal(self, since: int, kind: str = "", name: str = "") -> list[dict[str, Any]]:
        query = {"since": str(since), "kind": kind, "name": name}
        entries: list[dict[str, Any]] = (await self.get("/_sandbox/journal", **query))["entries"]
        return entries

    async def messages(self) -> dict[str, dict[str, Any]]:
        state = await self.get("/_sandbox/slack/state", channel=CHANNEL)
        return {message["ts"]: message for message in state["channels"][0]["messages"]}

    async def names(self) -> dict[str, str]:
        people = (await self.get("/_sandbox/slack/state", channel=CHANNEL))["people"]
        return {person["id"]: person["real_name"] for person in people}


class _Conversation:
    def __init__(self, sandbox: _Sandbox, out: Say, deadline_seconds: float) -> None:
        self._sandbox = sandbox
        self._out = out
        self._deadline_seconds = deadline_seconds
        self._names: dict[str, str] = {}
        self._jobs: dict[str, Asked] = {}
        self.step = "reaching the sandbox"

    async def play(self) -> None:
        self._names = await self._sandbox.names()
        start = await self._now()
        await self._help()
        await self._bad_command()
        good, failing = await self._add_videos()
        await self._completed(Asked(text=f"{good} en --speakers", asset=good, ends="Done", paid=1))
        self._begin("an asset that has English captions already is refused")
        refused = Asked(text=f"{_CAPTIONED} en", asset=_CAPTIONED, ends="Not started", paid=0)
        await self._explained(refused, "already")
        self._begin("a job that fails at Mux is explained")
        await self._explained(Asked(text=f"{failing} en", asset=failing, ends="Failed", paid=1), _FAILURE)
        await self._judge(start)

    def _begin(self, step: str) -> None:
        self.step = step
        self._out(f"\n--- {step}")

    async def _help(self) -> None:
        self._begin("the help is shown to the person who asks")
        shown = await self._command("help")
        _check("--speakers" in str(shown), "help that names the options", str(shown.get("text")))

    async def _bad_command(self) -> None:
        self._begin("a command that cannot be read is explained, and costs nothing")
        since = await self._now()
        shown = await self._command(f"{_LIKE} klingon")
        _check("klingon" in str(shown), "an answer that names the wrong word", str(shown.get("text")))
        await self._check_paid(since, _LIKE, 0)

    async def _add_videos(self) -> tuple[str, str]:
        added = []
        for title in ("An interview", "An interview that fails"):
            asset = {"id": f"interview{secrets.token_hex(4)}", "title": title, "like": _LIKE}
            added.append(str((await self._sandbox.post("/_sandbox/mux/assets", asset))["id"]))
        failure = {"type": "processing_error", "message": f"{_FAILURE}.", "retryable": False}
        await self._sandbox.post(f"/_sandbox/mux/assets/{added[1]}", {"failures": [failure]})
        return added[0], added[1]

    async def _completed(self, asked: Asked) -> None:
        self._begin("good captions are made and brought back into the thread")
        since = await self._now()
        result = await self._job(asked, since)
        found = [url for label, url in links(result) if "SRT" in label]
        _check(bool(found), "a link to the SRT in the result", str(result.get("text")))
        status, srt = await self._sandbox.download(found[0])
        _check(status == _OK and "-->" in srt, "an SRT behind the link", f"{status}: {srt[:200]}")
        for track in await self._sandbox.journal(since, "mux.effect", "track.created"):
            self._out(f"  track_id {track['data']['track']} was made at Mux; the SRT behind the link:\n")
        for line in srt.strip().split("\n"):
            self._out(f"        {line.rstrip()}")

    async def _explained(self, asked: Asked, word: str) -> None:
        since = await self._now()
        result = await self._job(asked, since)
        text = str(result.get("text"))
        _check(word in text, f"a result that says “{word}”", text)

    async def _command(self, text: str) -> dict[str, Any]:
        who = self._names.get(PERSON, PERSON)
        self._out(f"#captions-demo  {who}: /caption {text}")
        act = {"user_id": PERSON, "channel_id": CHANNEL, "command": "/caption", "text": text}
        outcome = await self._sandbox.post("/_sandbox/slack/command", act)
        shown: dict[str, Any] = outcome["shown"] or {}
        answered = outcome["status"] == _OK and not outcome["timed_out"]
        _check(answered and bool(shown), "an answer within three seconds", str(outcome))
        self._tell(shown, f"only {who} sees this")
        return shown

    async def _job(self, asked: Asked, since: int) -> dict[str, Any]:
        """Ask, wait for the result and for the card's last word, and return the result."""
        await self._command(asked.text)
        card = await self._posted(since, "card")
        await self._posted(since, "result")
        until = time.monotonic() + self._deadline_seconds
        while True:
            messages = await self._sandbox.messages()
            text = str(messages[card]["text"])
            if asked.ends in text:
                break
            _check(time.monotonic() < until, f"a card that says “{asked.ends}”", text)
            await asyncio.sleep(_POLL_SECONDS)
        result = messages[await self._posted(since, "result")]
        self._jobs[_payload(messages[card])["job"]] = asked
        _check(result["thread_ts"] == card, "the result in the card's thread", str(result["thread_ts"]))
        self._tell(messages[card], "")
        self._tell(result, "in the thread", indent=4)
        return result

    async def _posted(self, since: int, kind: str) -> str:
        """Wait until the bot has posted a message of this kind, and return its ts."""
        until = time.monotonic() + self._deadline_seconds
        while not (found := await self._of_kind(since, kind)):
            _check(time.monotonic() < until, f"a {kind} in the channel", "none in time")
            await asyncio.sleep(_POLL_SECONDS)
        return str(found[0]["data"]["ts"])

    async def _of_kind(self, since: int, kind: str, job: str = "") -> list[dict[str, Any]]:
        posted = await self._sandbox.journal(since, "slack.effect", "message.posted")
        return [
            entry
            for entry in posted
            if (payload := _payload(entry["data"])).get("kind") == kind and job in {"", payload.get("job")}
        ]

    async def _judge(self, since: int) -> None:
        """Look once more at everything, now that late repeats have had their time."""
        self._begin("each job was paid for once, and told once")
        for job, asked in self._jobs.items():
            await self._check_paid(since, asked.asset, asked.paid)
            for kind in ("card", "result"):
                found = len(await self._of_kind(since, kind, job))
                _check(found == 1, f"exactly one {kind} for {asked.asset}", f"{found}")
            self._out(f"job {job}: {asked.paid} paid create, 1 card, 1 result")

    async def _check_paid(self, since: int, asset: str, wanted: int) -> None:
        jobs = await self._sandbox.journal(since, "mux.effect", "job.created")
        paid = sum(job["data"].get("asset") == asset for job in jobs)
        _check(paid == wanted, f"{wanted} paid jobs for {asset}", f"{paid}")

    async def _now(self) -> int:
        return int((await self._sandbox.get("/_sandbox/journal"))["last"])

    def _tell(self, message: Mapping[str, Any], where: str, *, indent: int = 0) -> None:
        margin = " " * indent
        note = f" ({where})" if where else ""
        self._out(f"{margin}#captions-demo  Caption Bot{note}:")
        for line in spoken(message, self._names):
            self._out(f"{margin}    {line}")


def _payload(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids that the bot put into a message's metadata; empty for any other message."""
    return (message.get("metadata") or {}).get("event_payload") or {}


def _check(truth: bool, expected: str, seen: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not truth:
        raise Unexpected(expected, seen)
