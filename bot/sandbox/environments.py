"""Mux environments and the access tokens that open them."""

from __future__ import annotations

from dataclasses import dataclass

ALL_PERMISSIONS = ("robots:*", "video:*", "system:*")


@dataclass(frozen=True, slots=True, kw_only=True)
class MuxToken:
    """An access token of one environment, and what it may do there."""

    id: str
    secret: str
    name: str = "caption-bot"
    permissions: tuple[str, ...] = ALL_PERMISSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A further Mux environment, with videos of its own; nothing is told of its events until asked."""

    id: str
    name: str
    tokens: tuple[MuxToken, ...]
    terms_accepted: bool = True


RESTRICTED = (
    MuxToken(
        id="sandbox-reader-id",
        secret="sandbox-reader-secret",  # noqa: S106 - made up
        name="reader",
        permissions=("video:read", "system:read"),
    ),
    MuxToken(
        id="sandbox-captioner-id",
        secret="sandbox-captioner-secret",  # noqa: S106 - made up
        name="captioner",
        permissions=("robots:*", "video:*"),
    ),
)
"""Tokens of the first environment that lack something: Robots, or the webhooks."""
NORTHERN = Environment(
    id="nrthwd",
    name="Northwind production",
    tokens=(MuxToken(id="northwind-token-id", secret="northwind-token-secret"),),  # noqa: S106 - made up
)
UNSIGNED = Environment(
    id="unsgnd",
    name="Terms pending",
    tokens=(MuxToken(id="unsigned-token-id", secret="unsigned-token-secret"),),  # noqa: S106 - made up
    terms_accepted=False,
)
