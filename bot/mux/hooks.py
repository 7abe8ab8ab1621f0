"""Reads the endpoints to which Mux sends the events of an environment. Performs no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.mux.reading import Malformed, identifier, link, moment, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One webhook of the environment; `secret` is there only in the answer to its creation."""

    id: str
    address: str
    enabled: bool = True
    created_at: float | None = None
    secret: str = field(default="", repr=False)


# https://www.mux.com/docs/api-reference/system/webhooks
def read_endpoint(data: Mapping[str, Any]) -> Endpoint:
    """Read an endpoint.

    Raises:
        Malformed: `no_id`.
    """
    endpoint_id = identifier(data.get("id"))
    if endpoint_id is None:
        raise Malformed("no_id")
    return Endpoint(
        id=endpoint_id,
        address=link(data.get("address")) or "",
        enabled=data.get("enabled") is not False,
        created_at=moment(data.get("created_at")),
        secret=text(data.get("signing_secret"), limit=1_000),
    )
