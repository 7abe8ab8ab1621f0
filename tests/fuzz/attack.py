"""Sends the requests, and says what was not as it should be."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from tests.fuzz import seeds
from tests.fuzz.mutations import CONTENT_TYPES, METHODS, deform, nasty, scramble

SIGNING_SECRET: Final = "SECRET-signing-4f1d"
WEBHOOK_SECRET: Final = "SECRET-webhook-9b2e"
LONGEST_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `forged` says that its signature does not hold, so it must be refused."""

    method: str
    path: str
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    forged: bool = False


@dataclass
class Findings:
    """What was answered, and what should not have been."""

    statuses: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


class Attack:
    """A seeded stream of requests against an app."""

    def __init__(self, http: httpx.AsyncClient, seed: int, secrets: tuple[str, ...]) -> None:
        self._http = http
        self._chance = random.Random(seed)  # noqa: S311  # a repeatable run, no secret
        self._secrets = secrets
        self._recorded: Request | None = None

    async def run(self, number: int) -> Findings:
        """Send `number` requests one after another."""
        found = Findings()
        for _ in range(number):
            await self._send(self._next(), found)
        return found

    async def _send(self, request: Request, found: Findings) -> None:
        what = f"{request.method} {request.path[:80]} {request.raw[:200]!r}"
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                answer = await self._http.request(
                    request.method, request.path, content=request.raw, headers=request.headers
                )
        except TimeoutError:
            found.problems.append(f"hangs: {what}")
            return
        found.statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            found.problems.append(f"{answer.status_code}: {what}")
        if request.forged and answer.status_code < 400:
            found.problems.append(f"believed a forged one, {answer.status_code}: {what}")
        if any(secret in answer.text for secret in self._secrets):
            found.problems.append(f"tells a secret: {what}")
        if request.path == "/slack/events" and answer.status_code == 200 and not request.forged:
            self._recorded = request

    def _next(self) -> Request:
        kinds = (self._command, self._interaction, self._event, self._webhook, self._any, self._forged)
        return self._chance.choices(kinds, weights=(25, 30, 10, 20, 10, 5))[0]()

    def _command(self) -> Request:
        chance = self._chance
        body = {**seeds.COMMAND, "text": chance.choice(seeds.TEXTS)}
        if chance.random() < 0.5:
            body["text"] = f"{body['text']} {nasty(chance)}"
        if chance.random() < 0.5:
            body = deform(body, chance)
        body = body if isinstance(body, dict) else {"text": body}
        clean = {name: _encodable(value) for name, value in body.items()}
        return self._to_slack(urlencode(clean).encode(), seeds.FORM)

    def _interaction(self) -> Request:
        body: Any = self._chance.choice(seeds.INTERACTIONS)
        if self._chance.random() < 0.85:
            body = deform(body, self._chance)
        return self._to_slack(seeds.form_of(body), seeds.FORM)

    def _event(self) -> Request:
        body: Any = self._chance.choice(seeds.EVENTS)
        if self._chance.random() < 0.7:
            body = deform(body, self._chance)
        return self._to_slack(json.dumps(body).encode(), seeds.JSON)

    def _webhook(self) -> Request:
        body: Any = self._chance.choice(seeds.WEBHOOKS)
        if self._chance.random() < 0.85:
            body = deform(body, self._chance)
        raw = self._maybe_scrambled(json.dumps(body).encode())
        path = self._chance.choice(("/mux/webhooks", "/mux/webhooks", "/mux/webhooks/abc"))
        at = int(time.time())
        digest = hmac.new(WEBHOOK_SECRET.encode(), b"%d." % at + raw, hashlib.sha256).hexdigest()
        return Request(method="POST", path=path, raw=raw, headers={"mux-signature": f"t={at},v1={digest}"})

    def _any(self) -> Request:
        chance = self._chance
        path = chance.choice(seeds.GETS)
        if chance.random() < 0.3:
            path += chance.choice(("%00", "/../..", "?a=" + "b" * 3_000, "//", "%ff", "\N{SNOWMAN}"))
        return Request(
            method=chance.choice(METHODS),
            path=path,
            raw=chance.choice((b"", b"{}", b"payload=x", b"\x00\xff" * 50)),
            headers={
                "x-odd": "a" * chance.choice((1, 5_000)),
                "accept": chance.choice(CONTENT_TYPES) or "*/*",
            },
        )

    def _forged(self) -> Request:
        chance = self._chance
        match chance.randint(0, 4):
            case 0 if self._recorded is not None:
                again = self._recorded
                return Request(
                    method="POST", path=again.path, raw=again.raw, headers=again.headers, forged=True
                )
            case 1:
                return self._to_slack(b"a=b", seeds.FORM, at=int(time.time()) - 301, forged=True)
            case 2:
                huge = self._to_slack(b"text=" + b"a" * 1_000_001, seeds.FORM)
                return Request(method="POST", path=huge.path, raw=huge.raw, headers=huge.headers, forged=True)
            case 3:
                headers = {
                    "mux-signature": chance.choice(("", "t=1,v1=ab", "t=x", "v1=,v1=", "t=1e400,v1=0"))
                }
                return Request(method="POST", path="/mux/webhooks", raw=b"{}", headers=headers, forged=True)
            case _:
                right = self._to_slack(urlencode(seeds.COMMAND).encode(), seeds.FORM)
                wrong = {**right.headers, "x-slack-signature": "v0=" + "0" * 64}
                return Request(method="POST", path=right.path, raw=right.raw, headers=wrong, forged=True)

    def _to_slack(
        self, raw: bytes, content_type: str, *, at: int | None = None, forged: bool = False
    ) -> Request:
        raw = raw if forged else self._maybe_scrambled(raw)
        if self._chance.random() < 0.1:
            content_type = self._chance.choice(CONTENT_TYPES)
        # Slack signs anew whatever it sends; requests alike within one second would be recordings.
        stamp = str(int(time.time()) - self._chance.randrange(250) if at is None else at)
        digest = hmac.new(SIGNING_SECRET.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256)
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": f"v0={digest.hexdigest()}",
        }
        return Request(method="POST", path="/slack/events", raw=raw, headers=headers, forged=forged)

    def _maybe_scrambled(self, raw: bytes) -> bytes:
        return scramble(raw, self._chance) if self._chance.random() < 0.15 else raw


def _encodable(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()
