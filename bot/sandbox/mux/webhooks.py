"""Mux's webhooks: every event of the environment, signed, retried for a day, in no promised order.

https://www.mux.com/docs/core/listen-for-webhooks and https://www.mux.com/docs/core/verify-webhook-signatures
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any, Final

import aiohttp

from bot.sandbox.clock import SandboxClock
from bot.sandbox.config import SandboxConfig
from bot.sandbox.faults import FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.mux.agenda import Agenda
from bot.sandbox.mux.endpoints import Endpoint, Endpoints, iso
from bot.sandbox.mux.model import Job, new_id

ATTEMPT_SECONDS: Final = 5.0
FIRST_GAP_SECONDS: Final = 1.0
LONGEST_GAP_SECONDS: Final = 3600.0
GIVE_UP_SECONDS: Final = 24 * 3600.0
MAX_ATTEMPTS: Final = 34
AT_ONCE: Final = 64
"""Deliveries in flight; the time in the queue does not count against an attempt's 5 seconds."""
KEPT_EVENTS: Final = 10_000


@dataclass(slots=True, kw_only=True)
class Event:
    """Something that happened in the environment, and what became of telling it."""

    id: str
    type: str
    created_at: float
    object: dict[str, str]
    data: dict[str, Any]
    about: dict[str, Any] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def attempts_at(self, endpoint: Endpoint) -> list[dict[str, Any]]:
        """Return what was tried with one endpoint."""
        return [attempt for attempt in self.attempts if attempt["webhook_id"] == endpoint.number]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event that is due to be sent to one endpoint; `again` marks one that was answered with 2xx before.

    `repeat_after_seconds` has it sent once more although it is answered with 2xx.
    """

    event: Event
    endpoint: Endpoint
    first_at: float
    again: bool = False
    repeat_after_seconds: float | None = None


def sign(secret: str, body: bytes, at: int) -> str:
    """Return the value of the `mux-signature` header for these raw bytes."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Webhooks:
    """The events of the environment, and their way to every endpoint that is turned on.

    `family` chooses the event names of Robots jobs: None follows the version that made the job, `v0` or
    `v1` forces one. `due` holds what is to be sent now; whoever drives the stand-in sends it.
    """

    def __init__(
        self,
        *,
        config: SandboxConfig,
        clock: SandboxClock,
        journal: Journal,
        faults: Faults,
        agenda: Agenda,
    ) -> None:
        self._config = config
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._agenda = agenda
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.family: str | None = None
        self.events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self.due: deque[Delivery] = deque()
        self.endpoints = Endpoints()
        bots = f"{config.bot_url}/mux/webhooks"
        if config.mux_webhook_secret:
            self.endpoints.add(bots, clock.now(), secret=config.mux_webhook_secret)

    def job_event(self, job: Job, at: float) -> None:
        """Tell that `job` is now in its state; odd jobs lie under the event's name in `data`."""
        version = self.family or job.version
        prefix = "robots.job" if version == "v0" else f"robots.{version}.job"
        type_ = f"{prefix}.{job.workflow.replace('-', '_')}.{job.status}"
        whole = job.to_json(self._config.public_url)
        data = {type_: whole} if job.number % 2 else whole
        about = {"job": job.id, "asset": job.asset.id, "passthrough": job.passthrough}
        self.emit(type_, {"type": "robots.job", "id": job.id}, data, at, **about)

    def emit(
        self, type_: str, object_: dict[str, str], data: dict[str, Any], at: float, **about: Any
    ) -> Event:
        """File an event and put its delivery on the agenda, as the standing faults will have it."""
        event = Event(
            id=new_id("evt_", length=22), type=type_, created_at=at, object=object_, data=data, about=about
        )
        self.events.append(event)
        if not self._config.webhooks:
            return event
        fault = self._faults.draw(f"webhook:{type_}")
        delay_seconds, repeat_after_seconds = 0.0, None
        if fault is not None:
            self._journal.add("fault", f"webhook:{type_}", fault=fault.kind.value, event=event.id)
            if fault.kind is FaultKind.LOSE:
                return event
            if fault.kind is FaultKind.DELAY:
                delay_seconds = fault.seconds
            if fault.kind is FaultKind.DUPLICATE:
                repeat_after_seconds = fault.seconds
        self.schedule(event, at + delay_seconds, repeat_after_seconds=repeat_after_seconds)
        return event

    def schedule(
        self, event: Event, due_at: float, *, again: bool = False, repeat_after_seconds: float | None = None
    ) -> None:
        """Have `event` sent to every endpoint at `due_at`, with a fresh day of retries."""
        for endpoint in self.endpoints.by_id.values():
            if endpoint.enabled:
                delivery = Delivery(
                    event=event,
                    endpoint=endpoint,
                    first_at=due_at,
                    again=again,
                    repeat_after_seconds=repeat_after_seconds,
                )
                self._later(delivery, due_at)

    def _later(self, delivery: Delivery, due_at: float) -> None:
        self._agenda.at(due_at, lambda _: self.due.append(delivery))

    async def send(self, delivery: Delivery) -> None:
        """Make one attempt, journal its outcome, and put the next one down where one is needed."""
        event, endpoint = delivery.event, delivery.endpoint
        if endpoint.id not in self.endpoints.by_id:
            return
        async with self._slots:
            status = await self._post(event, endpoint)
        tried = len(event.attempts_at(endpoint))
        self._journal.add(
            "mux.webhook",
            event.type,
            event=event.id,
            address=endpoint.address,
            status=status,
            attempt=tried,
            again=delivery.again,
            **event.about,
        )
        if 200 <= status < 300:  # noqa: PLR2004 - any 2xx is taken as received
            if delivery.repeat_after_seconds is not None:
                due_at = self._clock.now() + delivery.repeat_after_seconds
                once_more = replace(delivery, first_at=due_at, again=True, repeat_after_seconds=None)
                self._later(once_more, due_at)
            return
        gap_seconds = min(FIRST_GAP_SECONDS * 2 ** (tried - 1), LONGEST_GAP_SECONDS)
        due_at = self._clock.now() + gap_seconds
        if due_at <= delivery.first_at + GIVE_UP_SECONDS:
            self._later(delivery, due_at)

    async def _post(self, event: Event, endpoint: Endpoint) -> int:
        """Return the status of one attempt, 0 when there was no answer within 5 seconds."""
        body = json.dumps(self._envelope(event, endpoint)).encode()
        # The receiver's clock is not ours to move, so signatures carry the machine's time. Whether Mux signs
        # a retry afresh is unknown; here it does.
        signature = sign(endpoint.secret, body, int(time.time()))
        headers = {"content-type": "application/json", "mux-signature": signature}
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ATTEMPT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        status, text = 0, ""
        try:
            sending = self._session.post(endpoint.address, data=body, headers=headers, allow_redirects=False)
            async with sending as answer:
                status, text = answer.status, (await answer.text(errors="replace"))[:500]
        except (aiohttp.ClientError, TimeoutError) as error:
            text = type(error).__name__
        event.attempts.append(self._attempt(endpoint, status, text))
        return status

    def _attempt(self, endpoint: Endpoint, status: int, text: str) -> dict[str, Any]:
        return {
            "id": new_id(length=22),
            "webhook_id": endpoint.number,
            "address": endpoint.address,
            "created_at": iso(self._clock.now()),
            "max_attempts": MAX_ATTEMPTS,
            "response_status_code": status,
            "response_headers": {},
            "response_body": text,
        }

    def _envelope(self, event: Event, endpoint: Endpoint) -> dict[str, Any]:
        return {
            "type": event.type,
            "id": event.id,
            "created_at": iso(event.created_at),
            "object": event.object,
            "environment": {
                "name": self._config.mux_environment_name,
                "id": self._config.mux_environment_id,
            },
            "data": event.data,
            "attempts": event.attempts_at(endpoint),
        }

    async def close(self) -> None:
        """Close the connections that deliveries kept open."""
        if self._session is not None:
            await self._session.close()
            self._session = None
