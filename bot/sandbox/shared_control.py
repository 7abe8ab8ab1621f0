"""`/_sandbox/...`: the journal, the faults and the clock, for tests in other processes."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind, Faults
from bot.sandbox.journal import Journal
from bot.sandbox.json_routes import BadControl, json_endpoint

_FAULT_FIELDS = frozenset(field.name for field in fields(Fault))


def routes(clock: SandboxClock, journal: Journal, faults: Faults) -> list[Route]:
    """Return the control routes that Slack and Mux share."""
    control = _Control(clock, journal, faults)
    return [
        Route("/_sandbox/health", json_endpoint(control.health), methods=["GET"]),
        Route("/_sandbox/journal", json_endpoint(control.read_journal), methods=["GET"]),
        Route("/_sandbox/clock", json_endpoint(control.advance), methods=["POST"]),
        Route("/_sandbox/faults", json_endpoint(control.list_faults), methods=["GET"]),
        Route("/_sandbox/faults", json_endpoint(control.add_fault), methods=["POST"]),
        Route("/_sandbox/faults", json_endpoint(control.clear_faults), methods=["DELETE"]),
    ]


class _Control:
    def __init__(self, clock: SandboxClock, journal: Journal, faults: Faults) -> None:
        self._clock = clock
        self._journal = journal
        self._faults = faults

    async def health(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        del request, body
        return {"ok": True, "now": self._clock.now()}

    async def read_journal(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """`?kind=&name=&since=`; `last` is the seq to read on from."""
        del body
        query = request.query_params
        since = query.get("since", "0")
        if not since.isdecimal():
            raise BadControl("since must be a number")
        entries = self._journal.to_json(query.get("kind", ""), query.get("name", ""), int(since))
        last = entries[-1]["seq"] if entries else int(since)
        return {"entries": entries, "last": last, "dropped": self._journal.dropped}

    async def advance(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        del request
        seconds = body.get("advance_seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise BadControl("advance_seconds must be a number that is not negative")
        self._clock.advance(seconds)
        return {"now": self._clock.now()}

    async def list_faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        del request, body
        return {
            "orders": [asdict(order) for order in self._faults.orders],
            "thrown": dict(self._faults.thrown),
        }

    async def add_fault(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        self._faults.add(_read_fault(body))
        return await self.list_faults(request, {})

    async def clear_faults(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        self._faults.clear()
        return await self.list_faults(request, body)


def _read_fault(body: dict[str, Any]) -> Fault:
    unknown = sorted(set(body) - _FAULT_FIELDS)
    if unknown:
        raise BadControl(f"unknown arguments {unknown}")
    if body.get("kind") not in set(FaultKind):
        raise BadControl(f"kind must be one of {', '.join(FaultKind)}")
    if not isinstance(body.get("target"), str):
        raise BadControl("target must be a glob over names such as slack:chat.postMessage")
    for name in ("probability", "seconds", "status", "times"):
        value = body.get(name, 0)
        if isinstance(value, bool) or not (
            isinstance(value, int | float) or (name == "times" and value is None)
        ):
            raise BadControl(f"{name} must be a number")
    return Fault(**{**body, "kind": FaultKind(body["kind"]), "code": str(body.get("code", ""))})
