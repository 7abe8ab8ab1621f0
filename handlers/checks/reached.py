"""Sends signed requests to our own doors the way Slack and Mux do, and reads the vendors' clocks."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bot.mux import wire
from bot.rules.diagnosis import doors, own
from bot.rules.diagnosis.doors import Door, Trip
from bot.rules.diagnosis.finding import Finding, ok, problem
from bot.slack.proxies import proxy_for
from handlers import bodies
from handlers.checks.subject import SECONDS, Environment, Subject

EVENT: Final = "caption_bot.doctor"
"""The type of the test event: signed like any other, and of no kind that anything follows from."""

_MOST_BYTES: Final = 10_000
_TIMEOUT: Final = aiohttp.ClientTimeout(total=SECONDS)


async def from_slack(subject: Subject) -> list[Finding]:
    """Send the request with which Slack makes sure of an address, signed."""
    challenge = secrets.token_hex(16)
    # https://docs.slack.dev/reference/events/url_verification
    raw = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
    at = int(subject.clock.now())
    secret = subject.settings.slack_signing_secret.get_secret_value()
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (at, raw), hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}
    door = Door(vendor="Slack", url=_url(subject, "/slack/events"), setting="SLACK_SIGNING_SECRET")
    trip = await _send(subject.http, door.url, raw, headers, answer={"challenge": challenge})
    return [doors.judge(door, trip)]


async def from_mux(subject: Subject, place: Environment) -> list[Finding]:
    """Send a test event, signed with each secret that Mux may sign with."""
    door = Door(vendor="Mux", url=_url(subject, "/mux/webhooks"), setting="MUX_WEBHOOK_SECRET")
    found = []
    for secret in place.secrets:
        event = {"type": EVENT, "id": f"doctor-{secrets.token_hex(8)}", "data": {}}
        raw = json.dumps(event).encode()
        headers = {"Mux-Signature": wire.sign(raw, secret, at=int(subject.clock.now()))}
        url = f"{door.url}/{place.hook}" if place.hook else door.url
        trip = await _send(subject.http, url, raw, headers, answer={"status": "ignored"})
        found.append(doors.judge(door, trip))
    return found


async def redirect_page(subject: Subject) -> list[Finding]:
    """Look whether people who come back from Slack find the bot."""
    url = _url(subject, "/slack/oauth_redirect")
    check = "Install page"
    try:
        async with subject.http.get(
            url, timeout=_TIMEOUT, allow_redirects=False, proxy=proxy_for(url)
        ) as answer:
            ours = b"/slack/install" in await answer.content.read(_MOST_BYTES)
    except (aiohttp.ClientError, OSError) as error:
        return [doors.judge(Door(vendor="Slack", url=url, setting=""), _failed(error))]
    if ours:
        return [ok(check, f'found at {url}; "OAuth & Permissions" has to list it as a redirect URL.')]
    said = f"{url} is answered by something else than the bot ({answer.status})."
    fix = "Let the proxy pass /slack/install and /slack/oauth_redirect to the bot."
    return [problem(check, "install_page", said, fix)]


async def clock(subject: Subject, whose: str, url: str) -> list[Finding]:
    """Compare this machine's clock with the time in a vendor's answer, whatever the answer is."""
    try:
        async with subject.http.get(
            url, timeout=_TIMEOUT, allow_redirects=False, proxy=proxy_for(url)
        ) as answer:
            said = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (aiohttp.ClientError, OSError, ValueError):
        # That a vendor is not reached, or something stands between, is said by the checks of its tokens.
        return []
    return [own.clock(whose, subject.clock.now() - said)]


async def _send(
    http: aiohttp.ClientSession,
    url: str,
    raw: bytes,
    headers: Mapping[str, str],
    *,
    answer: Mapping[str, str],
) -> Trip:
    try:
        async with http.post(
            url,
            data=raw,
            headers={"Content-Type": "application/json", **headers},
            timeout=_TIMEOUT,
            allow_redirects=False,
            proxy=proxy_for(url),
        ) as response:
            said = _object(await response.content.read(_MOST_BYTES))
            return _read(response, said, answer, raw)
    except (aiohttp.ClientError, OSError) as error:
        return _failed(error)


def _read(
    response: aiohttp.ClientResponse, said: Mapping[str, Any], answer: Mapping[str, str], raw: bytes
) -> Trip:
    leads_to = urlsplit(response.headers.get("Location", ""))
    return Trip(
        status=response.status,
        leads_to=f"{leads_to.scheme}://{leads_to.netloc}" if leads_to.netloc else "",
        ours=answer.items() <= said.items() or "received" in said,
        reason=str(said.get("reason", "")),
        sent=bodies.digest(raw),
        received=str(said.get("received", "")),
    )


def _failed(error: Exception) -> Trip:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        certificate = error.certificate_error
        said = getattr(certificate, "verify_message", "") if isinstance(certificate, ssl.SSLError) else ""
        return Trip(failure="certificate", detail=str(said).rstrip("."))
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Trip(failure="name")
    if isinstance(error, TimeoutError):
        return Trip(failure="timeout")
    if isinstance(error, aiohttp.ClientConnectorError) and not isinstance(error, aiohttp.ClientSSLError):
        return Trip(failure="refused")
    return Trip(failure="broken", detail=type(error).__name__)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _url(subject: Subject, path: str) -> str:
    return f"{subject.settings.public_url.rstrip('/')}{path}"
