"""Judges what came of a signed request to one of our own doors, sent the way a vendor sends it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.rules.diagnosis.finding import Finding, ok, problem

_OK: Final = 200
_UNAUTHORIZED: Final = 401
_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = frozenset({502, 503, 504})
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One of the bot's routes: its `vendor`, its `url`, and the `setting` that holds its secret."""

    vendor: str
    url: str
    setting: str

    @property
    def check(self) -> str:
        """What the report calls it."""
        return f"{self.vendor}'s way in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What came of one request.

    `failure` is why there was no answer: `name`, `refused`, `timeout`, `certificate` or `broken`, with
    `detail` in words. Otherwise `status` is the answer's, `leads_to` where it redirects, `ours` whether it
    is written as the bot writes. `received` is the digest of the body that a refusing bot says it got, and
    `sent` that of ours; `reason` is its reason.
    """

    failure: str = ""
    detail: str = ""
    status: int = 0
    leads_to: str = ""
    ours: bool = False
    reason: str = ""
    sent: str = ""
    received: str = ""


def judge(door: Door, trip: Trip) -> Finding:
    """Judge a round trip."""
    if trip.failure:
        return _no_answer(door, trip)
    if trip.status in _REDIRECTS:
        return problem(
            door.check,
            "door_redirects",
            f"{door.url} redirects to {trip.leads_to or 'another place'}; {door.vendor} follows nowhere.",
            "Let the proxy pass the request on instead, or write the address it redirects to as PUBLIC_URL.",
        )
    if trip.status == _UNAUTHORIZED and trip.ours:
        return _refused(door, trip)
    if trip.status == _OK and trip.ours:
        return ok(door.check, f"a signed test event went to {door.url} and was recognised.")
    return _odd(door, trip)


def _no_answer(door: Door, trip: Trip) -> Finding:
    code, said, fix = {
        "name": (
            "door_name",
            f"the host of {door.url} has no address in the DNS",
            "Correct PUBLIC_URL, or make the DNS entry.",
        ),
        "refused": (
            "door_closed",
            f"nothing listens at {door.url}",
            "Start the bot and the proxy in front of it, open the port, and look at PUBLIC_URL.",
        ),
        "timeout": (
            "door_silent",
            f"{door.url} gave no answer within the time that {door.vendor} waits",
            "Let the firewall pass https to the proxy, and the proxy to the bot.",
        ),
        "certificate": (
            "door_certificate",
            f"the certificate of {door.url} is not trusted",
            "Let the proxy use a certificate of a public authority, complete and for this very name.",
        ),
    }.get(
        trip.failure,
        (
            "door_broken",
            f"the connection to {door.url} broke",
            "Look at the proxy's log; it may speak http where PUBLIC_URL says https.",
        ),
    )
    detail = f" ({trip.detail})" if trip.detail else ""
    return problem(door.check, code, f"{said}{detail}.", fix)


def _refused(door: Door, trip: Trip) -> Finding:
    if trip.reason == "stale":
        return problem(
            door.check,
            "door_stale",
            "the running bot finds the signature of this moment too old or too new: clocks disagree.",
            "Let both machines set their clocks by the network: `timedatectl set-ntp true`, or chrony.",
        )
    if trip.reason in {"missing", "malformed"}:
        return problem(
            door.check,
            "door_header",
            f"the signature did not arrive: something on the way drops or changes {door.vendor}'s headers.",
            "Let the proxy pass every header on as it is.",
        )
    if trip.received and trip.received != trip.sent:
        return problem(
            door.check,
            "door_body",
            "the body arrived changed, so no signature can fit: a proxy writes it anew.",
            f"Let the proxy pass the body of {door.url} on byte for byte, without filters.",
        )
    return problem(
        door.check,
        "door_secret",
        f"the running bot has another {door.setting} than these settings.",
        f"Copy the secret again into {door.setting}, and restart the bot: it reads it at its start.",
    )


def _odd(door: Door, trip: Trip) -> Finding:
    if trip.status in _UNAVAILABLE and not trip.ours:
        return problem(
            door.check,
            "door_behind",
            f"the proxy at {door.url} answers {trip.status}: it does not reach the bot.",
            "Start the bot, and let the proxy pass requests to the bot's HOST and PORT.",
        )
    if trip.status >= _SERVER_ERROR:
        return problem(
            door.check,
            "door_fails",
            f"{door.url} answers {trip.status}.",
            "Look at the bot's log of this moment.",
        )
    return problem(
        door.check,
        "door_other",
        f"{door.url} is answered by something else than the bot ({trip.status}).",
        "Let the proxy pass /slack/events and /mux/webhooks to the bot, and look at PUBLIC_URL.",
    )
