"""The addresses to which an environment's events are sent.

https://www.mux.com/docs/api-reference/system/webhooks
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.mux.answers import Refused
from bot.sandbox.mux.model import new_id


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """One address with its own signing secret; `number` is what attempts know it by."""

    id: str
    number: int
    address: str
    secret: str
    created_at: float
    enabled: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the endpoint as the API shows it, without its secret."""
        return {
            "id": self.id,
            "address": self.address,
            "enabled": self.enabled,
            "created_at": iso(self.created_at),
        }


class Endpoints:
    """Every endpoint by id, oldest first."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.by_id: dict[str, Endpoint] = {}

    def add(self, address: Any, at: float, *, secret: str = "") -> Endpoint:
        """Add an endpoint; raise `Refused` (400) for an address that is odd or taken."""
        endpoint = Endpoint(
            id=new_id(length=22),
            number=next(self._numbers),
            address=self._free(address),
            secret=secret or secrets.token_hex(16),
            created_at=at,
        )
        self.by_id[endpoint.id] = endpoint
        return endpoint

    def get(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint; raise `Refused` (404) when there is none of this id."""
        if endpoint_id not in self.by_id:
            raise Refused("not_found", "The requested webhook does not exist", listed=True)
        return self.by_id[endpoint_id]

    def change(self, endpoint: Endpoint, changes: dict[str, Any]) -> None:
        """Move an endpoint, or turn it off or on; raise `Refused` (400) when that makes no sense."""
        enabled = changes.get("enabled", endpoint.enabled)
        if not isinstance(enabled, bool):
            raise Refused("invalid_parameters", "enabled must be a boolean")
        if changes.get("address", endpoint.address) != endpoint.address:
            endpoint.address = self._free(changes["address"])
        endpoint.enabled = enabled

    def _free(self, address: Any) -> str:
        # Mux wants a public address over TLS; on this machine the bot listens on this machine.
        if not isinstance(address, str) or not _is_url(address):
            raise Refused("invalid_parameters", "address must be a URL")
        if any(endpoint.address == address for endpoint in self.by_id.values()):
            raise Refused("invalid_parameters", "address has already been taken")
        return address


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def iso(at: float) -> str:
    """Return a time as Mux's webhooks write it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
