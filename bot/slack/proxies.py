"""Which proxy leads to Slack."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for a URL, None for this machine and NO_PROXY's hosts."""
    # slack-sdk reads HTTPS_PROXY but ignores NO_PROXY, and would send even loopback through it.
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in LOOPBACK or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
